import ArXiv
import Documents
import Ground
import TestSupport
import Testing

@Suite struct CommentTests {
  @Test(arguments: [
    ("a% c\nb", "ab\n"),
    ("a % c\n   b", "a b\n"),
    ("a\n% c\nb", "a\nb\n"),
    ("a\n  % c\n  b", "a\n  b\n"),
    ("a%\n\nb", "a\n\nb\n"),
    ("5\\% of", "5\\% of\n"),
    ("a\\\\% c\nb", "a\\\\b\n"),
    ("\\verb|%| b", "\\verb|%| b\n"),
    ("\\url{a%20b} % c", "\\url{a%20b}\n"),
    (
      "\\begin{verbatim}\n% c\n\n\n\n\\end{verbatim}",
      "\\begin{verbatim}\n% c\n\n\n\n\\end{verbatim}\n"
    ),
    (
      "\\begin{lstlisting}[a]\n% c\n\\end{lstlisting}",
      "\\begin{lstlisting}[a]\n% c\n\\end{lstlisting}\n"
    ),
    ("\\begin{minted}{c}\n%d\n\\end{minted}", "\\begin{minted}{c}\n%d\n\\end{minted}\n"),
    ("a\\begin{comment}x\n\\end{comment}b", "ab\n"),
    ("a\\iffalse x \\fi b", "a b\n"),
    ("a\\iffalse x\\else y\\fi b", "a y b\n"),
    ("a\\iftrue x\\else y\\fi b", "a x b\n"),
    ("a\\iffalse \\ifx\\a\\b x\\fi % \\fi\n\\fi b", "a b\n"),
    ("a\\if00 x\\else y\\fi b", "a x b\n"),
    ("a\\ifmine x\\else y\\fi b", "a\\ifmine x\\else y\\fi b\n"),
    ("a\n\\endinput\nb", "a\n"),
  ])
  func rule(body: String, expected: String) throws {
    #expect(try cleaned(body) == expected)
  }
}

@Suite struct CutTests {
  @Test(arguments: [
    "\\section{A}", "\\section*{A}", "\\section[a]{A}", "\\chapter{A}", "\\part {A}",
    "\\subsection{A}", "\\paragraph{A}",
  ])
  func whatStandsBeforeTheFirstSectionGoes(header: String) throws {
    let text = "\\documentclass{a}\\begin{document}Abstract\n\(header) x\\end{document} y"
    #expect(try read(Array(text.utf8)).text == "\(header) x\n")
  }

  @Test(arguments: [
    ("\\bibliographystyle{x}\n\\bibliography{a,b}", ""),
    ("\\printbibliography[heading=none]", ""),
    ("\\begin{thebibliography}{9}\n\\bibitem{a} x\n\\end{thebibliography}", ""),
    ("\\begin{references}\n\\bibitem{a} x\n\\end{references}", ""),
    ("\\begin{thebibliography}{9}\n\\bibitem{a} x", ""),
    ("\\bibliography{a}\n\\appendix\n\\section{B}", "\n\\appendix\n\\section{B}\n"),
  ])
  func theBibliographyGoes(back: String, rest: String) throws {
    #expect(try cleaned("text\n\(back)") == "text\n\(rest)")
  }

  @Test func theAppendixMayGo() throws {
    var settings = ArXivSource.Settings()
    settings.keepsAppendix = false
    #expect(try cleaned("text\n\\appendix\n\\section{B}", settings: settings) == "text\n")
    #expect(try cleaned("text\n\\bibliography{a}\n\\section{B}", settings: settings) == "text\n")
    #expect(try cleaned("a \\appendixname{} b", settings: settings) == "a \\appendixname{} b\n")
  }

  @Test func aPaperWithoutSections() throws {
    let text = "\\documentclass{a}\\begin{document}\\title{T}\\maketitle\nBody\\end{document}"
    #expect(try read(Array(text.utf8)).outcome == "no_section")
    var settings = ArXivSource.Settings()
    settings.keepsSectionless = true
    #expect(try read(Array(text.utf8), settings).text == "Body\n")
  }

  @Test func aSectionInAComment() throws {
    let text =
      "\\documentclass{a}\\begin{document}\n%\\section{A}\nx\n\\section{B}\n\\end{document}"
    #expect(try read(Array(text.utf8)).text == "\\section{B}\n")
  }

  @Test func aSectionInACommand() throws {
    let text = """
      \\documentclass{a}\\newcommand{\\sect}[1]{\\section{#1}}
      \\begin{document}x \\sect{A} y\\end{document}
      """
    #expect(try read(Array(text.utf8)).text == "\\section{A} y\n")
  }

  private func cleaned(_ body: String, settings: ArXivSource.Settings = .init()) throws -> String {
    try ArXivTests.cleaned(body, settings)
  }
}

@Suite struct MacroTests {
  @Test(arguments: [
    ("\\newcommand{\\R}{\\mathbb{R}}", "$\\R^n$", "$\\mathbb{R}^n$\n"),
    ("\\newcommand\\R{\\mathbb R}", "$\\R x$", "$\\mathbb R x$\n"),
    ("\\newcommand*{\\n}[1]{\\|#1\\|}", "$\\n{x} \\n y$", "$\\|x\\| \\|y\\|$\n"),
    ("\\newcommand{\\p}[2][z]{#1/#2}", "\\p{a} \\p[b]{a}", "z/a b/a\n"),
    ("\\def\\a#1#2{(#2,#1)}", "\\a{x}y", "(y,x)\n"),
    ("\\def\\a{A}\\def\\b{\\a\\a}", "\\b", "AA\n"),
    ("\\def\\a{A}\\renewcommand{\\a}{B}", "\\a", "B\n"),
    ("\\def\\a{A}\\providecommand{\\a}{B}\\providecommand{\\c}{C}", "\\a\\c", "AC\n"),
    ("\\let\\a\\alpha\\let\\alpha\\beta", "$\\a\\alpha$", "$\\alpha\\beta$\n"),
    ("\\let\\o\\phi\\let\\phi\\varphi\\let\\varphi\\o", "\\phi,\\varphi", "\\varphi,\\phi\n"),
    ("\\DeclareMathOperator{\\tr}{tr}", "$\\tr A$", "$\\operatorname{tr} A$\n"),
    ("\\DeclareMathOperator*{\\tr}{tr}", "$\\tr A$", "$\\operatorname*{tr} A$\n"),
    ("\\NewDocumentCommand\\p{O{z} m}{#1/#2}", "\\p{a} \\p[b]{a}", "z/a b/a\n"),
    ("\\NewDocumentCommand\\p{o}{\\IfValueTF{#1}{a}{b}}", "\\p", "\\p\n"),
    ("\\NewDocumentCommand{\\v}{m}{\\vec{#1}}", "$\\v x$", "$\\vec{x}$\n"),
    ("\\newcommand{\\eg}{e.g.\\xspace}", "\\eg this \\eg{} that", "e.g. this e.g. that\n"),
    ("\\newcommand{\\b}{\\mathbf}", "$\\b{x}\\b y$", "$\\mathbf{x}\\mathbf y$\n"),
    ("\\def\\v#1{\\mathbf#1}", "$\\v x$", "$\\mathbf x$\n"),
    ("\\def\\f{\\g}\\def\\g#1{<#1>}", "\\f{x}", "<x>\n"),
    ("\\def\\m{\\def\\x##1{<##1>}}", "\\m\\x{1}", "<1>\n"),
    (
      "\\DeclarePairedDelimiter{\\n}{\\lvert}{\\rvert}", "$\\n{x} \\n*{x} \\n[\\big]{x}$",
      "$\\lvert x\\rvert \\left\\lvert x\\right\\rvert \\big\\lvert x\\big\\rvert$\n"
    ),
    ("\\DeclarePairedDelimiter\\n()", "\\n{x}", "\\n{x}\n"),
    ("\\newrobustcmd{\\a}{A}", "\\a", "A\n"),
    ("\\def\\a{A}", "\\ifx\\a\\b\\a\\fi \\string\\a", "\\ifx\\a\\b A\\fi \\string\\a\n"),
    ("\\long\\def\\a{A}", "\\a", "A\n"),
    ("\\def\\a{A}", "\\verb|\\a| \\ab \\\\a", "\\verb|\\a| \\ab \\\\a\n"),
    ("\\def\\a[#1]{<#1>}", "\\a[x] \\a{y}", "<x> \\a{y}\n"),
    ("\\def\\be#1\\ee{[#1]}", "\\be x\\eex {\\ee}\\ee y", "[ x\\eex {\\ee}] y\n"),
    ("\\def\\<#1|#2>{(#1,#2)}", "$\\<x|{y}>$ \\<x", "$(x,y)$ \\<x\n"),
    ("\\def\\a.{A}", "\\a. \\a", "A \\a\n"),
    ("\\def\\a#1#{A}", "\\a x{y}", "\\a x{y}\n"),
    ("\\renewcommand{\\eqref}[1]{(\\ref{eq:#1})}", "\\eqref{a}", "(\\ref{eq:a})\n"),
    ("\\def\\a{\\ifx x\\fi}", "\\a", "\\a\n"),
    ("\\makeatletter\\def\\a@b{X}\\def\\a{\\a@b}\\makeatother", "\\a@b", "\\a@b\n"),
    ("\\renewcommand{\\section}{X}", "\\subsection{B}", "\\subsection{B}\n"),
    ("% \\def\\a{A}", "\\a", "\\a\n"),
    ("", "x\n\\newcommand{\\a}{A}\n\\newenvironment{e}[1]{b}{e}\ny \\a", "x\ny A\n"),
    ("", "\\a \\def\\a{A}\\a", "\\a A\n"),
    ("\\def\\a#1{<#1>}", "\\a", "\\a\n"),
  ])
  func rule(preamble: String, body: String, expected: String) throws {
    #expect(try cleaned(body, preamble: preamble) == expected)
  }

  @Test(arguments: [
    ("\\x", "$\\mathbf{x}$"), ("$a\\x b$", "$a\\mathbf{x} b$"),
    ("\\(\\in\\x\\) \\x", "\\(\\in\\mathbf{x}\\) $\\mathbf{x}$"),
    ("$\\in\\R\\R$", "$\\in RR$"), ("\\R\\R", "$R$$R$"), ("$$\\R$$ \\R", "$$R$$ $R$"),
    ("$a$$\\R$\\R", "$a$$R$$R$"), ("$R^\\x$ a^\\R", "$R^{\\mathbf{x}}$ a^\\ensuremath{R}"),
    ("$\\hat\\x$", "$\\hat{\\mathbf{x}}$"), ("$\\text{on \\R}\\R$", "$\\text{on $R$}R$"),
    ("\\begin{align*}\\R\\end{align*}\\R", "\\begin{align*}R\\end{align*}$R$"),
    ("$\\begin{array}{c}\\R\\end{array}$", "$\\begin{array}{c}R\\end{array}$"),
    ("$\\parbox{3cm}{\\R}$", "$\\parbox{3cm}{$R$}$"), ("\\$\\R", "\\$$R$"),
    ("\\n{\\R} $\\n{\\R}$", "$|R|$ $|R|$"),
    ("\\o{$\\R$}{\\R} \\R", "\\o{$R$}{\\ensuremath{R}} $R$"), ("\\_\\R", "\\_$R$"),
    ("\\begin{E}\\R\\end{E}", "\\begin{E}\\ensuremath{R}\\end{E}"),
    (
      "\\xymatrix@C=1em{\\R \\ar_{\\R} & \\text{\\R}}", "\\xymatrix@C=1em{R \\ar_{R} & \\text{$R$}}"
    ),
    ("x\\e\\e", "x"), ("a $ b\n\n\\R", "a $ b\n\n$R$"),
    ("\\a b", "$\\alpha$ b"), ("$\\a{}b$", "$\\alpha b$"), ("\\ensuremath\\R", "\\ensuremath$R$"),
  ])
  func ensuremathGoes(body: String, expected: String) throws {
    let preamble = """
      \\newcommand{\\x}{\\ensuremath{\\mathbf{x}}}\\newcommand{\\R}{\\ensuremath{R}}
      \\newcommand{\\n}[1]{\\ensuremath{ |#1| }}\\newcommand{\\e}{\\ensuremath{}}
      \\newcommand{\\a}{\\ensuremath{\\alpha}}
      \\def\\o#1#2{\\ifmmode#1\\else#2\\fi}\\newenvironment{E}{\\[}{\\]}
      """
    #expect(try cleaned(body, preamble: preamble) == expected + "\n")
  }

  @Test func aStyleFileOfPlainCommandsCounts() throws {
    let main =
      "\\documentclass{a}\\usepackage{my,big}\\begin{document}\\section{\\a\\b}\\end{document}"
    let files = [
      ("ms.tex", main), ("my.sty", "\\newcommand{\\a}{A}"), ("big.sty", "\\def\\b{B}\\def\\x@y{}"),
    ]
    #expect(try paper(files).text == "\\section{A\\b}\n")
  }

  @Test(arguments: [
    "\\def\\a{\\a}", "\\def\\a{\\a\\a}", "\\def\\a{\\b\\b}\\def\\b{\\a\\a}", "\\def\\a{x\\a}",
    "\\def\\a#1{\\a{#1#1}}",
  ])
  func acommandWithoutEndStaysAsWritten(preamble: String) throws {
    let text = """
      \\documentclass{a}\(preamble)\\def\\ok{fine}
      \\begin{document}\\section{S}\\a{x} \\ok\\end{document}
      """
    let record = try read(Array(text.utf8))
    #expect(record.text == "\\section{S}\\a{x} fine\n")
    #expect(record.document?.metadata["note"] == "macro_limit")
  }

  @Test func hugeGrowthIsBounded() throws {
    let names = "abcdefghijklmnopqrstuvwxyz".map { String($0) }
    let chain = zip(names, names.dropFirst()).map { "\\def\\\($0){\\\($1)\\\($1)}" }.joined()
    let text = "\(chain)\\def\\z{zzzz}\\section{S} " + String(repeating: "\\a ", count: 1000)
    #expect(try read(Array(text.utf8)).text.utf8.count < 1 << 19)
  }

  /// Repetition, unclosed and nested: each takes far below a second, and none crashes.
  @Test(arguments: [
    "\\section{", "\\input{a", "\\iftrue ", "\\iffalse\\else ", "\\def\\a{", "\\let\\a\\a",
    "\\newcommand{\\a}[1][{", "\\begin{verbatim}", "\\begin{comment}", "\\begin{thebibliography}",
    "\\bibliography{", "\\ensuremath{", "{\\ensuremath{\\begin{a}", "\\def\\b#1\\c{}\\b", "a%\n",
    "\\verb|", "\\import{a}{", "\\a{", "{\\a", "\\", "#",
  ])
  func hostileRepetition(unit: String) throws {
    let text = "\\def\\a#1{#1}\\section{A}" + String(repeating: unit, count: 10_000)
    let clock = ContinuousClock()
    let time = try clock.measure { _ = try read(Array(text.utf8)) }
    #expect(time < .seconds(20))
  }
}
