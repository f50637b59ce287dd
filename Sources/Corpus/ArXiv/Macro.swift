/// What a user's command stands for.
struct Macro {
  /// Arguments, the optional one included: 0 to 9.
  var arguments = 0
  /// What the first argument is where none is given; nil where all must be.
  var fallback: [UInt8]?
  /// What stands around the arguments of `\def`; nil where they are plain.
  var parameters: MacroParameters?
  /// The text where `*` follows the name; nil where a star means nothing.
  var starred: [UInt8]?
  /// The text, with `#1` to `#9` for the arguments.
  var body: [UInt8]
  /// True for `\let\a\b` of a command that is TeX's own: it stands for itself, whatever `\b` comes
  /// to mean.
  var isFinal = false

  /// The body with its arguments in place.
  ///
  /// A blank keeps a command's name apart from letters that come to stand behind it.
  func expanded(_ given: [[UInt8]]) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(body.count + given.reduce(0) { $0 + $1.count })
    var index = 0
    while index < body.count {
      let byte = body[index]
      index += 1
      guard byte == UInt8(ascii: "#"), index < body.count else {
        text.append(byte)
        if byte == UInt8(ascii: "\\"), index < body.count, !isLetter(body[index]) {
          text.append(body[index])  // `\#` is no argument
          index += 1
        }
        continue
      }
      let digit = Int(body[index]) - 0x31
      index += 1
      if given.indices.contains(digit) {
        if let first = given[digit].first, isLetter(first), text.endsWithName { text.append(0x20) }
        text += given[digit]
        if index < body.count, isLetter(body[index]), text.endsWithName { text.append(0x20) }
      } else if digit == Int(UInt8(ascii: "#")) - 0x31 {
        text.append(UInt8(ascii: "#"))
      } else {
        text += [UInt8(ascii: "#"), body[index - 1]]
      }
    }
    return text
  }

  /// True for bodies that only TeX itself can run: expanding them would put its machinery into the
  /// text.
  static func isProgram(_ body: [UInt8]) -> Bool {
    var index = body.nextBackslash(0)
    while index < body.count {
      let end = body.controlEnd(index, atIsLetter: true)
      let name = body[index + 1..<end]
      if name.contains(0x40) || name.starts(with: "if".utf8) && !name.elementsEqual("iff".utf8) {
        return true
      }
      if machinery.contains(string(name)) { return true }
      index = body.nextBackslash(end)
    }
    return false
  }

  private static let machinery: Set<String> = [
    "expandafter", "noexpand", "csname", "endcsname", "futurelet", "catcode", "fi", "else", "or",
    "loop", "repeat", "write", "immediate", "openout", "read", "advance", "multiply", "toks",
    "afterassignment", "aftergroup", "begingroup", "endgroup", "romannumeral", "the", "mathpalette",
    "mathchoice", "setbox", "newcount", "newdimen", "newtoks", "ExplSyntaxOn", "lccode",
    "lowercase",
    "uppercase", "string", "meaning", "halign", "valign", "everypar", "output", "shipout",
    "special",
  ]

  /// Commands that give a paper its shape: a paper may redefine them, but they stay as they are.
  static let structural: Set<String> = [
    "documentclass", "documentstyle", "usepackage", "begin", "end", "part", "chapter", "section",
    "subsection", "subsubsection", "paragraph", "subparagraph", "item", "label", "ref",
    "pageref", "cite", "citep", "citet", "caption", "footnote", "includegraphics", "input",
    "include",
    "title", "author", "date", "maketitle", "abstract", "bibliography", "bibitem", "appendix",
    "left", "right", "par", "newcommand", "renewcommand", "providecommand", "def", "let", "verb",
    "newline", "newpage", "hline", "centering", "tableofcontents", "frac", "sqrt", "sum", "int",
    "url", "href", "\\", "(", ")", "[", "]", "%", "&", "$", "#", "_", "{", "}", " ",
  ]
}

extension [UInt8] {
  /// True where the text ends in the name of a command, to which a letter would be added.
  var endsWithName: Bool {
    guard let last, isLetter(last) else { return false }
    var index = count - 1
    while index > 0, isLetter(self[index]) { index -= 1 }
    guard self[index] == UInt8(ascii: "\\") else { return false }
    var slashes = 0
    while index >= 0, self[index] == UInt8(ascii: "\\") {
      slashes += 1
      index -= 1
    }
    return slashes % 2 == 1
  }
}
