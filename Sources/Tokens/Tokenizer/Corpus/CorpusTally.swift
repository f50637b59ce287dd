/// What was found in a corpus on the way to its counts.
public struct CorpusTally: Equatable, Sendable {
  /// Decoded bytes that were read.
  public var bytes = 0
  /// Documents; none where the sentences are those of text files.
  public var documents = 0
  /// Lines that are no documents.
  public var badDocuments = 0
  /// Sentences that can be trained on, sampled or not.
  public var sentences = 0
  /// Sentences that were left out for their length.
  public var tooLong = 0
  /// Sentences that were left out because they have U+2585, which stands for rare characters.
  public var reserved = 0

  static func += (left: inout Self, right: Self) {
    left.bytes += right.bytes
    left.documents += right.documents
    left.badDocuments += right.badDocuments
    left.sentences += right.sentences
    left.tooLong += right.tooLong
    left.reserved += right.reserved
  }
}
