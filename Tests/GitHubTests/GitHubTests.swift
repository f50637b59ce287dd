import Documents
import GitHub
import Ground
import TestSupport
import Testing

/// What a source made of an input, record by record.
func records(of input: Input, by source: GitHubSource = GitHubSource()) throws -> [Record] {
  try source.records(of: input)
}

let mit = """
  MIT License

  Permission is hereby granted, free of charge, to any person obtaining a copy
  of this software and associated documentation files (the "Software"), to deal
  in the Software without restriction, including …
  """

@Suite struct ExportTests {
  /// The outcome of one row, whose licence is MIT and whose path is `a.py` if it does not say.
  func outcome(_ row: String) throws -> String {
    let folder = try TemporaryFolder()
    let path = try folder.write("{\(row)}\n", to: "github.json")
    let found = try records(of: Input(name: "github.json", path: path))
    return found.count == 1 ? found[0].outcome : "\(found.count) records"
  }

  @Test(arguments: [
    (#""license":"mit","path":"a.py","content":"x = 1\n""#, "kept"),
    (#""license":"bsd-2-clause","path":"a.py","content":"x = 1\n""#, "kept"),
    (#""license":"apache-2.0","path":"a.py","content":"x = 1\n""#, "kept"),
    (#""license":"gpl-2.0","path":"a.py","content":"x = 1\n""#, "licence"),
    (#""path":"a.py","content":"x = 1\n""#, "licence"),
    (#""license":"mit","path":"LICENSE","content":"x""#, "skipped"),
    (#""license":"mit","path":"b/root.crt","content":"x""#, "skipped"),
    (#""license":"mit","path":"a.PY","content":"x""#, "suffix"),
    (#""license":"mit","path":"b/Makefile","content":"all:\n""#, "kept"),
    (#""license":"mit","path":"a.py","size":"1048577","content":"x""#, "size"),
    (#""license":"mit","path":"a.py","size":"1048576","content":"x""#, "kept"),
    (#""license":"mit","path":"a.py","binary":true"#, "binary"),
    (#""license":"mit","path":"a.py","content":null"#, "no_content"),
    (#""license":"mit","path":"a.py","content":"x\u0000y""#, "binary"),
    (#""license":"mit","path":"a.py","content":" \n\n""#, "empty"),
    (#""license":"mit","path":"a.py","content":"x"#, "bad"),
  ])
  func rule(row: String, expected: String) throws {
    #expect(try outcome(row) == expected)
  }

  @Test func aRowSaysWhereItsFileStands() throws {
    let folder = try TemporaryFolder()
    let row = #"""
      {"id":"ab12","size":"5","content":"x \u003c 1","binary":false,"copies":"3",\#
      "repo_name":"o/n","ref":"refs/heads/main","path":"s c/a.py","license":"mit"}
      """#
    let path = try folder.write("\n\(row)\nrubbish\n\(row)\n", to: "a.json")
    let found = try records(of: Input(name: "a.json", path: path))
    #expect(found.map(\.outcome) == ["kept", "bad", "kept"])
    let document = try #require(found[0].document)
    #expect(document.text == Array("x < 1".utf8))
    #expect(
      document.metadata.entries.map(\.name)
        == ["repo", "path", "ref", "licence", "size", "language", "blob", "url"])
    #expect(document.metadata["size"] == 5)
    #expect(document.metadata["language"] == "Python")
    #expect(document.metadata["url"] == "https://github.com/o/n/blob/main/s%20c/a.py")
    #expect(try document.origin.rawRecord(in: path) == Array(row.utf8))
  }
}

@Suite struct RepositoryTests {
  func outcomes(_ files: [(String, String)]) throws -> [String] {
    let folder = try TemporaryFolder()
    let archive = try tar(files.map { ($0.0, Array($0.1.utf8)) })
    let path = try folder.write(zstdFrame(of: archive), to: "r.tar.zst")
    return try records(of: Input(name: "r.tar.zst", path: path)).map(\.outcome)
  }

  @Test func theLicenceMayComeLast() throws {
    #expect(
      try outcomes([("r-1/a.py", "x = 1"), ("r-1/LICENSE", mit)]) == ["kept", "skipped"])
  }

  @Test func withoutALicenceNothingIsKept() throws {
    #expect(
      try outcomes([("r-1/a.py", "x = 1"), ("r-1/README.md", mit)]) == ["licence", "licence"])
  }

  @Test func aLicenceBelowTheRootDoesNotCount() throws {
    #expect(
      try outcomes([("r-1/a.py", "x = 1"), ("r-1/lib/LICENSE", mit), ("r-1/lib/b.py", "y")])
        == ["licence", "licence", "licence"])
  }

  @Test func everyLicenceMustBeAllowed() throws {
    let gpl = "GNU GENERAL PUBLIC LICENSE\nVersion 2, June 1991"
    #expect(
      try outcomes([("r/LICENSE.MIT", mit), ("r/COPYING", gpl), ("r/a.py", "x")]).last == "licence")
  }

  @Test func anArchiveWithoutATopFolderIsOneRepository() throws {
    #expect(try outcomes([("./COPYING", mit), ("./src/a.c", "int x;")]) == ["suffix", "kept"])
  }

  @Test func ownersHoldRepositories() throws {
    let files = [("o/r/LICENSE", mit), ("o/r/a.py", "x"), ("o/s/a.py", "x")]
    #expect(try outcomes(files) == ["skipped", "kept", "licence"])
  }

  @Test func aFolderIsReadAsTheArchiveIs() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(mit, to: "in/r/LICENSE.txt")
    _ = try folder.write("x = 1\n", to: "in/r/src/a.py")
    _ = try folder.write("x", to: "in/r/.git/config")
    _ = try folder.write("x = 2\n", to: "in/s/a.py")
    _ = try folder.write("x = 2\n", to: "in/loose.py")
    let many = Input(name: "in", path: "\(folder.path)/in")
    #expect(try GitHubSource().units(of: many).count == 3)
    #expect(try records(of: many).map(\.outcome) == ["licence", "suffix", "kept", "licence"])
    let one = Input(name: "in/r", path: "\(folder.path)/in/r")
    #expect(try GitHubSource().units(of: one).count == 1)
    let found = try records(of: one)
    #expect(found.map(\.outcome) == ["suffix", "kept"])
    let document = try #require(found[1].document)
    #expect(document.metadata["path"] == "src/a.py" && document.metadata["repo"] == "r")
    #expect(try document.origin.rawRecord(in: one.path) == Array("x = 1\n".utf8))
  }

  @Test func aCommitBehindTheNameIsTheRef() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      tar([("u-e70d5bd/LICENSE", Array(mit.utf8)), ("u-e70d5bd/a.js", [0x78])]), to: "u.tar")
    let found = try records(of: Input(name: "u.tar", path: path))
    let metadata = try #require(found[1].document).metadata
    #expect(metadata["repo"] == "u" && metadata["ref"] == "e70d5bd")
    #expect(metadata["path"] == "a.js" && metadata["licence"] == "mit")
    let origin = try #require(found[1].document).origin
    #expect(origin.offset == 1024 && origin.skip == 0)
  }

  @Test func legacyTextIsDecodedAndOtherBytesAreBinary() throws {
    let folder = try TemporaryFolder()
    let files: [(String, [UInt8])] = [
      ("r/LICENSE", Array(mit.utf8)), ("r/a.c", [0x2f, 0x2f, 0xe9]), ("r/b.c", [0xe9, 0x01]),
      ("r/c.cs", [0xff, 0xfe, 0x78, 0x00]), ("r/d.c", [0xef, 0xbb, 0xbf, 0x78]),
    ]
    let path = try folder.write(tar(files), to: "r.tar")
    let found = try records(of: Input(name: "r.tar", path: path))
    #expect(found.map(\.outcome) == ["skipped", "kept", "binary", "kept", "kept"])
    #expect(found[1].document?.text == Array("//é".utf8))
    #expect(found[3].document?.text == [0x78] && found[4].document?.text == [0x78])
  }
}

@Suite(.enabled(if: Samples.areHere, "\(Samples.absence)")) struct GitHubSampleTests {
  static let archives = [
    ("earwig-mwparserfromhell-e306416.tar.gz", "mit"),
    ("figlet_2.2.5.orig.tar.gz", "bsd-3-clause"),
    ("google-research-deduplicate-text-datasets-4e9888a.tar.gz", "apache-2.0"),
    ("htop-dev-htop-1a4504c.tar.gz", "gpl-2.0"),
    ("iipc-jwarc-9b5df86.tar.gz", "apache-2.0"),
    ("jakevdp-PracticalLombScargle-5f4ca27.tar.gz", "bsd-3-clause, cc-by"),
    ("jashkenas-underscore-e70d5bd.tar.gz", "mit"),
    ("kpu-kenlm-4cb443e.tar.gz", "gpl-3.0, lgpl"),
    ("pallets-itsdangerous-672971d.tar.gz", "bsd-3-clause"),
  ]

  @Test(arguments: archives)
  func licences(name: String, licence: String) throws {
    let path = try Samples.path("github/tarballs/\(name)")
    let found = try records(of: Input(name: name, path: path))
    #expect(found.allSatisfy { $0.document?.metadata.string("licence") == licence })
    let isAllowed = !licence.contains("gpl") && !licence.contains("cc")
    #expect(found.contains { $0.outcome == "kept" } == isAllowed)
    #expect(found.contains { $0.outcome == "licence" } == !isAllowed)
    var members = 0
    let archive = try ArchiveReader(tar: openDecoded(path))
    while try archive.next() != nil { members += 1 }
    #expect(found.count == members)
  }

  @Test func everyKeptFileIsFoundAgain() throws {
    for name in [Self.archives[1].0, Self.archives[8].0] {
      let path = try Samples.path("github/tarballs/\(name)")
      for record in try records(of: Input(name: name, path: path)) {
        guard case .document(let document) = record else { continue }
        let raw = try document.origin.rawRecord(in: path)
        #expect(UInt64(raw.count) == document.origin.length)
        #expect(decodeText(raw) == document.text)
      }
    }
  }

  @Test(arguments: ["0", "1"]) func theExportBalances(number: String) throws {
    let name = "github/constructed-bigquery/github_contents-00000000000\(number).json.gz"
    let path = try Samples.path(name)
    let reader = try openDecoded(path)
    var lines = 0
    var line: [UInt8] = []
    while try reader.readLine(into: &line) != nil { lines += 1 }
    let found = try records(of: Input(name: name, path: path))
    #expect(found.count == lines)
    #expect(!found.contains { $0.outcome == "bad" })
    #expect(Set(found.map(\.outcome)).isSuperset(of: ["kept", "licence", "suffix"]))
    for record in found.prefix(40) {
      guard let document = record.document else { continue }
      let raw = try document.origin.rawRecord(in: path)
      #expect(raw.first == UInt8(ascii: "{") && raw.last == UInt8(ascii: "}"))
    }
  }

  @Test func aCutFileNeverCrashes() throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: 7)
    for name in [
      "tarballs/pallets-itsdangerous-672971d.tar.gz",
      "constructed-bigquery/github_contents-000000000000.json.gz",
    ] {
      let bytes = try FileBytes.of(Samples.path("github/\(name)"))
      for _ in 0..<12 {
        let cut = Int.random(in: 0..<bytes.count, using: &random)
        let path = try folder.write(Array(bytes[..<cut]), to: fileName(of: name))
        _ = try? records(of: Input(name: name, path: path))
      }
    }
  }
}

enum FileBytes {
  static func of(_ path: String) throws -> [UInt8] {
    try firstBytes(of: path, count: Int(fileSize(path)))
  }
}
