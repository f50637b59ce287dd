/// What ARPA text may lack, and what is done about it; the defaults are KenLM's.
public struct ArpaRules: Equatable, Sendable {
  /// The logarithm of `<unk>` where the text does not have it.
  public var unknownLogarithm: Float = -100
  /// Take a text without `<s>` or `</s>`; they are then unknown words.
  public var allowsMissingMarks = false
  /// Take logarithms above 0, which IRSTLM writes, for 0.
  public var clampsPositive = false

  public init() {}
}
