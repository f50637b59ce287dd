/// How far a run is: with the parameters and their moments, all that going on needs.
public struct TrainingState: Hashable, Sendable {
  /// Steps done.
  public var step = 0
  /// Steps that changed the parameters, having a finite gradient; AdamW counts these.
  public var updates = 0
  /// The next sample in the order of sequences.
  public var sample = 0
  /// Tokens seen, as inputs.
  public var tokens = 0
  /// Steps without a finite gradient since the last that had one.
  public var skips = 0

  public init() {}

  /// Numbers that another rank can rebuild the state from; exact up to 2⁵³.
  var numbers: [Double] { [step, updates, sample, tokens, skips].map(Double.init) }

  init(numbers: [Double]) {
    precondition(numbers.count == 5, "a state of \(numbers.count) numbers")
    (step, updates, sample) = (Int(numbers[0]), Int(numbers[1]), Int(numbers[2]))
    (tokens, skips) = (Int(numbers[3]), Int(numbers[4]))
  }
}
