import Glibc
import Ground

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

private func firstIndex(of byte: UInt8, in text: Span<UInt8>, from start: Int) -> Int? {
  guard start < text.count else { return nil }
  return unsafe text.withUnsafeBytes { all in
    guard let base = all.baseAddress,
      let found = unsafe memchr(base + start, CInt(byte), all.count - start)
    else { return nil }
    return unsafe base.distance(to: UnsafeRawPointer(found))
  }
}

private func hasReservedCharacter(_ line: Span<UInt8>) -> Bool {
  var from = 0
  while let place = firstIndex(of: 0xe2, in: line, from: from) {
    if place + 2 < line.count && line[place + 1] == 0x96 && line[place + 2] == 0x85 { return true }
    from = place + 1
  }
  return false
}
