import CTextModels

/// The tokens of a text, as fastText reads them.
///
/// Blanks, tabs, line feeds, vertical tabs, form feeds, carriage returns and NUL part tokens. Every
/// line feed is a token of its own besides, ``endOfLine``; a text that spells this token out has its
/// line end there as well. At the end of a text without a line feed, no such token is made up.
///
/// - SeeAlso: `facebookresearch/fastText` `src/dictionary.cc`, `readWord` and `getLine`.
@unsafe struct FastTextTokens {
  /// Ends every line; a token like the others, but without character n-grams.
  static let endOfLine: [UInt8] = Array("</s>".utf8)
  /// What it hashes to.
  static let endOfLineHash: UInt32 = unsafe endOfLine.withUnsafeBufferPointer {
    unsafe FastTextHashing.hash($0)
  }

  @unsafe enum Token {
    /// These bytes; never empty, and never ``endOfLine``.
    case word(UnsafeBufferPointer<UInt8>)
    /// The line ends here: a line feed, or the token spelled out.
    case endOfLine
  }

  private let text: UnsafeBufferPointer<UInt8>
  /// Where to go on in the text.
  private(set) var place: Int

  init(_ text: UnsafeBufferPointer<UInt8>, from place: Int = 0) {
    unsafe self.text = unsafe text
    unsafe self.place = place
  }

  /// The next token; nil at the end of the text.
  @inline(__always)
  mutating func next() -> Token? {
    guard let base = unsafe text.baseAddress else { return nil }
    while unsafe place < text.count {
      let byte = unsafe base[place]
      if byte == 0x0a {
        unsafe place += 1
        return unsafe .endOfLine
      }
      if quipu_fasttext_parts(byte) == 0 { break }
      unsafe place += 1
    }
    guard unsafe place < text.count else { return nil }
    let start = unsafe place
    unsafe place = unsafe quipu_fasttext_token_end(base, start, text.count)
    let token = unsafe UnsafeBufferPointer(start: base + start, count: place - start)
    return unsafe Self.isEndOfLine(token) ? .endOfLine : .word(token)
  }

  @inline(__always)
  static func isEndOfLine(_ token: UnsafeBufferPointer<UInt8>) -> Bool {
    unsafe token.count == 4 && token[0] == 0x3c && token[1] == 0x2f && token[2] == 0x73
      && token[3] == 0x3e
  }

  /// Whether fastText takes a token that is not in the vocabulary for a label, which says nothing.
  static func isLabel(
    _ token: UnsafeBufferPointer<UInt8>, prefix: [UInt8] = Array(FastTextSettings.labelPrefix.utf8)
  ) -> Bool {
    unsafe token.count >= prefix.count && token.prefix(prefix.count).elementsEqual(prefix)
  }
}
