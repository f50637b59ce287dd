/// The text without `\ensuremath`: its argument stands bare in math, and between `$` outside.
///
/// Commands of authors are full of it, so that they work in both; once expanded it says nothing.
/// It stays where it has no braces or where the mode is not clear, as in the arguments of `opaque`
/// commands and environments, which the authors defined and which are not expanded.
///
/// - Complexity: O(n); a text whose groups do not close is left as it is.
func withoutEnsureMath(_ text: [UInt8], opaque: Set<String>) -> [UInt8] {
  guard text.contains("\\ensuremath") else { return text }
  var remover = EnsureMathRemover(opaque: opaque)
  remover.remove(from: text)
  return remover.isComplete ? remover.output : text
}

/// Follows TeX between text and math, group by group.
private struct EnsureMathRemover {
  private(set) var output: [UInt8] = []
  private var levels = [Level(kind: .root, isMath: false)]
  /// Counts the groups that come before one of text, as the width in `\parbox{…}{…}`; -1 for none.
  private var groupsToText = -1
  private var openEnsures = 0
  private let opaque: Set<String>
  /// What the next group is, if the command before it says.
  private var next: Mode?

  private enum Mode { case math, unclear }

  init(opaque: Set<String>) { self.opaque = opaque }

  private struct Level {
    enum Kind { case root, brace, environment, mathEnvironment, ensure }
    var kind: Kind
    var isMath: Bool
    /// True where `$$` began the formula, so that it takes two to end it.
    var isDisplay = false
    /// True where text may be math.
    var isUnclear = false
    /// What stands for the `}` of `\ensuremath{`.
    var closing: [UInt8] = []
    /// What `groupsToText` is behind this level.
    var after = -1
    /// Where its output begins.
    var start = 0
  }

  /// True where every `\ensuremath{` was closed.
  var isComplete: Bool { openEnsures == 0 }

  private var isMath: Bool {
    get { levels[levels.count - 1].isMath }
    set { levels[levels.count - 1].isMath = newValue }
  }

  mutating func remove(from text: [UInt8]) {
    output.reserveCapacity(text.count)
    var verbatim = Verbatim()
    var index = 0
    while index < text.count {
      let byte = text[index]
      var next = index + 1
      switch byte {
      case UInt8(ascii: "\\"):
        if let end = verbatim.end(in: text, at: index) {
          output += text[index..<end]
          index = end
          continue
        }
        next = control(in: text, at: index)
      case UInt8(ascii: "$"):
        let isDouble = next < text.count && text[next] == byte
        if isDouble, !isMath || levels[levels.count - 1].isDisplay { next += 1 }
        output += text[index..<next]
        isMath.toggle()
        levels[levels.count - 1].isDisplay = isMath && isDouble
      case UInt8(ascii: "{"):
        openBrace()
      case UInt8(ascii: "}"): close(before: next < text.count ? text[next] : 0x20)
      default:
        if byte == 0x0a, next < text.count, text[next] == byte { endParagraph() }
        output.append(byte)
      }
      index = next
    }
  }

  /// No formula goes over an empty line, so that a stray `$` harms its paragraph only.
  private mutating func endParagraph() {
    switch levels[levels.count - 1].kind {
    case .root, .brace, .environment: isMath = false
    case .mathEnvironment, .ensure: break
    }
  }

  private mutating func openBrace() {
    let isText = groupsToText == 0
    var level = Level(kind: .brace, isMath: !isText && (isMath || next == .math || isIndex))
    level.isUnclear = !isText && (next == .unclear || levels[levels.count - 1].isUnclear)
    open(level)
    output.append(UInt8(ascii: "{"))
  }

  /// True behind `^` and `_`, where only math can be.
  private var isIndex: Bool {
    guard let last = output.last, last == UInt8(ascii: "^") || last == UInt8(ascii: "_") else {
      return false
    }
    return output.count < 2 || output[output.count - 2] != UInt8(ascii: "\\")
  }

  private mutating func open(_ level: Level) {
    var level = level
    level.after = groupsToText > 0 ? groupsToText - 1 : -1
    level.start = output.count
    groupsToText = -1
    next = nil
    levels.append(level)
  }

  private mutating func close(before following: UInt8) {
    let level = levels[levels.count - 1]
    guard level.kind == .brace || level.kind == .ensure else {
      output.append(UInt8(ascii: "}"))
      return
    }
    levels.removeLast()
    groupsToText = level.after
    guard level.kind == .ensure else {
      output.append(UInt8(ascii: "}"))
      let hasMore = following == UInt8(ascii: "{") && level.isUnclear
      next = hasMore && !levels[levels.count - 1].isUnclear ? .unclear : nil
      return
    }
    openEnsures -= 1
    while output.count > level.start, let last = output.last, isBlank(last) || last == 0x0a,
      output[output.count - 2] != UInt8(ascii: "\\")
    {
      output.removeLast()
    }
    if output.count == level.start, level.closing == [UInt8(ascii: "$")] {
      output.removeLast()  // `$$` would begin a display
      return
    }
    output += level.closing
    if level.closing.isEmpty, isLetter(following), output.endsWithName { output.append(0x20) }
  }

  /// Deals with the control sequence at `start`; says where the text goes on.
  private mutating func control(in text: [UInt8], at start: Int) -> Int {
    let end = text.controlEnd(start)
    let name = text[start + 1..<end]
    if name.elementsEqual("ensuremath".utf8) {
      let brace = text.afterBlanks(end)
      if brace < text.count, text[brace] == UInt8(ascii: "{") {
        return openEnsure(in: text, from: start, brace: brace)
      }
    }
    output += text[start..<end]
    guard let first = name.first else { return end }
    switch first {
    case UInt8(ascii: "("), UInt8(ascii: "["): isMath = true
    case UInt8(ascii: ")"), UInt8(ascii: "]"): isMath = false
    case UInt8(ascii: "b") where name.elementsEqual("begin".utf8):
      return environment(in: text, at: end) { remover, name in
        let isMath = Self.mathEnvironments.contains(name)
        let isText = Self.textEnvironments.contains(name)
        var level = Level(
          kind: isMath ? .mathEnvironment : .environment,
          isMath: isMath || (remover.isMath && !isText))
        level.isUnclear = name == "mathpar" || remover.opaque.contains(name)
        remover.open(level)
      }
    case UInt8(ascii: "e") where name.elementsEqual("end".utf8):
      return environment(in: text, at: end) { remover, _ in remover.endEnvironment() }
    default:
      let word = string(name)
      if let groups = Self.textCommands[word] { groupsToText = groups }
      let isUnclear = word == "inferrule" || opaque.contains(word)
      next = word == "xymatrix" ? .math : isUnclear ? .unclear : nil
    }
    return end
  }

  private mutating func openEnsure(in text: [UInt8], from start: Int, brace: Int) -> Int {
    var closing: [UInt8] = []
    if !isMath && (isIndex || levels[levels.count - 1].isUnclear) {
      output += text[start...brace]
      closing = [UInt8(ascii: "}")]
    } else if !isMath {
      output.append(UInt8(ascii: "$"))
      closing = [UInt8(ascii: "$")]
    } else if isIndex || takesArgument() {
      output.append(UInt8(ascii: "{"))
      closing = [UInt8(ascii: "}")]
    }
    open(Level(kind: .ensure, isMath: true, closing: closing))
    openEnsures += 1
    let inner = text.afterBlanks(brace + 1)
    if inner < text.count, isLetter(text[inner]), output.endsWithName { output.append(0x20) }
    return inner
  }

  /// True where the output ends in a command that takes what comes next for its argument.
  private func takesArgument() -> Bool {
    let word = output.suffix(Self.longestName).reversed().prefix { isLetter($0) }
    return output.endsWithName && Self.argumentCommands.contains(string(word.reversed()))
  }

  /// Copies the `{name}` at `start` and passes the name on, without its star.
  private mutating func environment(
    in text: [UInt8], at start: Int, then act: (inout Self, String) -> Void
  ) -> Int {
    guard start < text.count, text[start] == UInt8(ascii: "{") else { return start }
    let name = text[(start + 1)...].prefix(32).prefix { $0 != UInt8(ascii: "}") }
    guard name.endIndex < text.count, text[name.endIndex] == UInt8(ascii: "}") else { return start }
    output += text[start...name.endIndex]
    act(&self, string(name.last == UInt8(ascii: "*") ? name.dropLast() : name))
    return name.endIndex + 1
  }

  /// Closes the innermost environment and the few groups in it that did not close.
  private mutating func endEnvironment() {
    for index in levels.indices.suffix(8).reversed() {
      switch levels[index].kind {
      case .environment, .mathEnvironment:
        levels.removeSubrange(index...)
        return
      case .brace: continue
      case .root, .ensure: return
      }
    }
  }

  private static let mathEnvironments: Set<String> = [
    "math", "displaymath", "equation", "eqnarray", "align", "alignat", "flalign", "gather",
    "multline", "xalignat", "xxalignat", "dmath", "dgroup", "IEEEeqnarray",
    "tikzcd",
  ]

  private static let textEnvironments: Set<String> = [
    "tabular", "tabularx", "minipage", "tikzpicture", "center", "itemize", "enumerate", "parbox",
  ]

  /// Commands whose argument is text in math as well, and the groups that come before it.
  private static let textCommands = [
    "text": 0, "mbox": 0, "hbox": 0, "vbox": 0, "fbox": 0, "makebox": 0, "framebox": 0,
    "textrm": 0, "textit": 0, "textbf": 0, "textsf": 0, "texttt": 0, "textsc": 0, "textup": 0,
    "textsl": 0, "textnormal": 0, "intertext": 0, "shortintertext": 0, "tag": 0, "label": 0,
    "parbox": 1, "raisebox": 1, "colorbox": 1, "fcolorbox": 2,
  ]

  /// Commands whose argument may stand without braces: then those of `\ensuremath` are needed.
  private static let argumentCommands: Set<String> = [
    "frac", "dfrac", "tfrac", "cfrac", "binom", "sqrt", "mathbf", "mathrm", "mathit", "mathsf",
    "mathtt", "mathcal", "mathbb", "mathfrak", "mathscr", "mathop", "mathbin", "mathrel", "mathord",
    "boldsymbol", "bm", "hat", "widehat", "tilde", "widetilde", "bar", "overline", "underline",
    "vec", "dot", "ddot", "acute", "grave", "check", "breve", "overrightarrow", "underbrace",
    "overbrace", "operatorname", "text", "mbox", "hbox", "textrm", "xrightarrow", "xleftarrow",
    "stackrel", "overset", "underset", "pmod", "boxed", "phantom",
  ]

  private static let longestName = 16
}
