import CommonCrawl
import Documents
import Ground
import TestSupport
import Testing

/// Damaged files cost the records that are damaged, and nothing crashes.
@Suite struct DamageTests {
  private func wet(_ text: String, length: Int? = nil) -> [UInt8] {
    warcRecord("conversion", Array("t\n\(text)".utf8), length: length)
  }

  private func texts(_ outcomes: Outcomes) -> [String] {
    outcomes.documents.map { String(decoding: $0.text, as: UTF8.self) }
  }

  @Test func rubbishBetweenRecordsIsReportedOnce() throws {
    let first = wet("a")
    let outcomes = try Outcomes(first + Array("rubbish\n\nmore\n".utf8) + wet("b"))
    #expect(texts(outcomes) == ["a", "b"])
    let fault = try #require(outcomes.bad.first)
    #expect(outcomes.bad.count == 1)
    #expect(fault.offset == UInt64(first.count))
    #expect(fault.cause == .malformed("14 bytes that belong to no WARC record"))
  }

  @Test func aLengthThatIsTooShortCostsTheRestOfItsRecord() throws {
    let outcomes = try Outcomes(wet("long text", length: 4) + wet("b"))
    #expect(texts(outcomes) == ["lo", "b"])
    #expect(outcomes.bad.count == 1)
  }

  @Test func aHeaderWithoutLengthCostsItsRecord() throws {
    let record = Array("WARC/1.0\r\nWARC-Type: conversion\r\n\r\ntext\r\n\r\n".utf8)
    let outcomes = try Outcomes(record + wet("b"))
    #expect(texts(outcomes) == ["b"])
    #expect(outcomes.bad.map(\.cause) == [.malformed("the WARC header has no Content-Length")])
  }

  @Test func aHeaderCutByTheNextRecordCostsItsRecord() throws {
    let outcomes = try Outcomes(Array("WARC/1.0\r\nWARC-Type: x\r\n".utf8) + wet("b"))
    #expect(texts(outcomes) == ["b"])
    #expect(outcomes.bad.map(\.offset) == [0])
  }

  @Test(arguments: ["-1", "9223372036854775808", "12x", ""])
  func aLengthThatIsNoneCostsItsRecord(length: String) throws {
    let record = "WARC/1.0\r\nWARC-Type: conversion\r\nContent-Length: \(length)\r\n\r\na\r\n\r\n"
    let outcomes = try Outcomes(Array(record.utf8) + wet("b"))
    #expect(texts(outcomes) == ["b"])
    #expect(outcomes.bad.count == 1)
  }

  @Test(arguments: [1 << 25, 1 << 31, Int.max])
  func aLengthBeyondTheFileIsATruncatedRecord(length: Int) throws {
    let first = wet("a")
    let outcomes = try Outcomes(first + wet("b", length: length))
    #expect(texts(outcomes) == ["a"])
    let fault = try #require(outcomes.bad.first)
    #expect(fault.offset == UInt64(first.count))
    #expect(fault.cause == .truncated(expected: length, found: 7))
  }

  @Test func aRecordAboveTheLimitIsSkipped() throws {
    var settings = CommonCrawlSource.Settings.any
    settings.recordLimit = 10
    let outcomes = try Outcomes(wet("longer than ten bytes") + wet("b"), settings)
    #expect(texts(outcomes) == ["b"])
    #expect(outcomes.bad.map(\.cause) == [.tooLong(limit: 10)])
  }

  @Test func otherFilesAreRefused() throws {
    #expect(throws: Fault.self) { try Outcomes(Array("<html>\n</html>".utf8)) }
    let arc = Array("filedesc://a.arc 0.0.0.0 20240518 text/plain 76\n1 0 A\n".utf8)
    #expect {
      try Outcomes(arc)
    } throws: {
      ($0 as? Fault)?.cause == .unusable("this is an ARC file; convert it to WARC")
    }
    #expect(try Outcomes([]).documents.isEmpty)
  }

  @Test func aFileCutAnywhereFaultsAndNeverCrashes() throws {
    let records = (0..<40).map { number in
      response(Array("<p>\(number)<p>\(String(repeating: "text \(number) ", count: 50))".utf8))
    }
    let whole = Array(records.joined())
    let folder = try TemporaryFolder()
    for isSingle in [true, false] {
      let members = isSingle ? [gzipMember(of: whole)] : records.map { gzipMember(of: $0) }
      let file = Array(members.joined())
      var ends: Set<Int> = [0]
      for member in members { ends.insert((ends.max() ?? 0) + member.count) }
      for cut in stride(from: 1, to: file.count, by: 97) where !ends.contains(cut) {
        let path = try folder.write(Array(file[..<cut]), to: "cut.warc.gz")
        let outcomes = try? Outcomes(file: path)
        #expect(outcomes == nil || outcomes?.bad.count == 1, "cut at \(cut)")
      }
    }
  }

  @Test func randomDamageNeverCrashes() throws {
    let whole = Array((0..<5).map { wet("text \($0)") + response(Array("<p>a".utf8)) }.joined())
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<300 {
      var bytes = whole
      for _ in 0..<4 {
        let index = Int.random(in: bytes.indices, using: &generator)
        bytes[index] = UInt8.random(in: .min ... .max, using: &generator)
      }
      _ = try? Outcomes(bytes)
    }
  }
}
