extension HTMLTokenizer {
  /// Reads what the `<!` at `position` begins.
  mutating func declaration() -> HTMLToken {
    let index = position + 2
    if starts(with: "--", at: index) { return comment(from: index + 2) }
    if starts(with: "doctype", at: index) {
      let body = upToCloser(from: index + 7)
      return .doctype(body)
    }
    return bogusComment(from: index)
  }

  /// A comment that ends at the next `>`.
  mutating func bogusComment(from begin: Int) -> HTMLToken { .comment(upToCloser(from: begin)) }

  /// Passes over the next `>`; gives what stands before it.
  private mutating func upToCloser(from begin: Int) -> Range<Int> {
    var index = begin
    while index < bytes.count && bytes[index] != UInt8(ascii: ">") { index += 1 }
    position = min(index + 1, bytes.count)
    return begin..<index
  }

  /// A comment whose text begins at `begin`; it ends at `-->` or `--!>`, and `<!-->` is one as well.
  private mutating func comment(from begin: Int) -> HTMLToken {
    // The two dashes of `<!--` count for an end, as far as `<!-->` and `<!--->` go.
    if starts(with: ">", at: begin) || starts(with: "->", at: begin) {
      position = begin + (bytes[begin] == UInt8(ascii: ">") ? 1 : 2)
      return .comment(begin..<begin)
    }
    var index = begin
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "-") && starts(with: "--", at: index) {
        let isBang = starts(with: "!", at: index + 2)
        let closer = index + (isBang ? 3 : 2)
        if starts(with: ">", at: closer) {
          position = closer + 1
          return .comment(begin..<index)
        }
      }
      index += 1
    }
    position = bytes.count
    return .comment(begin..<endOfOpenComment(from: begin))
  }

  /// Where the text of a comment ends that the end of the input closes: dashes, and the `!` behind
  /// two of them, were on the way to be its end.
  private func endOfOpenComment(from begin: Int) -> Int {
    let rest = bytes[begin...]
    for mark in ["--!", "--", "-"] where rest.count >= mark.utf8.count {
      if rest.suffix(mark.utf8.count).elementsEqual(mark.utf8) {
        return bytes.count - mark.utf8.count
      }
    }
    return bytes.count
  }

  /// True where `text`, in lower case, stands at `index`, in any case.
  func starts(with text: StaticString, at index: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard index + count <= bytes.count else { return false }
    return text.withUTF8Buffer { utf8 in
      for offset in 0..<count where unsafe folded(bytes[index + offset]) != utf8[offset] {
        return false
      }
      return true
    }
  }
}
