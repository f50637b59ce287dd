/// The losses of recent steps, by which a spike is told from noise.
///
/// - SeeAlso: llm.c, `llmc/outlier_detector.h`: the deviation of the last 128, none before there are
///   as many. Other than there, a spike itself is not added: the next would hide behind it.
public struct LossWindow: Hashable, Sendable {
  /// The oldest first.
  public private(set) var losses: [Double] = []

  /// A deviation below this, in nats, counts as this.
  ///
  /// Where losses hardly differ, a small rise is no spike. Ours to choose.
  public static let leastDeviation = 0.01

  public init() {}

  init(_ losses: [Double]) { self.losses = losses }

  public var mean: Double { losses.reduce(0, +) / Double(max(1, losses.count)) }

  /// How many deviations a loss lies above the mean; nil until `length` losses were added.
  public func score(of loss: Double, length: Int) -> Double? {
    guard losses.count >= length else { return nil }
    let mean = mean
    let squares = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(losses.count)).squareRoot()
    return (loss - mean) / max(deviation, Self.leastDeviation)
  }

  /// Adds a loss, and forgets what is older than the last `length`.
  public mutating func add(_ loss: Double, length: Int) {
    losses.append(loss)
    if losses.count > length { losses.removeFirst(losses.count - length) }
  }
}
