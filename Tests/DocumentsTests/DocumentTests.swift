import Documents
import Formats
import Ground
import TestSupport
import Testing

@Suite struct DocumentTests {
  private func document(_ text: String = "Knots\tand \"cords\".\n\u{1}é🦙") -> Document {
    var metadata = Metadata()
    metadata["url"] = "https://example.org/a?b=\"c\""
    metadata["score"] = 12
    metadata["share"] = .number(0.25)
    metadata["isOpen"] = .bool(true)
    metadata["tags"] = .strings(["rope", "wool"])
    return Document(
      source: "c4", text: Array(text.utf8), created: "2019-04-25T12:57:54Z", metadata: metadata,
      origin: Origin(
        path: "c4/0.json.gz", location: Location(offset: 7, skip: 9), length: 11, member: "m"))
  }

  @Test func aLineReadsBackAsTheSameDocument() throws {
    var writer = DocumentLineWriter(added: "2023-02-27")
    let line = writer.line(for: document())
    let reader = DocumentLineReader(
      BufferedReader(MemoryReader(line, path: "m")), name: "m")
    #expect(try reader.next()?.get() == document())
    #expect(try reader.next() == nil)
  }

  @Test func theLineIsTheFieldsSchema() {
    var writer = DocumentLineWriter(added: "2023-02-27")
    var plain = document("hi")
    plain.metadata = Metadata()
    plain.origin.member = nil
    #expect(
      String(decoding: writer.line(for: plain, reason: "short"), as: UTF8.self)
        == #"{"id":"\#(plain.id)","text":"hi","source":"c4","added":"2023-02-27","#
        + #""created":"2019-04-25T12:57:54Z","reason":"short","metadata":{"origin":"#
        + #"{"path":"c4/0.json.gz","offset":7,"skip":9,"length":11}}}"# + "\n")
  }

  /// Pinned: ids must not change from release to release.
  @Test func theIDIsAFunctionOfSourceAndPlace() {
    let origin = document().origin
    #expect(document("other text").id == document().id)
    #expect(origin.id(source: "c4") != origin.id(source: "books"))
    #expect(
      origin.id(source: "c4")
        == xxh3Wide(Array("c4\0c4/0.json.gz\07\09\0m".utf8)))
  }

  @Test func aBadLineIsLocatedAndTheNextIsRead() throws {
    let text = "{\"text\":\"one\"}\n{\"text\":5}\nnot json\n\n{\"text\":\"two\",\"id\":\"theirs\"}"
    let reader = DocumentLineReader(
      BufferedReader(MemoryReader(Array(text.utf8), path: "m")), name: "m")
    var outcomes: [String] = []
    while let line = try reader.next() {
      switch line {
      case .success(let document): outcomes.append(String(decoding: document.text, as: UTF8.self))
      case .failure(let fault): outcomes.append("\(fault.offset): \(fault.cause)")
      }
    }
    #expect(outcomes.count == 4)
    #expect(outcomes[0] == "one" && outcomes[3] == "two")
    #expect(outcomes[1] == "15: the line has no string \"text\"")
    #expect(outcomes[2].hasPrefix("26: not JSON: "))
  }

  @Test func rawRecordsAreFetchedFromEveryKindOfFile() throws {
    let folder = try TemporaryFolder()
    let records = (0..<20).map { Array("record \($0) ".utf8) + [UInt8](repeating: 46, count: $0) }
    let gzip = try folder.write(records.flatMap { gzipMember(of: $0) }, to: "members.gz")
    var offset: UInt64 = 0
    for record in records {
      let origin = Origin(
        path: "members.gz", location: Location(offset: offset, skip: 0),
        length: UInt64(record.count))
      #expect(try origin.rawRecord(in: gzip) == record)
      offset += UInt64(gzipMember(of: record).count)
    }
    let zip = try ArchiveWriter(.sevenZip, modified: 0)
    for (number, record) in records.enumerated() { try zip.add("\(number).txt", record) }
    let archive = try folder.write(zip.finish(), to: "a.7z")
    let origin = Origin(
      path: "a.7z", location: Location(offset: 0, skip: 3), length: 9, member: "12.txt")
    #expect(try origin.rawRecord(in: archive) == Array(records[12][3..<12]))
    #expect(throws: Fault.self) {
      try Origin(
        path: "members.gz", location: Location(offset: 0, skip: 0), length: 1 << 40
      ).rawRecord(in: gzip)
    }
  }

  @Test func rulesKeepByClosedRanges() {
    var signals = Signals()
    signals["words"] = 50
    #expect(Rule(signal: "words", keeps: 50...100).keeps(signals))
    #expect(!Rule(signal: "words", keeps: 51...100).keeps(signals))
    #expect(Rule(signal: "absent", keeps: 1...2).keeps(signals))
    signals["words"] = .nan
    #expect(!Rule(signal: "words", keeps: 0...100).keeps(signals))
  }
}
