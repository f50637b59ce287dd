import Formats
import Ground
import TestSupport
import Testing

@Suite struct WARCReaderTests {
  private func reader(_ text: String, limit: Int = 1 << 28) -> WARCReader {
    WARCReader(
      BufferedReader(MemoryReader(Array(text.utf8), path: "a.warc")), bodyLimit: limit)
  }

  private let record =
    "WARC/1.1\r\nWARC-Type: Resource\r\nWARC-Protocol: h2\r\nwarc-protocol : tls/1.3\r\n"
    + "Content-Length:4\r\n\r\nbody\r\n\r\n"

  @Test func aRecordHasVersionTypeFieldsAndBody() throws {
    let record = try #require(try reader(self.record).next()).get()
    #expect(record.version == "1.1")
    #expect(record.type == "resource")
    #expect(record.fields.values(of: "WARC-Protocol") == ["h2", "tls/1.3"])
    #expect(record.fields["WARC-PROTOCOL"] == "h2")
    #expect(record.fields["WARC-Date"] == nil)
    #expect(record.body == Array("body".utf8))
    #expect(record.length == self.record.utf8.count - 4)
    #expect(record.location == Location(offset: 0, skip: 0))
  }

  @Test func aBodyThatIsNotWantedIsPassedOver() throws {
    let reader = reader(record + record)
    let first = try #require(try reader.next { _ in false }).get()
    #expect(first.body.isEmpty)
    let second = try #require(try reader.next()).get()
    #expect(second.location.offset == UInt64(record.utf8.count))
    #expect(second.length == first.length)
    let third = try reader.next().map { _ in true } ?? false
    #expect(!third)
  }

  @Test func skippedBytesAreCounted() throws {
    let reader = reader(record + "rubbish\n\n" + record)
    while let next = try reader.next() { _ = next }
    #expect(reader.skippedBytes == 9)
  }

  @Test func recordsInGzipMembersAreAtTheirMembers() throws {
    let member = gzipMember(of: Array(record.utf8))
    let file = MemoryReader(member + member, path: "a.warc.gz")
    let reader = WARCReader(BufferedReader(GzipReader(file)))
    var offsets: [Location] = []
    while let next = try reader.next() { offsets.append(try next.get().location) }
    #expect(offsets == [0, UInt64(member.count)].map { Location(offset: $0, skip: 0) })
  }

  /// Records of some hundred kilobytes and of some hundred bytes, as zlib and libdeflate read them.
  @Test(arguments: [100, 700_000])
  func aDamagedMemberCostsItsRecordAlone(size: Int) throws {
    var random = SeededGenerator(seed: 5)
    var members = (0..<6).map { number in
      let body = (0..<size).map { _ in UInt8.random(in: 97...122, using: &random) }
      let header =
        "WARC/1.0\r\nWARC-Type: resource\r\nX: \(number)\r\nContent-Length: \(size)\r\n\r\n"
      return gzipMember(of: Array(header.utf8) + body + Array("\r\n\r\n".utf8))
    }
    for index in 0..<8 { members[2][members[2].count / 2 + index] ^= 0x5a }
    let reader = WARCReader(
      BufferedReader(GzipReader(MemoryReader(members.flatMap { $0 }, path: "a.warc.gz"))))
    var found: [String] = []
    while let next = try reader.next() {
      switch next {
      case .success(let record): found.append(record.fields["X"] ?? "")
      case .failure(let fault): found.append(fault.isDamage ? "damage" : "\(fault)")
      }
    }
    #expect(found == ["0", "1", "damage", "3", "4", "5"])
  }

  @Test func aFoldedValueIsOneLine() {
    let fields = HeaderFields(Array("a: b\n  c \r\n\td\r\nodd\n: x\ne:\n\nrest".utf8))
    #expect(fields["A"] == "b c d")
    #expect(fields["e"] == "")
    #expect(fields["odd"] == nil)
    #expect(fields.length == 27)
  }
}
