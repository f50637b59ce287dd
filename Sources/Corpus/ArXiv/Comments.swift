/// Removes what TeX does not see from one file: comments, `comment` environments, dead branches,
/// and what follows `\endinput`.
///
/// A `%` behind an even number of backslashes takes the rest of its line, the line's end and the
/// blanks that begin the next line, as in *The TeXbook*, chapter 8; a line of nothing else goes
/// whole. `verbatim`, `lstlisting`, `minted` and `\verb` are left as they are.
///
/// - Complexity: O(n) for any input.
func withoutComments(_ text: [UInt8], _ conditionals: Conditionals) -> [UInt8] {
  var remover = CommentRemover(conditionals: conditionals)
  remover.remove(from: text)
  return remover.output
}

private struct CommentRemover {
  var conditionals: Conditionals
  private(set) var output: [UInt8] = []
  private var verbatim = Verbatim()
  /// Ends of branches that are open, innermost last.
  private var tails: [Range<Int>] = []
  private var isCommentUnended = false
  /// True where the output's last line holds more than blanks.
  private var lineHasText = false

  init(conditionals: Conditionals) { self.conditionals = conditionals }

  mutating func remove(from text: [UInt8]) {
    output.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "%"): index = comment(in: text, at: index)
      case UInt8(ascii: "\\"):
        guard let next = control(in: text, at: index) else { return }
        index = next
      default:
        var end = index + 1
        while end < text.count, text[end] != 0x25, text[end] != 0x5c { end += 1 }
        keep(text[index..<end])
        index = end
      }
    }
  }

  private mutating func keep(_ bytes: ArraySlice<UInt8>) {
    output.append(contentsOf: bytes)
    // What the last line holds, read from its end.
    for byte in bytes.reversed() {
      if byte == 0x0a {
        lineHasText = false
        return
      }
      if !isBlank(byte) {
        lineHasText = true
        return
      }
    }
  }

  /// Passes over the comment at `start`; says where the text goes on.
  private mutating func comment(in text: [UInt8], at start: Int) -> Int {
    var index = start
    while index < text.count, text[index] != 0x0a { index += 1 }
    guard index < text.count else { return index }
    if !lineHasText {
      while let last = output.last, last != 0x0a { output.removeLast() }
      return index + 1
    }
    var next = index + 1
    while next < text.count, isBlank(text[next]) { next += 1 }
    // An empty line behind the comment ends the paragraph all the same.
    if next < text.count, text[next] == 0x0a { keep([0x0a]) }
    return next
  }

  /// Copies the control sequence at `start`, or leaves out what it begins; nil where the file ends.
  private mutating func control(in text: [UInt8], at start: Int) -> Int? {
    if let tail = tails.last, tail.lowerBound == start {
      tails.removeLast()
      return tail.upperBound
    }
    if let end = verbatim.end(in: text, at: start) {
      keep(text[start..<end])
      return end
    }
    if text.has("\\begin{comment}", at: start), !isCommentUnended {
      let closing = Array("\\end{comment}".utf8)
      if let end = text.find(closing, from: start) { return end + closing.count }
      isCommentUnended = true
    }
    if let branch = conditionals.branch(in: text, at: start) {
      if let tail = branch.tail { tails.append(tail) }
      return branch.start
    }
    let end = text.controlEnd(start)
    if text[start..<end].elementsEqual("\\endinput".utf8) { return nil }
    keep(text[start..<end])
    return end
  }
}
