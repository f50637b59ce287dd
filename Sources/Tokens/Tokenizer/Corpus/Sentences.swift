/// What becomes of a line of text in training.
enum SentenceFate {
  case kept
  case empty
  /// Longer than `maxSentenceLength`.
  case tooLong
  /// Has U+2585, which stands for rare characters.
  case reserved

  init(_ line: Span<UInt8>, limit: Int) {
    self =
      line.isEmpty
      ? .empty : line.count > limit ? .tooLong : hasReservedCharacter(line) ? .reserved : .kept
  }
}

/// Calls `body` with the place of each line of `text`, without its line feed.
@inline(__always)
func forEachLine(in text: Span<UInt8>, _ body: (Range<Int>) throws -> Void) rethrows {
  var start = 0
  while start < text.count {
    let end = firstIndex(of: 0x0a, in: text, from: start) ?? text.count
    try body(start..<end)
    start = end + 1
  }
}
