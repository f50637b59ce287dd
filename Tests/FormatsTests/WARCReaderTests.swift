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

  @Test func aFoldedValueIsOneLine() {
    let fields = HeaderFields(Array("a: b\n  c \r\n\td\r\nodd\n: x\ne:\n\nrest".utf8))
    #expect(fields["A"] == "b c d")
    #expect(fields["e"] == "")
    #expect(fields["odd"] == nil)
    #expect(fields.length == 27)
  }
}
