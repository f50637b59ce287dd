internal import Ground

/// How long training goes on, and how its rate falls: linearly, by tokens.
struct TrainingSchedule: Sendable {
  var rate: Double
  var epochs: Int
  /// Tokens of an epoch.
  var tokens: Int
  /// Tokens after which the rate changes.
  var updateRate: Int
}

/// How far a training is.
public struct FastTextProgress: Sendable {
  /// Tokens so far, over all epochs, and in the end.
  public var tokens: Int
  public var totalTokens: Int
  public var tokensPerSecond: Double
  /// The learning rate now.
  public var rate: Double
  /// The mean loss of an example so far, in nats.
  public var loss: Double
  public var secondsLeft: Double

  /// The part that is done, 0 to 1.
  public var fraction: Double { Double(tokens) / Double(max(1, totalTokens)) }
}

/// Counts tokens and loss, and knows the rate.
struct TrainingMeter {
  private let schedule: TrainingSchedule
  private let total: Int
  private let start = ContinuousClock.now
  private var told = ContinuousClock.now
  private var tokens = 0
  /// Tokens that the rate does not know of yet.
  private var waiting = 0
  private var loss = 0.0
  private var examples = 0
  private var blocks = 0
  private(set) var rate: Float

  init(_ schedule: TrainingSchedule) {
    self.schedule = schedule
    total = max(1, schedule.epochs * schedule.tokens)
    rate = Float(schedule.rate)
  }

  mutating func advance(tokens count: Int) {
    waiting += count
    guard waiting > schedule.updateRate else { return }
    tokens += waiting
    waiting = 0
    rate = Float(schedule.rate * (1 - min(1, Double(tokens) / Double(total))))
  }

  /// - Throws: `Fault` where the loss is no number any more.
  mutating func add(loss more: Float) throws(Fault) {
    guard more.isFinite else {
      throw Fault(
        "training", at: 0,
        .unusable(
          "the numbers have grown beyond all bounds after \(tokens) tokens: lower the learning rate"
        ))
    }
    loss += Double(more)
    examples += 1
  }

  private var progress: FastTextProgress {
    let seconds = max(1e-6, (ContinuousClock.now - start) / .seconds(1))
    let speed = Double(tokens) / seconds
    return FastTextProgress(
      tokens: tokens, totalTokens: total, tokensPerSecond: speed, rate: Double(rate),
      loss: loss / Double(max(1, examples)),
      secondsLeft: speed > 0 ? Double(total - tokens) / speed : .infinity)
  }

  /// Tells how far it is, some times a second.
  mutating func report(_ body: (FastTextProgress) throws -> Void) throws {
    blocks &+= 1
    guard blocks & 15 == 0, ContinuousClock.now - told > .milliseconds(200) else { return }
    told = .now
    try body(progress)
  }

  /// Tells of the end.
  mutating func finish(_ body: (FastTextProgress) throws -> Void) throws {
    tokens = total
    rate = 0
    try body(progress)
  }
}
