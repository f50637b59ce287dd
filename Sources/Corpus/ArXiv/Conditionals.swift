/// Decides the conditionals whose outcome stands in the source: `\iffalse`, `\iftrue`, `\if 0 1`.
struct Conditionals {
  /// Every conditional that counts when `\fi` is looked for: TeX's own and the paper's `\newif`s.
  private var names: Set<String> = [
    "if", "ifx", "ifnum", "ifdim", "ifodd", "ifvmode", "ifhmode", "ifmmode", "ifinner", "ifcat",
    "ifvoid", "ifhbox", "ifvbox", "ifeof", "iftrue", "iffalse", "ifcase", "ifdefined", "ifcsname",
    "iffontchar", "ifpdf", "ifxetex", "ifluatex", "unless",
  ]
  /// Set once a conditional was found without end, or too much was searched: then no other is
  /// looked at, so that hostile input costs no more than some lengths.
  private var isBroken = false
  private var searched = 0
  /// How many times the text may be searched through in all; ours.
  private static let patience = 16

  /// Takes note of every `\newif\ifname` in `text`.
  mutating func declare(in text: [UInt8]) {
    let mark = Array("\\newif".utf8)
    var start = 0
    while let found = text.find(mark, from: start) {
      start = found + mark.count
      let name = text.afterBlanks(start)
      guard name < text.count, text[name] == UInt8(ascii: "\\") else { continue }
      names.insert(string(text[name + 1..<text.controlEnd(name, atIsLetter: true)]))
    }
  }

  /// Which bytes of a conditional stay: those before `skips`, and those between it and `end`.
  struct Branch {
    /// The first byte that stays.
    var start: Int
    /// What to leave out when it is reached: `\fi`, or `\else` to `\fi`.
    var tail: Range<Int>?
  }

  /// The branch that TeX takes of the conditional at the backslash `start`; nil where the source
  /// does not say, or this is none.
  mutating func branch(in text: [UInt8], at start: Int) -> Branch? {
    guard !isBroken, start + 1 < text.count, text[start + 1] == UInt8(ascii: "i"),
      text.has("\\if", at: start)
    else { return nil }
    let end = text.controlEnd(start)
    let outcome: (isTrue: Bool, end: Int)
    switch string(text[start + 1..<end]) {
    case "iffalse": outcome = (false, end)
    case "iftrue": outcome = (true, end)
    case "if":
      guard let compared = compare(text, end) else { return nil }
      outcome = compared
    default: return nil
    }
    guard let first = close(in: text, from: outcome.end) else {
      isBroken = true
      return nil
    }
    searched += first.range.upperBound - start
    if searched > Self.patience * text.count { isBroken = true }
    if !first.isElse {
      return outcome.isTrue
        ? Branch(start: outcome.end, tail: first.range)
        : Branch(start: first.range.upperBound, tail: nil)
    }
    searched += first.range.upperBound - start
    guard let second = close(in: text, from: first.range.upperBound) else {
      isBroken = true
      return nil
    }
    return outcome.isTrue
      ? Branch(start: outcome.end, tail: first.range.lowerBound..<second.range.upperBound)
      : Branch(start: first.range.upperBound, tail: second.range)
  }

  /// `\if` with two plain characters behind it; a line's end is the character blank.
  private func compare(_ text: [UInt8], _ end: Int) -> (isTrue: Bool, end: Int)? {
    var index = end
    while index < text.count, isBlank(text[index]) { index += 1 }
    guard index + 1 < text.count, isPlain(text[index]),
      isPlain(text[index + 1]) || isBlank(text[index + 1]) || text[index + 1] == 0x0a
    else { return nil }
    return (text[index] == text[index + 1], index + 2)
  }

  private func isPlain(_ byte: UInt8) -> Bool {
    isLetter(byte) || (0x30...0x39).contains(byte)
  }

  /// The `\else` or `\fi` that belongs to a conditional whose first branch begins at `start`.
  private func close(in text: [UInt8], from start: Int) -> (range: Range<Int>, isElse: Bool)? {
    var depth = 0
    var index = start
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "%"):
        while index < text.count, text[index] != 0x0a { index += 1 }
      case UInt8(ascii: "\\"):
        let end = text.controlEnd(index, atIsLetter: true)
        let name = text[index + 1..<end]
        if name.elementsEqual("fi".utf8) {
          if depth == 0 { return (index..<end, false) }
          depth -= 1
        } else if depth == 0, name.elementsEqual("else".utf8) {
          return (index..<end, true)
        } else if name.starts(with: "if".utf8), names.contains(string(name)) {
          depth += 1
        } else if name.elementsEqual("newif".utf8) {
          // The name that it declares is no conditional here.
          let next = text.afterBlanks(end)
          if next < text.count, text[next] == UInt8(ascii: "\\") {
            index = text.controlEnd(next, atIsLetter: true)
            continue
          }
        }
        index = end
      default: index += 1
      }
    }
    return nil
  }
}
