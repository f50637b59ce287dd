import Documents
import Ground
import StackExchange
import TestSupport
import Testing

@Suite struct StackExchangeTests {
  private func outcomes(
    _ path: String, name: String, _ source: StackExchangeSource = StackExchangeSource()
  ) throws -> [String] {
    try records(path, name: name, source).map(line)
  }

  private func records(
    _ path: String, name: String, _ source: StackExchangeSource = StackExchangeSource()
  ) throws -> [Record] {
    try source.records(of: Input(name: name, path: path))
  }

  private func line(_ record: Record) -> String {
    switch record {
    case .document(let document): String(decoding: document.text, as: UTF8.self)
    case .dropped(let document, let reason): "\(reason) \(document.origin.length)"
    case .bad(let fault): "\(fault.cause)"
    }
  }

  private func posts(_ rows: [String]) -> String {
    "<?xml version=\"1.0\"?>\r\n<posts>\r\n" + rows.map { "  <row \($0) />\r\n" }.joined()
      + "</posts>"
  }

  private func outcomes(of rows: [String]) throws -> [String] {
    let folder = try TemporaryFolder()
    return try outcomes(
      folder.write(posts(rows), to: "Posts.xml"), name: "a.stackexchange.com/Posts.xml")
  }

  @Test func aQuestionComesWithItsAnswersByScore() throws {
    let rows = [
      "Id=\"2\" PostTypeId=\"2\" ParentId=\"1\" Score=\"9\" Body=\"nine\"",
      "Id=\"1\" PostTypeId=\"1\" Title=\"T\" Body=\"&lt;p&gt;b&lt;/p&gt;\" AcceptedAnswerId=\"5\"",
      "Id=\"3\" PostTypeId=\"2\" ParentId=\"1\" Score=\"10\" Body=\"ten\"",
      "Id=\"4\" PostTypeId=\"2\" ParentId=\"1\" Score=\"-1\" Body=\"minus\"",
      "Id=\"5\" PostTypeId=\"2\" ParentId=\"1\" Score=\"9\" Body=\"accepted\"",
      "Id=\"6\" PostTypeId=\"2\" ParentId=\"1\" Score=\"9\" Body=\"later\"",
    ]
    #expect(
      try outcomes(of: rows)
        == ["Q: T b\nA: ten\nA: accepted\nA: nine\nA: later\nA: minus"])
  }

  @Test func aQuestionWithoutAnswersStays() throws {
    #expect(try outcomes(of: ["Id=\"1\" PostTypeId=\"1\" Title=\"T\" Body=\"b\""]) == ["Q: T b"])
  }

  @Test func listItemsHaveStars() throws {
    let body = "&lt;ul&gt;&lt;li&gt;a&lt;/li&gt;&lt;li&gt;b&lt;/li&gt;&lt;/ul&gt;"
    #expect(
      try outcomes(of: ["Id=\"1\" PostTypeId=\"1\" Title=\"T\" Body=\"\(body)\""])
        == ["Q: T * a\n* b"])
  }

  @Test func otherRowsAreDroppedForTheirReasons() throws {
    let rows = [
      "Id=\"9\" PostTypeId=\"5\" Body=\"w\"",
      "Id=\"2\" PostTypeId=\"2\" ParentId=\"7\" Body=\"o\"",
      "Id=\"1\" PostTypeId=\"1\" Title=\"T\" Body=\"\"",
      "Id=\"1\" PostTypeId=\"1\" Title=\"U\" Body=\"\"",
      "Id=\"3\" PostTypeId=\"2\" ParentId=\"1\" Body=\"\"",
      "Id=\"4\" PostTypeId=\"1\" Title=\"\" Body=\"\"",
      "PostTypeId=\"1\"",
    ]
    #expect(
      try outcomes(of: rows).map { $0.split(separator: " ").first ?? "" }
        == ["type.5", "a", "Q:", "duplicate", "empty", "empty", "orphan"])
  }

  @Test func metadataSaysWhereAndWhat() throws {
    let folder = try TemporaryFolder()
    let rows = [
      """
      Id="1" PostTypeId="1" Title="T" Body="b" Score="-3" Tags="&lt;a-b&gt;&lt;c++&gt;" \
      CreationDate="2014-03-13T20:32:04.033"
      """,
      """
      Id="2" PostTypeId="1" Title="T" Body="b" Tags="|a|b|" ContentLicense="CC BY-SA 4.0"
      """,
    ]
    let path = try folder.write(posts(rows), to: "math.stackexchange.com/Posts.xml")
    let found = try records(path, name: "math.stackexchange.com/Posts.xml")
    guard case .document(let first)? = found.first, case .document(let second)? = found.last else {
      Issue.record("no documents")
      return
    }
    #expect(first.created == "2014-03-13T20:32:04.033")
    #expect(first.metadata.string("site") == "math.stackexchange.com")
    #expect(first.metadata.string("url") == "https://math.stackexchange.com/questions/1")
    #expect(first.metadata["score"] == .integer(-3))
    #expect(first.metadata["tags"] == .strings(["a-b", "c++"]))
    #expect(first.metadata.string("licence") == "CC BY-SA 3.0")
    #expect(second.metadata["tags"] == .strings(["a", "b"]))
    #expect(second.metadata.string("licence") == "CC BY-SA 4.0")
    let raw = try first.origin.rawRecord(in: path)
    #expect(raw == Array("<row \(rows[0]) />".utf8))
    let source = StackExchangeSource(sites: ["physics.stackexchange.com"])
    #expect(
      try outcomes(path, name: "math.stackexchange.com/Posts.xml", source)
        .map { $0.prefix(5) } == ["site ", "site "])
  }

  @Test func postsThatAreCutShortAreAFault() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      Array(posts(["Id=\"1\" PostTypeId=\"1\""]).utf8.dropLast(3)), to: "P.xml")
    #expect(throws: Fault.self) { try outcomes(path, name: "P.xml") }
  }

  @Test(arguments: [
    ("math.stackexchange.com.7z", true), ("stackoverflow.com-Posts.7z", true),
    ("stackoverflow.com-Votes.7z", false), ("a.com/Posts.xml", true), ("a.com/Posts.xml.gz", true),
    ("a.com/PostLinks.xml", false), ("a.com-Posts.xml.zst", true), ("readme.txt", false),
  ])
  func dumpsAreRecognised(_ name: String, _ isDump: Bool) {
    #expect(StackExchangeSource().recognises(name) == isDump)
  }

  @Test(
    .enabled(if: Samples.areHere, "\(Samples.absence)"),
    arguments: [
      "cstheory.meta.stackexchange.com", "matheducators.stackexchange.com",
    ])
  func everyRowOfARealSiteIsAccountedFor(_ site: String) throws {
    let path = try Samples.path("stackexchange/\(site)/Posts.xml")
    let found = try records(path, name: "\(site)/Posts.xml")
    var rows = 0
    for record in found {
      rows += 1
      guard case .document(let document) = record,
        case .integer(let answers)? = document.metadata["answers"]
      else { continue }
      rows += answers
    }
    let bytes = try openDecoded(path).readToEnd()
    #expect(rows == bytes.split(separator: 0x0a).count { $0.starts(with: Array("  <row ".utf8)) })

    // The archive, and a budget that sends posts to disk, change nothing but the origin.
    let packed = try records(Samples.path("stackexchange/\(site).7z"), name: "\(site).7z")
    #expect(packed.map(line) == found.map(line))
    let spilt = StackExchangeSource(memory: 40_000)
    #expect(try outcomes(path, name: "\(site)/Posts.xml", spilt) == found.map(line))
    for case .document(let document) in found.prefix(50) {
      let raw = try document.origin.rawRecord(in: path)
      #expect(raw.starts(with: Array("<row Id=\"\(number(document))\" PostTypeId=\"1\"".utf8)))
    }
  }

  private func number(_ document: Document) -> Int {
    if case .integer(let number)? = document.metadata["question"] { number } else { -1 }
  }

  @Test(.enabled(if: Samples.areHere, "\(Samples.absence)"))
  func anArchiveThatIsCutShortIsAFault() throws {
    let folder = try TemporaryFolder()
    let sample = try Samples.path("stackexchange/cstheory.meta.stackexchange.com.7z")
    let stored = try BufferedReader(FileReader(path: sample)).readToEnd()
    for length in [stored.count / 2, stored.count - 1] {
      let path = try folder.write(Array(stored.prefix(length)), to: "a.b.7z")
      #expect(throws: Fault.self) { try records(path, name: "a.b.7z") }
    }
  }
}
