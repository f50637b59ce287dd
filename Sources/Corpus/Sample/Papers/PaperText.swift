/// A paper before it is packed: preamble, macros, sections, bibliography.
struct PaperText {
  let title: String
  private let grammar = mathGrammar
  private var dice: Dice
  private let bytes: Int

  /// A paper of about `bytes`.
  init(bytes: Int, _ dice: Dice) {
    self.dice = dice
    self.bytes = bytes
    title = mathGrammar.sentence("title", &self.dice).string
  }

  /// Definitions that the text uses, written in several ways.
  let macros = #"""
    % Short names for what the paper says often.
    \newcommand{\R}{\mathbb{R}}
    \newcommand{\Z}{\mathbb{Z}}
    \newcommand{\norm}[1]{\left\| #1 \right\|}
    \DeclareMathOperator{\E}{E}
    \def\etal{\emph{et al.}}

    """#

  /// What comes before the first section.
  func preamble(encoding: String = "utf8", including macros: String) -> String {
    #"""
    \documentclass[11pt]{article}
    \usepackage[\#(encoding)]{inputenc}
    \usepackage{amsmath,amssymb,amsthm}
    \#(macros)
    \newtheorem{theorem}{Theorem}
    \newtheorem{lemma}{Lemma}
    \title{\#(title)}
    \author{A. Nonymous}
    \begin{document}
    \maketitle
    \begin{abstract}
    We study a question that nobody has asked. % and hope for a kind referee
    \end{abstract}

    """#
  }

  /// The sections, each a text of its own.
  mutating func sections() -> [[UInt8]] {
    let names = ["Introduction", "Preliminaries", "The main result", "Examples", "Conclusion"]
    return names.map { section($0, bytes: bytes / names.count) }
  }

  mutating func bibliography() -> [UInt8] {
    var text = Array("\\begin{thebibliography}{9}\n".utf8)
    for index in 1...dice.between(4, 12) {
      text += "\\bibitem{r\(index)} "
      text += grammar.sentence("author", &dice)
      text += ", \\emph{"
      text += grammar.sentence("title", &dice)
      text += "}, J. Samp. Math. \(dice.between(1, 99)) (19\(dice.between(50, 99))).\n"
    }
    return text + Array("\\end{thebibliography}\n".utf8)
  }

  private mutating func section(_ name: String, bytes: Int) -> [UInt8] {
    var text = Array("\\section{\(name)}\n\\label{sec:\(name.prefix(4))}\n".utf8)
    while text.count < bytes {
      for _ in 0..<dice.between(2, 5) {
        text += grammar.sentence("s", &dice)
        text += dice.chance(8) ? " % check this again\n" : "\n"
      }
      switch dice.roll(4) {
      case 0, 1: text += grammar.text("display", &dice)
      case 2:
        text += "\\begin{theorem}\\label{theorem:\(dice.roll(1000))}\n"
        text += grammar.sentence("theorem", &dice)
        text += "\n\\end{theorem}\n\\begin{proof}\n"
        text += grammar.sentence("s", &dice)
        text += "\n\\end{proof}\n"
      default: text += "%%% the figure comes here\n"
      }
      text.append(0x0a)
    }
    return text
  }
}
