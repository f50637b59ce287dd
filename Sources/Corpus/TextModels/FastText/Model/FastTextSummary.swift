import Ground

/// What is inside a fastText model.
public struct FastTextSummary: Equatable, Sendable {
  /// The file's version: 11 or 12.
  public var version: Int
  public var settings: FastTextSettings
  /// Words and labels of the vocabulary, and tokens of the text it was made from.
  public var words: Int
  public var labels: Int
  public var tokens: Int64
  /// N-grams that a pruned model has kept; nil where it is not pruned.
  public var keptGrams: Int?
  /// Rows of the input matrix, each of `settings.dim` numbers.
  public var inputRows: Int
  public var outputRows: Int
  /// Whether the rows of the matrices are codes for centroids.
  public var isInputQuantised: Bool
  public var isOutputQuantised: Bool
  /// Whether the length of a quantised row is a code of its own.
  public var areNormsQuantised: Bool
  /// Columns that one code of the input matrix stands for.
  public var codeWidth: Int?
  /// Bytes of the file, and those of them that are the vocabulary, pairs of kept n-grams included, and
  /// the matrices.
  public var fileBytes: Int
  public var vocabularyBytes: Int
  public var inputBytes: Int
  public var outputBytes: Int
  /// Bytes of memory that the model takes beside its mapped file.
  public var indexBytes: Int
}

extension FastTextModel {
  /// What is inside, with the bytes it takes.
  public var summary: FastTextSummary {
    FastTextSummary(
      version: version, settings: settings, words: vocabulary.words, labels: vocabulary.labels,
      tokens: vocabulary.tokens, keptGrams: pruning?.count, inputRows: input.rows,
      outputRows: output.rows, isInputQuantised: input.quantiser != nil,
      isOutputQuantised: output.quantiser != nil,
      areNormsQuantised: input.quantiser?.norms != nil, codeWidth: input.quantiser?.width,
      fileBytes: file.count, vocabularyBytes: vocabulary.byteCount + 8 * (pruning?.count ?? 0),
      inputBytes: input.byteCount, outputBytes: output.byteCount,
      indexBytes: vocabulary.indexBytes + (pruning?.indexBytes ?? 0) + (panels?.byteCount ?? 0)
        + (tree.map { 16 * $0.leaves } ?? 0))
  }

  /// Whether the rows of the input matrix are codes for centroids, as in an `.ftz`.
  public var isQuantised: Bool { input.quantiser != nil }
}
