import C4
import Documents
import Ground
import TestSupport
import Testing

@Suite struct C4SourceTests {
  private let line =
    #"{"text":"a\nb \u00e9","timestamp":"2019-04-25T12:57:54Z","url":"http://a/b"}"#

  private func records(
    of lines: String, _ settings: C4Source.Settings = .init(), zipped: Bool = false
  ) throws -> [Record] {
    let folder = try TemporaryFolder()
    let bytes = Array(lines.utf8)
    let file = try folder.write(zipped ? gzipMember(of: bytes) : bytes, to: "c4.json")
    return try records(in: file, settings)
  }

  private func records(in file: String, _ settings: C4Source.Settings = .init()) throws -> [Record]
  {
    var records: [Record] = []
    let input = Input(name: "en/\(fileName(of: file))", path: file)
    try C4Source(settings: settings).read(Unit(of: input)) { records.append($0) }
    return records
  }

  @Test func aLineIsADocument() throws {
    guard case .document(let document)? = try records(of: line).first else {
      Issue.record("no document")
      return
    }
    #expect(document.text == Array("a\nb é".utf8))
    #expect(document.created == "2019-04-25T12:57:54Z")
    #expect(document.metadata.string("timestamp") == document.created)
    #expect(document.metadata.string("url") == "http://a/b")
    #expect(document.metadata.string("language") == "en")
    #expect(document.source == "c4")
    #expect(document.origin.length == UInt64(line.utf8.count))
  }

  @Test func theVariantSetsTheLanguage() throws {
    var settings = C4Source.Settings()
    settings.language = ""
    guard case .document(let document)? = try records(of: line, settings).first else {
      Issue.record("no document")
      return
    }
    #expect(document.metadata["language"] == nil)
  }

  @Test(arguments: [
    (#"{"text":"a","timestamp":"b""#, "line 2: not JSON"),
    (#"{"timestamp":"a","url":"b"}"#, #"line 2: there is no string "text""#),
    (#"{"text":1,"timestamp":"a","url":"b"}"#, #"line 2: there is no string "text""#),
    (#"{"text":"a","url":"b"}"#, #"line 2: there is no string "timestamp""#),
    (#"{"text":"a","timestamp":"b","url":null}"#, #"line 2: there is no string "url""#),
    ("[]", #"line 2: there is no string "text""#),
    (#"{"text":"\ud800","timestamp":"b","url":"c"}"#, "line 2: not JSON"),
  ])
  func otherLinesAreBad(bad: String, message: String) throws {
    let records = try records(of: "\(line)\n\(bad)\n\(line)\n", zipped: true)
    #expect(records.count == 3)
    guard case .bad(let fault)? = records.dropFirst().first else {
      Issue.record("no fault")
      return
    }
    #expect("\(fault)".contains(message), "\(fault)")
  }

  @Test func malformedUTF8IsBadAndItsPlaceIsKnown() throws {
    let folder = try TemporaryFolder()
    let bytes =
      Array("\(line)\n".utf8) + Array(#"{"text":""#.utf8) + [0xff] + Array("\"}\n".utf8)
    let records = try records(in: try folder.write(bytes, to: "c4.json"))
    guard case .bad(let fault)? = records.last else {
      Issue.record("no fault")
      return
    }
    #expect(fault.offset == UInt64(line.utf8.count + 1))
  }

  @Test func aLineAboveTheLimitIsBad() throws {
    var settings = C4Source.Settings()
    settings.recordLimit = 100
    let long = line.replacing("a\\n", with: String(repeating: "a", count: 200))
    let records = try records(of: "\(long)\n\(line)\n", settings)
    guard records.count == 2, case .bad = records[0], case .document = records[1] else {
      Issue.record("\(records)")
      return
    }
  }

  @Test func emptyLinesAreNoRecords() throws {
    #expect(try records(of: "\n\(line)\r\n\n").count == 1)
  }

  @Test func filesAreKnownByTheirNames() {
    let source = C4Source()
    for name in ["c4-train.00000-of-01024.json.gz", "a.json", "a.jsonl.zst"] {
      #expect(source.recognises(name))
    }
    #expect(!source.recognises("README.md"))
  }

  @Test(.enabled(if: Samples.areHere, "\(Samples.absence)"))
  func realFilesAreReadWholeAndFoundAgain() throws {
    for (name, count) in [
      ("c4/en/c4-train.00000-of-01024.json.gz", 670), ("c4/c4-train.00000-of-01024-30K.json", 5),
    ] {
      let path = try Samples.path(name)
      let records = try records(in: path)
      #expect(records.count == count)
      var lines = 0
      let reader = try openDecoded(path)
      var line: [UInt8] = []
      for record in records {
        guard case .document(let document) = record else {
          Issue.record("\(record)")
          continue
        }
        lines += 1
        _ = try reader.readLine(into: &line)
        if lines % 37 == 1 { #expect(try document.origin.rawRecord(in: path) == line) }
        #expect(!document.text.isEmpty)
        #expect(document.metadata.string("url")?.hasPrefix("http") == true)
      }
    }
  }
}
