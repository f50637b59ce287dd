/// Writes lines without their inline markup: quotes, switches, references, and what removed
/// templates leave around the place where they stood.
struct LineWriter {
  private let stash: Stash
  private var output: [UInt8] = []
  private var lineStart = 0
  /// Where the brackets of this line that are still open stand in the output.
  private var open: [Int] = []
  /// The last of them, where something was removed right behind it.
  private var hollow: Int?
  private var blankLines = 0

  private static let deepest = 64

  init(stash: Stash) { self.stash = stash }

  /// What has been written since the last call, without blank lines around it.
  mutating func take() -> [UInt8] {
    defer {
      output.removeAll(keepingCapacity: true)
      blankLines = 0
    }
    var end = output.count
    while end > 0, output[end - 1] <= 0x20 { end -= 1 }
    return Array(output[..<end])
  }

  /// Writes one line of a section's text, and its end.
  mutating func writeBodyLine(_ text: [UInt8], _ line: Range<Int>) {
    var line = line
    var isVerbatim = false
    if line.isEmpty || text[line].allSatisfy({ $0 <= 0x20 }) {
      blankLines += 1
      return
    }
    if text[line.lowerBound] == 0x20 {
      isVerbatim = true
      line = line.lowerBound + 1..<line.upperBound
    } else {
      line = line.lowerBound + markerLength(text, line)..<line.upperBound
    }
    let start = output.count
    if start > 0 { output += blankLines > 0 ? [0x0a, 0x0a] : [0x0a] }
    if isRow(text, line) || !writeLine(text, line, isVerbatim: isVerbatim) {
      // Nothing came of the line: no trace of it, but a blank line before it still separates.
      output.truncate(to: start)
    } else {
      blankLines = 0
    }
  }

  /// Bytes of the list markers, or the rule, that the line begins with.
  private func markerLength(_ text: [UInt8], _ line: Range<Int>) -> Int {
    var index = line.lowerBound
    while index < line.upperBound, listMarkers.contains(text[index]) { index += 1 }
    if index == line.lowerBound {
      while index < line.upperBound, text[index] == UInt8(ascii: "-") { index += 1 }
      if index - line.lowerBound < 4 { index = line.lowerBound }
    }
    while index < line.upperBound, text[index] == 0x20 || text[index] == 0x09 { index += 1 }
    return index - line.lowerBound
  }

  /// True for what is left of a table or template without an end.
  private func isRow(_ text: [UInt8], _ line: Range<Int>) -> Bool {
    guard let start = line.first(where: { text[$0] > 0x20 }) else { return false }
    if text[start] == UInt8(ascii: "|") || text.has("{|", at: start) { return true }
    return text[start] == UInt8(ascii: "!") && start + 2 < line.upperBound
      && (start..<line.upperBound - 1).contains { text.has("!!", at: $0) }
  }

  /// Writes a line without its end; false, and the output as it was, where nothing is left of it.
  ///
  /// In a verbatim line spaces matter, as in code, and no brackets are tidied.
  @discardableResult
  mutating func writeLine(
    _ text: [UInt8], _ line: Range<Int>, isHeading: Bool = false, isVerbatim: Bool = false
  ) -> Bool {
    lineStart = output.count
    open.removeAll(keepingCapacity: true)
    hollow = nil
    let split = boldThatIsItalic(text, line)
    var index = line.lowerBound
    while index < line.upperBound {
      let next = special.firstIndex(in: text, from: index, to: line.upperBound)
      output += text[index..<next]
      index = next
      guard index < line.upperBound else { break }
      switch text[index] {
      case UInt8(ascii: "'"): index = passQuotes(text, index, line.upperBound, split)
      case UInt8(ascii: "_"): index = passSwitch(text, index, line.upperBound)
      case UInt8(ascii: "&"): index = passReference(text, index, line.upperBound)
      case Stash.begin: index = passMark(text, index)
      case seam:
        if open.last == output.count - 1 { hollow = open.last }
        index += 1
      case softBreak:
        dropBlanks()
        output.append(isHeading ? 0x20 : 0x0a)
        index += 1
      case let byte where isVerbatim:
        output.append(byte)
        index += 1
      default:
        tidy(text[index], before: index + 1 < line.upperBound ? text[index + 1] : 0x0a)
        index += 1
      }
    }
    dropBlanks()
    let hasText = isVerbatim ? output.count > lineStart : hasWords
    if !hasText { output.truncate(to: lineStart) }
    return hasText
  }

  /// Spaces and punctuation around a place that has become empty.
  private mutating func tidy(_ byte: UInt8, before next: UInt8) {
    let last = output.count > lineStart ? output[output.count - 1] : 0x0a
    let isAtStart = output.count == lineStart
    let isAfterOpen = open.last == output.count - 1 && output.count > lineStart
    switch byte {
    case 0x20, 0x09, 0x0d:
      if last == 0x20 || last == 0x0a || isAfterOpen { return }
      output.append(0x20)
    case UInt8(ascii: "("), UInt8(ascii: "["):
      if open.count < Self.deepest { open.append(output.count) }
      output.append(byte)
    case UInt8(ascii: ")"): closeBracket(UInt8(ascii: "("), byte)
    case UInt8(ascii: "]"): closeBracket(UInt8(ascii: "["), byte)
    case UInt8(ascii: ","), UInt8(ascii: ";"):
      if isAfterOpen || isAtStart && isSpaceOrEnd(next) { return }
      if last == 0x20, isSpaceOrEnd(next) || next == UInt8(ascii: ")") {
        output.removeLast()
        if output.count > lineStart, let last = output.last, last == 0x2c || last == 0x3a { return }
      }
      output.append(byte)
    default:
      if isSpaceOrEnd(next) {  // a full stop
        if isAtStart { return }
        if last == 0x20 { output.removeLast() }
        if output.last == UInt8(ascii: ","), output.count > lineStart { output.removeLast() }
      }
      output.append(byte)
    }
  }

  private func isSpaceOrEnd(_ byte: UInt8) -> Bool { byte <= 0x20 || byte == softBreak }

  private mutating func closeBracket(_ opening: UInt8, _ closing: UInt8) {
    guard let start = open.last, output[start] == opening else {
      output.append(closing)
      return
    }
    open.removeLast()
    var end = output.count
    while end > start + 1, bracketRest.contains(output[end - 1]) { end -= 1 }
    let isEmpty = end == start + 1 || output[start + 1..<end].allSatisfy(emptyBracket.contains)
    let stoodAlone = start == lineStart || output[start - 1] <= 0x20
    if isEmpty && (stoodAlone || hollow == start || output.count > start + 1) {
      output.truncate(to: start)
      return
    }
    output.truncate(to: end)
    output.append(closing)
  }

  private mutating func dropBlanks() {
    while output.count > lineStart, let last = output.last, last == 0x20 || last == 0x09 {
      output.removeLast()
    }
  }

  /// True where the line has anything but ASCII punctuation, bullets and dashes.
  private var hasWords: Bool {
    var index = lineStart
    while index < output.count {
      let byte = output[index]
      let folded = byte | 0x20
      if folded >= 0x61 && folded <= 0x7a || byte >= 0x30 && byte <= 0x39 { return true }
      if byte < 0x80 {
        index += 1
      } else if output.has("\u{2022}", at: index) || output.has("\u{2013}", at: index)
        || output.has("\u{2014}", at: index)
      {
        index += 3
      } else if output.has("\u{b7}", at: index) || output.has("\u{a0}", at: index) {
        index += 2
      } else {
        return true
      }
    }
    return false
  }
}

// Inline markup, each at `index`; they give the index behind it.
extension LineWriter {
  /// Bold and italics: two, three or five quotes go, others of a run stay.
  private mutating func passQuotes(_ text: [UInt8], _ index: Int, _ end: Int, _ split: Int?) -> Int
  {
    var run = 1
    while index + run < end, text[index + run] == UInt8(ascii: "'") { run += 1 }
    let kept = index == split ? 1 : [1: 1, 2: 0, 3: 0, 4: 1][run] ?? run - 5
    output.append(contentsOf: repeatElement(UInt8(ascii: "'"), count: kept))
    return index + run
  }

  /// Switches such as `__NOTOC__`, in any language.
  private mutating func passSwitch(_ text: [UInt8], _ index: Int, _ end: Int) -> Int {
    if text.has("__", at: index) {
      var last = index + 2
      while last < min(end, index + 60), isSwitchByte(text[last], text, last) { last += 1 }
      if last > index + 2, last + 1 < end, text.has("__", at: last) { return last + 2 }
    }
    output.append(text[index])
    return index + 1
  }

  private func isSwitchByte(_ byte: UInt8, _ text: [UInt8], _ index: Int) -> Bool {
    byte >= 0x41 && byte <= 0x5a || byte >= 0x80 && byte < seam
      || byte == UInt8(ascii: "_") && !text.has("__", at: index)
  }

  private mutating func passReference(_ text: [UInt8], _ index: Int, _ end: Int) -> Int {
    guard let last = referenceEnd(in: text, at: index, before: end) else {
      output.append(UInt8(ascii: "&"))
      return index + 1
    }
    let decoded = decodedReferences(in: text, index..<last)
    // What stood between a space and a fixed one is gone.
    if decoded == [0xc2, 0xa0], output.last == 0x20, output.count > lineStart {
      output.removeLast()
    }
    output += decoded
    return last
  }

  private mutating func passMark(_ text: [UInt8], _ index: Int) -> Int {
    guard let piece = stash.piece(at: index, of: text) else { return index + 1 }
    output += piece
    return index + Stash.length
  }
}

/// Where three quotes in a line are an apostrophe and italics, as in `l'''Orlando''`.
///
/// - SeeAlso: mediawiki/core `includes/parser/Parser.php`, `doQuotes`.
private func boldThatIsItalic(_ text: [UInt8], _ line: Range<Int>) -> Int? {
  var bold = 0
  var italic = 0
  var candidates: [Int?] = [nil, nil, nil]  // after a short word, a long one, a space
  var index = line.lowerBound
  while index < line.upperBound {
    guard text[index] == UInt8(ascii: "'") else {
      index += 1
      continue
    }
    let start = index
    while index < line.upperBound, text[index] == UInt8(ascii: "'") { index += 1 }
    let run = index - start
    if run == 2 || run >= 5 { italic += 1 }
    if run == 3 || run == 4 || run >= 5 { bold += 1 }
    guard run == 3 else { continue }
    var before = start - 1
    while before > line.lowerBound, text[before] & 0xc0 == 0x80 { before -= 1 }
    let follows = start == line.lowerBound || text[before] == 0x20
    let isShort = before <= line.lowerBound || text[before - 1] == 0x20
    let rank = follows ? 2 : isShort ? 0 : 1
    candidates[rank] = candidates[rank] ?? start
  }
  guard bold % 2 == 1, italic % 2 == 1 else { return nil }
  return candidates[0] ?? candidates[1] ?? candidates[2]
}

private let special = ByteSet("'_&()[],;. \t\r", and: [Stash.begin, softBreak, seam])
private let listMarkers = ByteSet("*#:;")
/// What a removed template leaves at the end of brackets, or in brackets of its own.
private let bracketRest = ByteSet(" ,;")
private let emptyBracket = ByteSet(" ,;:", and: [0xc2, 0xa0])
