/// The commands that a paper defines, and the commands that define them.
struct MacroTable {
  /// Commands that define others.
  enum Definer {
    case newcommand, providecommand, document, def, let_, operator_, paired, environment, prefix
    case makeatletter, makeatother
  }

  enum Meaning {
    case definer(Definer)
    /// Takes the next commands as names, as `\ifx` does: they are not expanded.
    case quoting(Int)
    case macro(Macro)
  }

  private struct Entry {
    var name: [UInt8]
    var meaning: Meaning
  }

  /// Commands that the paper defines in a way that only TeX could run, and its environments without
  /// their stars.
  private(set) var opaque: Set<String> = []
  private var entries: [UInt64: Entry] = [:]
  /// Bytes that may still be passed over for definitions and arguments.
  var budget: Int
  /// True behind `\makeatletter`, where `@` is a letter of names.
  var atIsLetter = false

  init(budget: Int) {
    self.budget = budget
    for (name, definer) in Self.definers { self[Array(name.utf8)] = .definer(definer) }
    for name in ["ifdefined", "string", "noexpand", "meaning", "expandafter"] {
      self[Array(name.utf8)] = .quoting(1)
    }
    self[Array("ifx".utf8)] = .quoting(2)
    // It only looks whether a blank is needed; blanks stay as they are written here.
    self[Array("xspace".utf8)] = .macro(Macro(body: []))
  }

  /// The meaning of a command, by its name without backslash.
  subscript(name: some Collection<UInt8>) -> Meaning? {
    get {
      guard let entry = entries[Self.hash(name)], entry.name.elementsEqual(name) else { return nil }
      return entry.meaning
    }
    set { entries[Self.hash(name)] = newValue.map { Entry(name: Array(name), meaning: $0) } }
  }

  /// FNV-1a, 64 bits: names are short.
  private static func hash(_ name: some Collection<UInt8>) -> UInt64 {
    name.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }

  /// Takes every definition in `text` and leaves the rest.
  mutating func collect(from text: [UInt8]) {
    var verbatim = Verbatim()
    var index = text.nextBackslash(0)
    while index < text.count, budget > 0 {
      let end = text.controlEnd(index, atIsLetter: atIsLetter)
      var next = end
      if case .definer(let definer)? = self[text[index + 1..<end]] {
        next = define(definer, in: text, at: end) ?? end
      } else if let close = verbatim.end(in: text, at: index) {
        next = close
      }
      index = text.nextBackslash(next)
    }
  }

  /// Reads the definition whose command ends at `start`; says where it ends, nil where it is none.
  mutating func define(_ definer: Definer, in text: [UInt8], at start: Int) -> Int? {
    let end: Int?
    switch definer {
    case .newcommand, .providecommand:
      end = newcommand(in: text, at: start, keepsOld: definer == .providecommand)
    case .document: end = documentCommand(in: text, at: start)
    case .def: end = def(in: text, at: start)
    case .let_: end = alias(in: text, at: start)
    case .operator_: end = mathOperator(in: text, at: start)
    case .paired: end = pairedDelimiter(in: text, at: start)
    case .environment: end = environment(in: text, at: start)
    case .prefix: end = prefix(in: text, at: start)
    case .makeatletter, .makeatother:
      atIsLetter = definer == .makeatletter
      end = start
    }
    budget -= (end ?? start) - start + 16
    return end
  }

  /// Gives `name` a meaning, unless it shapes the paper or only TeX could run it.
  private mutating func set(_ name: ArraySlice<UInt8>, _ macro: Macro?) {
    if Macro.structural.contains(string(name)) { return }
    switch self[name] {
    case .definer?, .quoting?: return
    case .macro?, nil: break
    }
    self[name] = macro.flatMap { Macro.isProgram($0.body) ? nil : .macro($0) }
    if self[name] == nil { opaque.insert(string(name)) }
  }

  private static let definers: [(String, Definer)] = [
    ("newcommand", .newcommand), ("renewcommand", .newcommand),
    ("DeclareRobustCommand", .newcommand), ("providecommand", .providecommand),
    ("NewDocumentCommand", .document), ("RenewDocumentCommand", .document),
    ("DeclareDocumentCommand", .document), ("ProvideDocumentCommand", .document),
    ("def", .def), ("gdef", .def), ("edef", .def), ("xdef", .def), ("let", .let_),
    ("newrobustcmd", .newcommand), ("renewrobustcmd", .newcommand),
    ("providerobustcmd", .providecommand), ("DeclarePairedDelimiter", .paired),
    ("DeclareMathOperator", .operator_), ("newenvironment", .environment),
    ("renewenvironment", .environment), ("long", .prefix), ("global", .prefix),
    ("outer", .prefix), ("protected", .prefix), ("makeatletter", .makeatletter),
    ("makeatother", .makeatother),
  ]
}

extension MacroTable {
  /// `\newcommand*{\name}[2][default]{body}`, and without the first braces.
  private mutating func newcommand(in text: [UInt8], at start: Int, keepsOld: Bool) -> Int? {
    guard let (name, end) = name(in: text, at: afterStar(text, start)) else { return nil }
    var macro = Macro(body: [])
    var next = text.afterBlanks(end)
    if next < text.count, text[next] == UInt8(ascii: "["), let close = option(text, next) {
      guard let count = Int(string(text[next + 1..<close - 1].filter { $0 > 0x20 })),
        (0...9).contains(count)
      else { return nil }
      macro.arguments = count
      next = text.afterBlanks(close)
      if count > 0, next < text.count, text[next] == UInt8(ascii: "["),
        let close = option(text, next)
      {
        macro.fallback = Array(text[next + 1..<close - 1])
        next = close
      }
    }
    guard let body = body(in: text, at: next) else { return nil }
    macro.body = Array(body.text)
    if !keepsOld || self[name] == nil { set(name, macro) }
    return body.end
  }

  /// `\NewDocumentCommand\name{O{default} m m}{body}`; other kinds of arguments are not expanded.
  private mutating func documentCommand(in text: [UInt8], at start: Int) -> Int? {
    guard let (name, end) = name(in: text, at: start), let kinds = group(text, end),
      let body = group(text, kinds.end)
    else { return nil }
    var letters = kinds.text.filter { $0 > 0x20 }
    var macro = Macro(body: Array(body.text))
    if letters.first == UInt8(ascii: "O"), let (fallback, end) = group(letters, 1) {
      macro.fallback = Array(fallback)
      letters.replaceSubrange(..<end, with: [UInt8(ascii: "m")])
    }
    macro.arguments = letters.count
    let isPlain = letters.count <= 9 && letters.allSatisfy { $0 == UInt8(ascii: "m") }
    set(name, isPlain ? macro : nil)
    return body.end
  }

  /// `\def\name#1#2{body}`, with or without text around its arguments.
  private mutating func def(in text: [UInt8], at start: Int) -> Int? {
    let backslash = text.afterBlanks(start)
    guard backslash < text.count, text[backslash] == UInt8(ascii: "\\") else { return nil }
    let end = text.controlEnd(backslash, atIsLetter: atIsLetter)
    let window = text[end...].prefix(256)
    guard let open = window.firstIndex(of: UInt8(ascii: "{")) else { return nil }
    let parameters = text[end..<open].filter { $0 > 0x20 }
    guard let body = group(text, open) else { return nil }
    let macro = MacroParameters(parameters).map { parameters in
      let isPlain = parameters.prefix.isEmpty && parameters.delimiters.allSatisfy(\.isEmpty)
      return Macro(
        arguments: parameters.delimiters.count, parameters: isPlain ? nil : parameters,
        body: Array(body.text))
    }
    set(text[backslash + 1..<end], macro)
    return body.end
  }

  /// `\let\a\b` and `\let\a=\b`.
  private mutating func alias(in text: [UInt8], at start: Int) -> Int? {
    let backslash = text.afterBlanks(start)
    guard backslash < text.count, text[backslash] == UInt8(ascii: "\\") else { return nil }
    let end = text.controlEnd(backslash, atIsLetter: atIsLetter)
    var next = text.afterBlanks(end)
    if next < text.count, text[next] == UInt8(ascii: "=") { next = text.afterBlanks(next + 1) }
    guard next < text.count else { return nil }
    let name = text[backslash + 1..<end]
    guard text[next] == UInt8(ascii: "\\") else {
      set(name, nil)
      return next + 1
    }
    let close = text.controlEnd(next, atIsLetter: atIsLetter)
    let target = text[next + 1..<close]
    switch self[target] {
    case .macro(let macro)?: set(name, macro)
    case .definer?, .quoting?: set(name, nil)
    case nil: set(name, Macro(body: Array(text[next..<close]), isFinal: true))
    }
    return close
  }

  /// `\DeclareMathOperator*{\name}{text}` stands for `\operatorname*{text}`.
  private mutating func mathOperator(in text: [UInt8], at start: Int) -> Int? {
    let next = afterStar(text, start)
    guard let (name, end) = name(in: text, at: next), let body = group(text, end) else {
      return nil
    }
    let isStarred = text[start..<next].contains(UInt8(ascii: "*"))
    let head = Array((isStarred ? "\\operatorname*{" : "\\operatorname{").utf8)
    set(name, Macro(body: head + body.text + [UInt8(ascii: "}")]))
    return body.end
  }

  /// `\DeclarePairedDelimiter{\abs}{\lvert}{\rvert}` of mathtools: then `\abs[\big]{x}` and
  /// `\abs*{x}` set the size.
  private mutating func pairedDelimiter(in text: [UInt8], at start: Int) -> Int? {
    guard let (name, end) = name(in: text, at: start), let left = body(in: text, at: end),
      let right = body(in: text, at: left.end)
    else { return nil }
    var macro = Macro(body: Array("#1".utf8) + left.text + Array("#2#1".utf8) + right.text)
    macro.arguments = 2
    macro.fallback = []
    macro.starred =
      Array("\\left".utf8) + left.text + Array("#2\\right".utf8) + right.text
    set(name, macro)
    return right.end
  }

  /// `\newenvironment{name}[1][default]{begin}{end}`: taken out, and the environment left as it is.
  private mutating func environment(in text: [UInt8], at start: Int) -> Int? {
    guard let name = group(text, afterStar(text, start)) else { return nil }
    var next = text.afterBlanks(name.end)
    while next < text.count, text[next] == UInt8(ascii: "["), let close = option(text, next) {
      next = text.afterBlanks(close)
    }
    guard let begin = group(text, next), let end = group(text, begin.end) else { return nil }
    opaque.insert(string(name.text.last == UInt8(ascii: "*") ? name.text.dropLast() : name.text))
    return end.end
  }

  /// `\long` and its like go with the definition they stand before, and stay where none follows.
  private func prefix(in text: [UInt8], at start: Int) -> Int? {
    let next = text.afterBlanks(start)
    guard next < text.count, text[next] == UInt8(ascii: "\\") else { return nil }
    let end = text.controlEnd(next)
    guard case .definer? = self[text[next + 1..<end]] else { return nil }
    return next
  }

  /// The name that is defined, in braces or bare, and the place behind it.
  private mutating func name(
    in text: [UInt8], at start: Int
  ) -> (name: ArraySlice<UInt8>, end: Int)? {
    var next = text.afterBlanks(start)
    let isBraced = next < text.count && text[next] == UInt8(ascii: "{")
    if isBraced { next = text.afterBlanks(next + 1) }
    guard next < text.count, text[next] == UInt8(ascii: "\\") else { return nil }
    let end = text.controlEnd(next, atIsLetter: atIsLetter)
    var close = end
    if isBraced {
      close = text.afterBlanks(end)
      guard close < text.count, text[close] == UInt8(ascii: "}") else { return nil }
      close += 1
    }
    return (text[next + 1..<end], close)
  }

  /// A group, or a single command without braces.
  private mutating func body(
    in text: [UInt8], at start: Int
  ) -> (text: ArraySlice<UInt8>, end: Int)? {
    let next = text.afterBlanks(start)
    if next < text.count, text[next] == UInt8(ascii: "\\") {
      let end = text.controlEnd(next, atIsLetter: atIsLetter)
      return (text[next..<end], end)
    }
    return group(text, next)
  }

  /// A group behind blanks; the search for its end is paid for.
  private mutating func group(_ text: [UInt8], _ start: Int) -> (text: ArraySlice<UInt8>, end: Int)?
  {
    guard budget > 0 else { return nil }
    let found = text.group(start)
    budget -= found.map { $0.end - start } ?? text.count - start
    return found.map { ($0.inner, $0.end) }
  }

  private mutating func option(_ text: [UInt8], _ start: Int) -> Int? {
    guard budget > 0 else { return nil }
    let end = text.optionEnd(start)
    budget -= (end ?? text.count) - start
    return end
  }

  private func afterStar(_ text: [UInt8], _ start: Int) -> Int {
    let next = text.afterBlanks(start)
    return next < text.count && text[next] == UInt8(ascii: "*") ? next + 1 : start
  }
}
