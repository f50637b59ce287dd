public import Ground

/// A classifier in memory, trained or read, to be written or quantised.
///
/// - Note: Training it again would change it; it is done with by then.
public final class TrainedFastText: Sendable {
  public let settings: FastTextSettings
  /// Words and labels, and how often each came.
  let entries: FastTextEntries
  /// Tokens of the training text.
  public let tokens: Int
  public let textCounts: FastTextTextCounts
  let input: RowMatrix
  let output: RowMatrix

  init(
    settings: FastTextSettings, entries: FastTextEntries, tokens: Int,
    textCounts: FastTextTextCounts, input: RowMatrix, output: RowMatrix
  ) {
    self.settings = settings
    self.entries = entries
    self.tokens = tokens
    self.textCounts = textCounts
    self.input = input
    self.output = output
  }

  /// Words with a row of their own.
  public var wordCount: Int { entries.wordCount }
  public var labelCount: Int { entries.labelCount }
  /// Bytes that `write(to:)` writes.
  public var fileSize: Int {
    FastTextFile.headerSize(entries, pruned: 0)
      + 2 * FastTextFile.matrixHeader + 4 * (input.rows + output.rows) * Int(settings.dim)
  }

  /// Writes a `.bin` file, which appears whole or not at all.
  public func write(to path: String) throws(Fault) {
    var file = try AtomicFile(path: path)
    try file.write(FastTextFile.header(settings, entries, tokens: tokens, pruned: nil))
    try file.write([0])
    try FastTextFile.write(input, to: &file)
    try file.write([0])
    try FastTextFile.write(output, to: &file)
    try file.commit()
  }
}
