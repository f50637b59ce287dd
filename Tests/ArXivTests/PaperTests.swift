import ArXiv
import Documents
import Ground
import TestSupport
import Testing

@Suite struct AssemblyTests {
  let head = "\\documentclass{a}\\begin{document}\n"
  let foot = "\n\\end{document}\n"

  @Test(arguments: [
    ("\\input{b}", "b.tex"), ("\\input b ", "b.tex"), ("\\include{b}", "b.tex"),
    ("\\subfile{b.tex}", "b.tex"), ("\\input{./s//b}", "s/b.tex"), ("\\import{s}{b}", "s/b.tex"),
    ("\\input{\"b.inc\"}", "b.inc"), ("\\input{s/../b}", "b.tex"),
  ])
  func aFileIsReadInPlace(command: String, name: String) throws {
    let record = try paper([("ms.tex", "\(head)\\section{A}\n\(command)\nc\(foot)"), (name, "B\n")])
    #expect(record.text.split(separator: "\n").joined(separator: " ") == "\\section{A} B c")
    #expect(record.document?.metadata["files"] == .strings(["ms.tex", name]))
  }

  @Test func anotherDocumentGivesItsBody() throws {
    let files = [
      ("ms.tex", "\(head)\\section{A}\n\\subfile{b}\(foot)"), ("b.tex", "\(head)B\(foot)"),
    ]
    #expect(try paper(files).text == "\\section{A}\n\nB\n")
  }

  @Test func circlesEnd() throws {
    let files = [("ms.tex", "\(head)\\section{A}\\input{b}\(foot)"), ("b.tex", "B\\input{ms}")]
    #expect(try paper(files).text == "\\section{A}B\n")
  }

  @Test func manyPathsToAFileAreBounded() throws {
    var files = [("ms.tex", "\(head)\\section{A}\\input{f0}\(foot)")]
    for level in 0..<14 {
      files.append(("f\(level).tex", "\\input{f\(level + 1)}\\input{f\(level + 1)}"))
    }
    files.append(("f14.tex", "x"))
    #expect(try paper(files).text.utf8.count < 1 << 20)
  }

  @Test func emptyFilesIncludedOverAndOverEnd() throws {
    let many = String(repeating: "\\input{b}\\input{c}\\input{d}", count: 30)
    let files = [("ms.tex", "\(head)\\section{A}\(many)\(foot)")]
    let others = ["b", "c", "d", "e", "f", "g"].map {
      ("\($0).tex", many + "\\input{e}\\input{f}\\input{g}")
    }
    #expect(try paper(files + others).outcome == "kept")
  }

  @Test func aFileThatIsNotThereStays() throws {
    #expect(
      try paper([("ms.tex", "\(head)\\section{A}\n\\input{x}\(foot)")]).text.contains("\\input{x}"))
  }

  /// Each paper's root, by its files.
  @Test(arguments: [
    ("usual name", ["a.tex", "main.tex"], "main.tex"),
    ("note of arXiv", ["main.tex", "z.tex", "00README.XXX"], "z.tex"),
    ("the larger", ["a.tex", "long.tex"], "long.tex"),
  ])
  func root(why: String, names: [String], expected: String) throws {
    let files = names.map { name in
      if name.hasPrefix("00") { return (name, "z.tex toplevelfile\n") }
      let filler = String(repeating: "x", count: name.utf8.count)
      return (name, "\(head)\\section{\(filler)}\(foot)")
    }
    #expect(try paper(files).document?.metadata["files"] == .strings([expected]))
  }

  @Test func arXivsNoteInJSON() throws {
    let note = #"{"sources":[{"filename":"z.tex","usage":"toplevel"},{"filename":"a.tex"}]}"#
    let text = "\(head)\\section{A}\(foot)"
    let record = try paper([("a.tex", text), ("z.tex", text), ("00README.json", note)])
    #expect(record.document?.metadata["files"] == .strings(["z.tex"]))
  }

  @Test func withoutARootAllFilesCount() throws {
    let files = [("a.tex", "\\section{A}"), ("b.tex", "\\section{B}\\input{c}"), ("c.tex", "C")]
    #expect(try paper(files).text == "\\section{A}\n\\section{B}C\n")
  }

  @Test func ancillaryFilesDoNotCount() throws {
    #expect(
      try paper([("anc/ms.tex", "\(head)\\section{A}\(foot)"), ("a.txt", "x")]).outcome == "no_tex")
  }
}

@Suite struct PaperKindTests {
  @Test(arguments: [
    ("%!PS-Adobe-2.0\n", "postscript"), ("%PDF-1.4\n", "pdf"), ("<!DOCTYPE HTML>\n", "html"),
    ("%auto-ignore\nThis paper has been withdrawn", "withdrawn"), ("PK\u{3}\u{4}", "docx"),
    ("plain words", "no_section"), ("\u{0}\u{1}", "no_tex"), ("", "no_section"),
    ("\\section{A}", "kept"), ("\\section{A}\r\rB\r\n", "kept"),
  ])
  func singleFile(text: String, expected: String) throws {
    #expect(try read(Array(text.utf8)).outcome == expected)
  }

  @Test func manyFilesWithoutTeX() throws {
    #expect(try paper([("a.pdf", "%PDF")]).outcome == "pdf")
    #expect(try paper([("a.html", "<p>"), ("b.eps", "x")]).outcome == "html")
    #expect(try paper([("a.ps", "%!PS")]).outcome == "postscript")
    #expect(try paper([("a.gif", "x")]).outcome == "no_tex")
  }

  @Test(arguments: [
    ("latin1", [0xe9], "é"), ("latin9", [0xa4], "€"), ("cp1252", [0x80], "€"),
    ("ansinew", [0x93], "“"), ("cp1250", [0xb9], "ą"), ("koi8-r", [0xc1], "а"),
    ("cp1251", [0xe0], "а"), ("applemac", [0x8e], "é"), ("utf8", [0xc3, 0xa9], "é"),
    ("unheard-of", [0xe9], "é"), ("a,latin2", [0xb3], "ł"),
  ])
  func encodings(option: String, bytes: [UInt8], expected: String) throws {
    let head = "\\documentclass{a}\\usepackage[\(option)]{inputenc}\\begin{document}\\section{"
    let record = try read(Array(head.utf8) + bytes + Array("}".utf8))
    #expect(record.text == "\\section{\(expected)}\n")
  }

  @Test func theRootsEncodingHoldsForAllFiles() throws {
    let head = "\\documentclass{a}\\usepackage[latin2]{inputenc}\\begin{document}\\input{b}"
    let bytes = try tar([
      ("ms.tex", Array(head.utf8)), ("b.tex", Array("\\section{".utf8) + [0xb3, 0x7d]),
    ])
    #expect(try read(bytes).text == "\\section{ł}\n")
  }

  @Test(arguments: [
    ("1703.09824.gz", "1703.09824", "1703"), ("0704.0001v2.gz", "0704.0001", "0704"),
    ("hep-th9901001.gz", "hep-th/9901001", "9901"), ("math0309136.tar.gz", "math/0309136", "0309"),
    ("1799.00001.gz", nil, nil), ("thesis.gz", nil, nil),
  ])
  func identifiers(name: String, id: String?, yymm: String?) throws {
    let metadata = try #require(read(Array("\\section{A}".utf8), named: name).document).metadata
    #expect(metadata.string("arxiv_id") == id && metadata.string("yymm") == yymm)
    #expect(metadata.string("url") == id.map { "https://arxiv.org/abs/\($0)" })
  }

  @Test func bulkMembersAreAccountedFor() throws {
    let paper = gzipMember(of: Array("\\section{A} x".utf8))
    let bulk = try tar([
      ("2101/2101.00001.gz", paper), ("2101/2101.00002.pdf", [0x25]),
      ("2101/2101.00003.gz", Array(paper.prefix(20))), ("2101/notes.txt", [0x61]),
      ("2101/2101.00004.gz", paper),
    ])
    let folder = try TemporaryFolder()
    let path = try folder.write(bulk, to: "arXiv_src_2101_001.tar")
    let found = try records(of: Input(name: "arXiv_src_2101_001.tar", path: path))
    #expect(found.map(\.outcome) == ["kept", "pdf", "bad", "not_source", "kept"])
    guard case .bad(let fault) = found[2] else { return }
    #expect(fault.description.contains("member 2101/2101.00003.gz"))
    let last = try #require(found[4].document)
    #expect(last.created == "2021-01-07T06:13:20Z")
    #expect(last.origin.member == "2101/2101.00004.gz" && last.origin.offset > 0)
    #expect(try last.origin.rawRecord(in: path) == paper)
  }

  @Test func aPapersFolder() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(
      "\\documentclass{a}\\begin{document}\\section{A}\\input{b}", to: "p/ms.tex")
    _ = try folder.write("B", to: "p/b.tex")
    let input = Input(name: "p", path: "\(folder.path)/p")
    let document = try #require(try records(of: input)[0].document)
    #expect(document.text == Array("\\section{A}B\n".utf8))
    #expect(try document.origin.rawRecord(in: input.path).count == Int(document.origin.length))
  }
}
