import ArXiv
import Documents
import Ground
import TestSupport
import Testing

@Suite(.enabled(if: Samples.areHere, "\(Samples.absence)")) struct ArXivSampleTests {
  static let bulk = [
    ("1112", ["kept"]), ("1308", ["kept"]), ("1703", ["kept", "kept"]), ("1706", ["kept"]),
    ("1801", ["kept"]), ("1804", ["kept"]), ("1901", ["withdrawn"]), ("2106", ["no_section"]),
    ("2401", ["pdf"]), ("9901", ["kept"]),
  ]

  @Test(arguments: bulk)
  func bulkArchives(yymm: String, outcomes: [String]) throws {
    let name = "arXiv_src_\(yymm)_001.tar"
    let path = try Samples.path("arxiv/src/\(name)")
    let found = try records(of: Input(name: name, path: path))
    #expect(found.map(\.outcome) == outcomes)
    for record in found {
      let document = try #require(record.document)
      let member = fileName(of: try #require(document.origin.member))
      let stored = try Samples.path("arxiv/papers/\(member)")
      let raw = try firstBytes(of: stored, count: 1 << 24)
      #expect(try document.origin.rawRecord(in: path) == raw)
      #expect(document.metadata.string("yymm") == yymm)
      guard record.outcome == "kept" else { continue }
      for gone in [
        "\\newcommand{", "\\begin{thebibliography}", "\\documentclass", "\\end{document}",
      ] {
        #expect(!record.text.contains(gone), "\(member) holds \(gone)")
      }
      #expect(isValidUTF8(document.text))
    }
  }

  @Test func realCommandsAreExpanded() throws {
    func text(_ name: String) throws -> String {
      let path = try Samples.path("arxiv/papers/\(name)")
      return try records(of: Input(name: name, path: path))[0].text
    }
    let astropy = try text("1801.02634.gz")
    #expect(astropy.contains("this community for \\texttt{Python} astronomy"))
    #expect(!astropy.contains("\\astropy"))
    let book = try text("1308.90004.gz")
    #expect(book.hasPrefix("\\chapter*{Preface}"))
    #expect(!book.contains("\\UU") && book.contains("\\mathcal{U}"))
    let cominuscule = try text("1706.90001.gz")
    #expect(!cominuscule.contains("\\ExplSyntaxOn"))
  }

  /// The accented letters that LaTeXML's expected XML holds must be in the text.
  @Test(arguments: [
    "ansinew", "applemac", "cp1250", "cp850", "cp858", "cp865", "latin10", "latin2", "latin5",
    "latin9",
  ])
  func encodingsAgreeWithLaTeXML(name: String) throws {
    let folder = "arxiv/latexml/encoding"
    let path = try Samples.path("\(folder)/\(name).tex")
    let record = try records(of: Input(name: "\(name).tex", path: path))[0]
    let xml = try firstBytes(of: Samples.path("\(folder)/\(name).xml"), count: 1 << 20)
    let expected = Set(String(decoding: xml, as: UTF8.self).unicodeScalars).filter {
      $0.value > 0xbf && $0.properties.isAlphabetic
    }
    let found = Set(record.text.unicodeScalars)
    #expect(expected.count > 10 && record.outcome == "kept")
    #expect(expected.subtracting(found).filter { $0.value < 0x250 }.isEmpty)
  }

  @Test func expansionAgreesWithLaTeXML() throws {
    let path = try Samples.path("arxiv/latexml/expansion/partial.tex")
    let text = try records(of: Input(name: "partial.tex", path: path))[0].text
    // Its expected XML: <p>M Foo; I Foo; P Foo; R Foo; T Foo.</p>, of which T is a token register.
    #expect(text.contains("\\item[Normal:] {M Foo; I Foo; P Foo; R Foo; T"))
    let percent = try Samples.path("arxiv/latexml/tokenize/percent.tex")
    let kept = try records(of: Input(name: "percent.tex", path: percent))[0].text
    #expect(kept.hasPrefix("\\section{FooBar}\\label{foobar}\nMethods~\\cite{b1,b2}, by the"))
    #expect(kept.contains("\\url{http://foo.com/dont%00ignore this}"))
    #expect(kept.contains("\\verb%http://\\host/page% versus \\url%http://\\host/page%."))
    #expect(!kept.contains("bibitem"))
  }

  @Test func commentsAgreeWithLatexCleaner() throws {
    var settings = ArXivSource.Settings()
    settings.keepsSectionless = true
    settings.expandsMacros = false
    let path = try Samples.path("arxiv/latex-cleaner/tex")
    let record = try records(of: Input(name: "tex", path: path), by: ArXivSource(settings))[0]
    let expected = try firstBytes(
      of: Samples.path("arxiv/latex-cleaner/tex_arXiv_true/main.tex"), count: 1 << 20)
    // Line by line, but for what the cleaner was told to remove, and the bare % it leaves.
    let lines = String(decoding: expected, as: UTF8.self).split(separator: "\n")
    let text = String(record.text.filter { !$0.isWhitespace })
    let own = [
      "hello test hello", "test hello", "This line should", "\\input", "\\includegraphics{ext",
    ]
    for line in lines where !line.contains("%") && !own.contains(where: { line.hasPrefix($0) }) {
      if ["\\ifvar", "\\fi", "\\begin{document}", "\\end{document}"].contains(line) { continue }
      // A comment joins lines here, so blanks are not compared.
      let bare = String(line.filter { !$0.isWhitespace })
      #expect(text.contains(bare), "\(line)")
    }
    for gone in [
      "omment", "not_included", "iffalse block", "else block of iftrue", "should be ignored",
      "im5_not", "replaced",
    ] {
      #expect(!record.text.contains(gone), "\(gone)")
    }
    #expect(record.text.contains("\\includegraphics{images/im4_included.png}"))
  }

  @Test func aLegacyFileWithoutDeclaration() throws {
    let path = try Samples.path("arxiv/latin1/umbruch1.tex")
    var settings = ArXivSource.Settings()
    settings.keepsSectionless = true
    let record = try records(of: Input(name: "u.tex", path: path), by: ArXivSource(settings))[0]
    #expect(record.document?.metadata["encoding"] == "WINDOWS-1252")
    #expect(!record.text.contains("\u{fffd}") && record.text.contains("ü"))
  }

  @Test func everySubmissionHasAnOutcome() throws {
    for kind in ["preflight", "tarballs"] {
      let folder = try Samples.path("arxiv/submission-tools/\(kind)")
      for name in try files(under: folder) {
        let found = try records(of: Input(name: name, path: "\(folder)/\(name)"))
        #expect(found.count == 1 && found[0].outcome != "bad", "\(name)")
      }
    }
  }

  @Test func aCutFileNeverCrashes() throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: 11)
    for name in ["src/arXiv_src_2106_001.tar", "papers/2106.90002.gz", "papers/1112.90005.gz"] {
      let bytes = try firstBytes(of: Samples.path("arxiv/\(name)"), count: 1 << 24)
      for _ in 0..<8 {
        let cut = Int.random(in: 0..<bytes.count, using: &random)
        let path = try folder.write(Array(bytes[..<cut]), to: fileName(of: name))
        _ = try? records(of: Input(name: name, path: path))
      }
    }
  }

  /// Decoded text cut anywhere: half a command, a brace or a character at the end.
  @Test func cutTextNeverCrashes() throws {
    let bytes = try openDecoded(Samples.path("arxiv/papers/1703.09824.gz")).readToEnd()
    var random = SeededGenerator(seed: 13)
    for _ in 0..<20 { _ = try read(Array(bytes[..<Int.random(in: 0..<8000, using: &random)])) }
    let stem = "\\newcommand{\\a}[1][b]{c#1} \\section*{A}% x\n\\a[z]\\verb|x| \\iffalse \\fi é"
    for cut in 0...stem.utf8.count { _ = try read(Array(stem.utf8.prefix(cut))) }
  }
}
