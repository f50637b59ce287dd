import CommonCrawl
import Documents
import Ground
import TestSupport
import Testing

/// Real files of many crawlers: what became of their records, and that each is found again.
@Suite(.enabled(if: Samples.areHere, "\(Samples.absence)")) struct CrawlSampleTests {
  /// File, then how many records are documents, dropped and bad.
  static let files: [(String, Int, Int, Int)] = [
    ("aut/example.txt.warc.gz", 1, 5, 0),
    ("aut/example.warc.gz", 93, 729, 0),
    ("aut/issue-493.warc", 0, 32, 0),
    ("cc-main-2024-22/whirlwind.warc", 1, 3, 0),
    ("cc-main-2024-22/whirlwind.warc.gz", 1, 3, 0),
    ("cc-main-2024-22/whirlwind.warc.wet", 1, 1, 0),
    ("cc-main-2024-22/whirlwind.warc.wet.gz", 1, 1, 0),
    ("dolma/sample-0000.warc.gz", 22, 26, 0),
    ("jwarc/cc.warc.gz", 1, 0, 0),
    ("jwarc/gzip_extra_sl.warc.gz", 0, 1, 0),
    ("ukwa-discovery/flashfrozen-jwat-recompressed.warc.gz", 2, 80, 0),
    ("ukwa-discovery/transfer_compression_brotli.warc", 0, 4, 1),
    ("ukwa-discovery/transfer_compression_brotli.warc.gz", 0, 4, 1),
    ("ukwa-discovery/transfer_compression_gzip.warc", 0, 5, 0),
    ("ukwa-discovery/transfer_compression_none.warc", 0, 5, 0),
    ("ukwa-test-suite/IAH-20080430204825-00000-blackbook-truncated.warc.gz", 1, 22, 0),
    ("ukwa-test-suite/post-blackout.warc.gz", 1, 116, 0),
    ("ukwa-test-suite/sopa-wikipedia-homepage.warc.gz", 1, 163, 0),
    ("warcio/example-bad-non-chunked.warc.gz", 0, 6, 0),
    ("warcio/example-bad.warc.gz.bad", 0, 6, 0),
    ("warcio/example-digest.warc", 0, 4, 0),
    ("warcio/example-iana.org-chunked.warc", 1, 2, 0),
    ("warcio/example-resource.warc.gz", 0, 3, 0),
    ("warcio/example-space-in-target-uri.warc.gz", 0, 2, 0),
    ("warcio/example-trunc.warc", 0, 3, 2),
    ("warcio/example-wget-bad-target-uri.warc.gz", 0, 6, 0),
    ("warcio/example-wrong-chunks.warc.gz", 0, 2, 0),
    ("warcio/example.warc", 0, 6, 0),
    ("warcio/example.warc.gz", 0, 6, 0),
    ("warcio/post-test.warc.gz", 0, 6, 0),
    ("webarchive-commons/IAH-urls-wget.warc.gz", 2, 34, 0),
    ("webarchive-commons/mutliple-headers.warc", 0, 1, 0),
  ]

  @Test(arguments: files)
  func everyRecordIsAccountedFor(name: String, documents: Int, dropped: Int, bad: Int) throws {
    let path = try Samples.path("commoncrawl/\(name)")
    let outcomes = try Outcomes(file: path, .init())
    #expect(outcomes.documents.count == documents)
    #expect(outcomes.dropped.count == dropped)
    #expect(outcomes.bad.count == bad)
    for document in outcomes.documents + outcomes.dropped.map(\.document) {
      let raw = try document.origin.rawRecord(in: path)
      let text = String(decoding: raw, as: UTF8.self)
      #expect(text.hasPrefix("WARC/"))
      #expect(text.contains(document.metadata.string("url") ?? "?"))
      #expect(raw.count == Int(document.origin.length))
      #expect(raw.count == lengthByItsHeader(raw), "\(document.origin)")
    }
  }

  /// The bytes of a record up to the end of its body, as its own header tells.
  private func lengthByItsHeader(_ raw: [UInt8]) -> Int? {
    var length = 0
    for line in raw.split(separator: 0x0a, omittingEmptySubsequences: false) {
      length += line.count + 1
      if line.isEmpty || line == [0x0d] { break }
      let text = String(decoding: line, as: UTF8.self).lowercased()
      if text.hasPrefix("content-length:") {
        let digits = text.drop { !$0.isNumber }.prefix { $0.isNumber }
        guard let count = Int(digits) else { return nil }
        length += count
      }
    }
    return length
  }

  @Test func arcFilesAreRefused() throws {
    for name in ["warcio/example.arc", "warcio/example.arc.gz", "aut/example.arc.gz"] {
      let path = try Samples.path("commoncrawl/\(name)")
      #expect(throws: Fault.self) { try Outcomes(file: path) }
    }
  }

  @Test func otherGzipFilesAreRefused() throws {
    for name in ["hi.gz", "hi-2.gz", "double-single-inflate-error.gz"] {
      let path = try Samples.path("commoncrawl/webarchive-commons/\(name)")
      #expect(throws: Fault.self) { try Outcomes(file: path) }
    }
  }

  @Test func aRealFileCutAnywhereFaultsAndNeverCrashes() throws {
    let path = try Samples.path("commoncrawl/dolma/sample-0000.warc.gz")
    let reader = BufferedReader(try FileReader(path: path))
    let bytes = try reader.readToEnd()
    let whole = try Outcomes(file: path)
    let ends = Set((whole.documents + whole.dropped.map(\.document)).map { Int($0.origin.offset) })
    let folder = try TemporaryFolder()
    for cut in stride(from: 997, to: bytes.count, by: 997) where !ends.contains(cut) {
      let file = try folder.write(Array(bytes[..<cut]), to: "cut.warc.gz")
      // In the first record the file cannot be read at all; later the cut is the last bad record.
      do {
        let outcomes = try Outcomes(file: file)
        #expect(outcomes.bad.last?.isDamage == true, "cut at \(cut)")
        #expect(
          whole.documents.map(\.text).starts(with: outcomes.documents.map(\.text)),
          "cut at \(cut)")
      } catch { #expect(error is Fault, "cut at \(cut)") }
    }
  }

  @Test func ourTextOfAPageIsAlmostCommonCrawlsOwn() throws {
    let ours = try Outcomes(file: try Samples.path("commoncrawl/cc-main-2024-22/whirlwind.warc"))
    let wet = try Outcomes(file: try Samples.path("commoncrawl/cc-main-2024-22/whirlwind.warc.wet"))
    let (page, conversion) = try (#require(ours.documents.first), #require(wet.documents.first))
    func words(_ document: Document) -> [ArraySlice<UInt8>] {
      document.text.split { $0 == 0x20 || $0 == 0x0a || $0 == 0x09 }
    }
    #expect(words(page) == words(conversion))
    #expect(page.metadata.string("title") == conversion.metadata.string("title"))
    #expect(conversion.metadata["languages"] == .strings(["spa"]))
  }
}
