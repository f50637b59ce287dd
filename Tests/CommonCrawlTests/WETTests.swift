import CommonCrawl
import Documents
import Ground
import TestSupport
import Testing

/// CCNet's reading of WET records, one smallest file per rule.
@Suite struct WETTests {
  private func wet(_ text: String, _ headers: [String] = []) -> [UInt8] {
    warcRecord(
      "conversion", Array(text.utf8),
      headers: ["WARC-Target-URI: https://an.example.org/a", "WARC-Block-Digest: sha1:D"] + headers)
  }

  @Test func theFirstLineIsTheTitleAndTheRestTheText() throws {
    let document = try #require(
      try Outcomes(wet("Title \n a\n\n\u{a0}b\u{3000}\r\nc\n\n \n")).documents.first)
    #expect(document.text == Array("a\n\nb\nc".utf8))
    #expect(document.metadata.string("title") == "Title")
    #expect(document.metadata["nlines"] == 4)
    #expect(document.metadata.string("url") == "https://an.example.org/a")
    #expect(document.metadata.string("date") == "2024-05-18T01:58:10Z")
    #expect(document.created == "2024-05-18T01:58:10Z")
    #expect(document.metadata.string("digest") == "sha1:D")
    #expect(document.metadata.string("source_domain") == "an.example.org")
    #expect(document.metadata.string("cc_segment") == "crawl.warc")
    #expect(document.metadata["languages"] == nil)
    #expect(document.source == "common-crawl")
  }

  @Test func headersAreFoundByName() throws {
    let identified = "warc-identified-content-language:  spa,eng "
    let document = try #require(try Outcomes(wet("t\na", [identified])).documents.first)
    #expect(document.metadata["languages"] == .strings(["spa", "eng"]))
  }

  @Test func aFoldedHeaderIsOne() throws {
    let record = warcRecord(
      "conversion", Array("t\na".utf8), headers: ["WARC-Target-URI: http://a/b", "\tc", "odd line"])
    let document = try #require(try Outcomes(record).documents.first)
    #expect(document.metadata.string("url") == "http://a/b c")
  }

  @Test func textBelow300ScalarsIsTooShort() throws {
    let short = String(repeating: "é", count: 299)
    let outcomes = try Outcomes(wet("t\n\(short)") + wet("t\n\(short)é"), .init())
    #expect(outcomes.reasons == ["too_short"])
    #expect(outcomes.documents.map(\.text.count) == [600])
  }

  @Test func otherLanguagesAreDroppedAndUnknownOnesKept() throws {
    var settings = CommonCrawlSource.Settings.any
    settings.languages = ["eng"]
    let outcomes = try Outcomes(
      wet("t\na", ["WARC-Identified-Content-Language: eng,fra"])
        + wet("t\nb", ["WARC-Identified-Content-Language: fra,eng"]) + wet("t\nc"), settings)
    #expect(outcomes.documents.map(\.text) == [[0x61], [0x63]])
    #expect(outcomes.reasons == ["language"])
  }

  @Test func otherRecordsAreDroppedByType() throws {
    let outcomes = try Outcomes(
      warcRecord("warcinfo", [0x61]) + warcRecord("Request", [0x62]) + wet("t\na"))
    #expect(outcomes.reasons == ["type.warcinfo", "type.request"])
    #expect(outcomes.documents.count == 1)
  }

  @Test func malformedUTF8IsRepaired() throws {
    let body = Array("t\na".utf8) + [0xff, 0xc3] + Array("b".utf8)
    let outcomes = try Outcomes(warcRecord("conversion", body))
    #expect(outcomes.documents.map(\.text) == [Array("a\u{fffd}\u{fffd}b".utf8)])
  }

  @Test(arguments: ["0.17", "0.18", "1.0", "1.1"])
  func allVersionsAreRead(version: String) throws {
    let record = warcRecord("conversion", Array("t\na".utf8), version: version)
    #expect(try Outcomes(record).documents.count == 1)
  }
}
