/// The lines of a text without white space at their ends, empty lines at the end of the text gone.
///
/// Lines end at `\n`, `\r\n` or `\r`, and white space is Unicode's, as Python's text files and
/// `str.strip` have it, by which CCNet reads.
struct StrippedLines {
  /// The first line, where it was asked for; it is no part of the text.
  private(set) var title: [UInt8] = []
  /// The lines, joined by `\n`.
  private(set) var text: [UInt8] = []
  private(set) var count = 0

  /// - Complexity: O(n).
  init(of source: [UInt8], takesTitle: Bool) {
    text.reserveCapacity(source.count)
    var isTitle = takesTitle
    var emptyLines = 0
    unsafe source.withUnsafeBufferPointer { source in
      var begin = 0
      while begin < source.count {
        var end = begin
        while unsafe end < source.count && source[end] != 0x0a && source[end] != 0x0d { end += 1 }
        let line = unsafe stripped(UnsafeBufferPointer(rebasing: source[begin..<end]))
        if isTitle {
          title = unsafe Array(line)
          isTitle = false
        } else if line.isEmpty {
          emptyLines += 1
        } else {
          let breaks = emptyLines + (count > 0 ? 1 : 0)
          for _ in 0..<breaks { text.append(0x0a) }
          unsafe text.append(contentsOf: line)
          count += emptyLines + 1
          emptyLines = 0
        }
        let isPair = unsafe end + 1 < source.count && source[end] == 0x0d && source[end + 1] == 0x0a
        begin = end + (isPair ? 2 : 1)
      }
    }
  }
}

private func stripped(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
  var (begin, end) = (0, line.count)
  while begin < end {
    let length = unsafe leadingSpace(line, begin, end)
    if length == 0 { break }
    begin += length
  }
  while end > begin {
    let length = unsafe trailingSpace(line, begin, end)
    if length == 0 { break }
    end -= length
  }
  return unsafe UnsafeBufferPointer(rebasing: line[begin..<end])
}

private func leadingSpace(_ line: UnsafeBufferPointer<UInt8>, _ begin: Int, _ end: Int) -> Int {
  let byte = unsafe line[begin]
  if byte < 0x80 { return isSpace(byte) ? 1 : 0 }
  if byte == 0xc2, begin + 1 < end { return unsafe isSpace(byte, line[begin + 1]) ? 2 : 0 }
  guard byte >= 0xe1, byte <= 0xe3, begin + 2 < end else { return 0 }
  return unsafe isSpace(byte, line[begin + 1], line[begin + 2]) ? 3 : 0
}

private func trailingSpace(_ line: UnsafeBufferPointer<UInt8>, _ begin: Int, _ end: Int) -> Int {
  let byte = unsafe line[end - 1]
  if byte < 0x80 { return isSpace(byte) ? 1 : 0 }
  if unsafe end - begin >= 2 && isSpace(line[end - 2], byte) { return 2 }
  if unsafe end - begin >= 3 && isSpace(line[end - 3], line[end - 2], byte) { return 3 }
  return 0
}

private func isSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || (byte >= 0x09 && byte <= 0x0d) || (byte >= 0x1c && byte <= 0x1f)
}

/// U+0085 and U+00A0.
private func isSpace(_ first: UInt8, _ second: UInt8) -> Bool {
  first == 0xc2 && (second == 0x85 || second == 0xa0)
}

/// U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F and U+3000.
private func isSpace(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
  switch (first, second) {
  case (0xe1, 0x9a): third == 0x80
  case (0xe2, 0x80): third <= 0x8a || third == 0xa8 || third == 0xa9 || third == 0xaf
  case (0xe2, 0x81): third == 0x9f
  case (0xe3, 0x80): third == 0x80
  default: false
  }
}
