/// One number that an evaluation gives.
public struct Measurement: Equatable, Sendable {
  /// The task, or a source of text.
  public var name: String
  /// Such as `accuracy` or `bits a byte`.
  public var measure: String
  public var value: Double
  /// The standard error of a share of questions; nil for one question and for text.
  public var error: Double?
  /// Questions, or tokens of text.
  public var count: Int
  /// Examples before each question; nil for text.
  public var shots: Int?

  public init(
    name: String, measure: String, value: Double, error: Double? = nil, count: Int,
    shots: Int? = nil
  ) {
    self.name = name
    self.measure = measure
    self.value = value
    self.error = error
    self.count = count
    self.shots = shots
  }

  /// The share of right answers, with the standard error of a sample's mean, √(p (1 - p) / (n - 1)).
  ///
  /// - SeeAlso: EleutherAI/lm-evaluation-harness `lm_eval/api/metrics.py`, `mean_stderr`.
  static func share(
    of isRight: [Bool], name: String, measure: String, shots: Int
  ) -> Measurement {
    let count = isRight.count
    let share = Double(isRight.count { $0 }) / Double(count)
    let error = count > 1 ? (share * (1 - share) / Double(count - 1)).squareRoot() : nil
    return Measurement(
      name: name, measure: measure, value: share, error: error, count: count, shots: shots)
  }
}
