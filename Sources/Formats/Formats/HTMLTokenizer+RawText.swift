extension HTMLTokenizer {
  /// Reads the text of an element in which tags are text, up to its end tag, which comes next.
  ///
  /// For `script`, `<!--` and `<script` inside hide an end tag, as the standard has it.
  package mutating func rawText(of tag: HTMLTag) -> Range<Int> {
    let begin = position
    let name = tag.name.map { folded(bytes[$0]) }
    position =
      name == Array("script".utf8)
      ? endOfScript(name, from: begin) : endOfRawText(name, from: begin)
    return begin..<position
  }

  private func endOfRawText(_ name: [UInt8], from begin: Int) -> Int {
    var index = begin
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "<") && isEndTag(name, at: index) { return index }
      index += 1
    }
    return index
  }

  private enum Escape { case none, single, double }

  private func endOfScript(_ name: [UInt8], from begin: Int) -> Int {
    var index = begin
    var escape = Escape.none
    var dashes = 0
    while index < bytes.count {
      let byte = bytes[index]
      guard byte == UInt8(ascii: "<") else {
        if byte == UInt8(ascii: ">") && dashes >= 2 { escape = .none }
        dashes = byte == UInt8(ascii: "-") ? dashes &+ 1 : 0
        index += 1
        continue
      }
      dashes = 0
      if isEndTag(name, at: index) {
        if escape != .double { return index }
        escape = .single
        index += 2 + name.count
      } else if escape == .none && starts(with: "!--", at: index + 1) {
        escape = .single
        dashes = 2
        index += 4
      } else if escape == .single && isName(name, at: index + 1) {
        escape = .double
        index += 1 + name.count
      } else {
        index += 1
      }
    }
    return index
  }

  private func isEndTag(_ name: [UInt8], at index: Int) -> Bool {
    index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "/") && isName(name, at: index + 2)
  }

  /// True where `name` stands at `index` as a whole word.
  private func isName(_ name: [UInt8], at index: Int) -> Bool {
    guard index + name.count < bytes.count else { return false }
    for offset in name.indices where folded(bytes[index + offset]) != name[offset] {
      return false
    }
    let after = bytes[index + name.count]
    return isSpace(after) || after == UInt8(ascii: "/") || after == UInt8(ascii: ">")
  }
}
