/// One label that a classifier gives to a text.
public struct FastTextPrediction: Equatable, Sendable {
  /// The label's number: ``FastTextModel/label(_:)`` has its name.
  public var label: Int
  /// How likely the label is, by the program's own reckoning: e to the logarithm of the probability
  /// plus 1e-5, so that it may be 1.00001, and with a hierarchical softmax a product of such.
  ///
  /// The labels of one text add up to 1 with softmax, to about 1 with a hierarchical one, and to
  /// anything with the other losses, which answer for each label alone.
  public var probability: Float
}

/// What a line feed inside a text means to a classifier, which sees one line at a time.
public enum FastTextLineFeeds: Sendable {
  /// As much as a blank: it parts words, and the text is one line.
  case separate
  /// The end: what comes behind it is not looked at, as where the program reads one line of a file.
  case end
  /// Nothing: it is taken out, which joins the words around it; CCNet's way with documents.
  case vanish
}
