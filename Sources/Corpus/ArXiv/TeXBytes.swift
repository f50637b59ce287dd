/// Small questions about TeX source, asked of its bytes; every answer costs what it passes over.
extension [UInt8] {
  /// The end of the control sequence whose backslash stands at `start`: letters, or one other byte.
  func controlEnd(_ start: Int, atIsLetter: Bool = false) -> Int {
    var end = start + 1
    while end < count, isLetter(self[end]) || (atIsLetter && self[end] == 0x40) { end += 1 }
    return end > start + 1 ? end : Swift.min(start + 2, count)
  }

  /// The first byte from `start` on that is neither blank nor the end of a line.
  func afterBlanks(_ start: Int) -> Int {
    var index = start
    while index < count, isBlank(self[index]) || self[index] == 0x0a { index += 1 }
    return index
  }

  /// The place behind the `}` that closes the `{` at `start`; nil where none does.
  func groupEnd(_ start: Int) -> Int? { end(start, open: 0x7b, close: 0x7d) }

  /// The place behind the `]` that closes the `[` at `start`, outside of braces.
  func optionEnd(_ start: Int) -> Int? {
    var depth = 0
    var index = start + 1
    while index < count {
      switch self[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      case UInt8(ascii: "]") where depth == 0: return index + 1
      default: break
      }
      if depth < 0 { return nil }
      index += 1
    }
    return nil
  }

  private func end(_ start: Int, open: UInt8, close: UInt8) -> Int? {
    var depth = 0
    var index = start
    while index < count {
      let byte = self[index]
      if byte == UInt8(ascii: "\\") {
        index += 1
      } else if byte == open {
        depth += 1
      } else if byte == close {
        depth -= 1
        if depth == 0 { return index + 1 }
      }
      index += 1
    }
    return nil
  }

  /// The text of the group that begins at `start` or behind blanks, and the place behind it.
  func group(_ start: Int) -> (inner: ArraySlice<UInt8>, end: Int)? {
    let open = afterBlanks(start)
    guard open < count, self[open] == UInt8(ascii: "{"), let end = groupEnd(open) else {
      return nil
    }
    return (self[open + 1..<end - 1], end)
  }

  /// The first place of `word` from `start` on.
  func find(_ word: [UInt8], from start: Int) -> Int? {
    guard let first = word.first, count >= word.count, start <= count - word.count else {
      return nil
    }
    var index = start
    while index <= count - word.count {
      if self[index] == first && self[index..<index + word.count].elementsEqual(word) {
        return index
      }
      index += 1
    }
    return nil
  }

  func contains(_ word: String) -> Bool { find(Array(word.utf8), from: 0) != nil }

  /// The next backslash from `start` on, or the end.
  func nextBackslash(_ start: Int) -> Int {
    var index = start
    while index < count, self[index] != UInt8(ascii: "\\") { index += 1 }
    return index
  }

  /// True where the bytes at `start` are `word`.
  func has(_ word: String, at start: Int) -> Bool {
    guard start + word.utf8.count <= count else { return false }
    var index = start
    for byte in word.utf8 {
      if self[index] != byte { return false }
      index += 1
    }
    return true
  }
}

func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

/// The bytes as text, for names and messages.
func string(_ bytes: some Sequence<UInt8>) -> String {
  String(decoding: Array(bytes), as: UTF8.self)
}
