/// What a language model was made of.
public struct KneserNeyReport: Equatable, Sendable {
  /// The n-grams of one length.
  public struct Order: Equatable, Sendable {
    /// Different n-grams in the text.
    public var count: Int
    /// Those that the model holds.
    public var kept: Int
    /// What is taken from adjusted counts of 1, 2, and 3 and more.
    public var discounts: [Float]
    /// True where the counts gave no discounts and the fallback was taken.
    public var isFallback: Bool
  }

  /// Words of the text, sentence marks not counted.
  public var tokens: Int
  /// Different words, with `<unk>`, `<s>` and `</s>`.
  public var types: Int
  public var sentences: Int
  /// By length, unigrams first.
  public var orders: [Order]
  /// Sorted runs that were written to the disk because the text did not fit into memory; 1 where it did.
  public var runs: Int
  /// Bytes of the ARPA file.
  public var size: Int
}

/// How far the training is.
public struct KneserNeyProgress: Equatable, Sendable {
  public enum Stage: String, Sendable, CaseIterable {
    /// Done is words; how many there will be is not known.
    case counting = "counting n-grams"
    /// Done and total are the longest n-grams.
    case adjusting = "adjusting counts"
    /// Done and total are lengths, of two words and more.
    case estimating = "estimating probabilities"
    /// Done and total are n-grams of all lengths, those that are left out as well.
    case writing = "writing the model"
  }

  public var stage: Stage
  public var done: Int
  /// nil where it is not known.
  public var total: Int?
}
