import Formats
import Ground
import Sample
import TestSupport
import Testing

@Suite struct FormatTests {
  let sample: SampleFixture

  init() throws { sample = try SampleFixture.shared.get() }

  private func names(_ prefix: String, _ suffix: String) -> [String] {
    sample.summary.files.map(\.path).filter { $0.hasPrefix(prefix) && $0.hasSuffix(suffix) }
  }

  @Test func everyWARCRecordIsAGzipMemberOfItsLength() throws {
    let files = names("common-crawl/", ".gz")
    #expect(files.count == 3)
    for name in files {
      let reader = GzipReader(try FileReader(path: sample.path(name)))
      var room = [UInt8](repeating: 0, count: 1 << 22)
      var starts: Set<UInt64> = []
      var records = 0
      while true {
        let count = try unsafe room.withUnsafeMutableBytes { room throws(Fault) in
          try unsafe reader.read(into: room)
        }
        if count == 0 { break }
        starts.insert(reader.segment.stored)
        records += 1
        let record = String(decoding: room[..<count], as: UTF8.self)
        #expect(record.hasPrefix("WARC/1.0\r\n") && record.hasSuffix("\r\n\r\n"))
      }
      #expect(starts.count == records)
    }
  }

  @Test func everyEntryOfAMultistreamIndexLeadsToItsPage() throws {
    let files = names("wikipedia/", "-index.txt.bz2")
    #expect(files.count == 6)
    for name in files {
      let dump = name.replacing("-index.txt.bz2", with: ".xml.bz2")
      for line in try sample.text(name).split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 2)
        let offset = try #require(UInt64(parts[0]))
        let stream = try openDecoded(sample.path(dump), range: offset..<UInt64(Int64.max))
        let page = try #require(String(validating: stream.readToEnd(), as: UTF8.self))
        let title = escaped(String(parts[2]))
        #expect(page.hasPrefix("  <page>\n"))
        #expect(page.contains("<title>\(title)</title>\n    <ns>"))
        #expect(page.contains("<id>\(parts[1])</id>"))
      }
    }
  }

  private func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing("\"", with: "&quot;")
  }

  @Test func onePaperIsCutShortAndTheOthersOpen() throws {
    let bad = Set(sample.summary.labels.filter { $0.reason == "cut short" }.map(\.record))
    #expect(bad.count == 2)
    var papers = 0
    for name in names("arxiv/", ".tar") {
      for member in try sample.members(name) where member.name.hasSuffix(".gz") {
        let reader = BufferedReader(GzipReader(MemoryReader(member.bytes, path: member.name)))
        if bad.contains(member.name) {
          #expect(throws: Fault.self) { try reader.readToEnd() }
          continue
        }
        let paper = try reader.readToEnd()
        papers += 1
        if paper.starts(with: "main.tex".utf8) {
          let tar = try ArchiveReader(tar: BufferedReader(MemoryReader(paper, path: member.name)))
          var parts: [String] = []
          while let part = try tar.next() { parts.append(part.name) }
          #expect(parts.contains("sections/part5.tex") && parts.last == "main.bbl")
        } else {
          #expect(paper.occurrences(of: "\\documentclass") == 1)
          #expect(paper.occurrences(of: "\\section{") == 5)
        }
      }
    }
    #expect(papers >= 18)
  }

  @Test func onlyTheBadLinesAreNoJSON() throws {
    let parser = JSONParser()
    for name in names("c4/", ".gz") + names("github/", ".json.gz") {
      let labels = sample.summary.labels.filter { $0.input == name }
      let lines = try sample.decoded(name).split(separator: 0x0a).map(Array.init)
      for (line, label) in zip(lines, labels) where label.reason != "no text" {
        let isBad = (try? parser.parse(line)) == nil
        #expect(isBad == (label.expect == .error), "\(label.record)")
      }
    }
  }

  @Test func anExportWritesNumbersAsStringsAndEscapesBrackets() throws {
    let name = try #require(names("github/", ".json.gz").first)
    let export = try sample.text(name)
    #expect(export.contains(#"\u003c"#) && !export.contains("<"))
    let line = try #require(export.split(separator: "\n").first)
    let row = try JSONParser().parse(Array(line.utf8))
    #expect(row["size"]?.string == row["content"]?.bytes.map { "\($0.count)" })
  }

  @Test func booksOfThreeErasHaveTheirMarks() throws {
    let modern = try sample.text(#require(names("books/", "-0.txt").first))
    #expect(modern.contains("*** START OF THE PROJECT GUTENBERG EBOOK"))
    #expect(modern.contains("*** END OF THE PROJECT GUTENBERG EBOOK"))
    let generated = try sample.decoded(#require(names("books/pg", ".txt").first))
    #expect(generated.starts(with: [0xef, 0xbb, 0xbf]) && generated.occurrences(of: "\r\n") > 20)
    let old = try sample.text(#require(names("books/", "-8.txt").first))
    #expect(old.contains("*END*THE SMALL PRINT!") && old.contains("End of The Project Gutenberg"))
  }

  @Test func pagesInOldCharacterSetsAreDeclared() throws {
    let name = try #require(names("common-crawl/", "00002.warc.gz").first)
    let bytes = try sample.decoded(name)
    #expect(bytes.occurrences(of: "charset=windows-1252") > 0)
    #expect(!isValidUTF8(bytes))
  }

  @Test func postsAreRowsWithEscapedHTML() throws {
    for name in names("stack-exchange/", ".7z") {
      let posts = try #require(sample.members(name).first { $0.name == "Posts.xml" })
      #expect(posts.bytes.occurrences(of: "PostTypeId=\"1\"") >= 8)
      #expect(posts.bytes.occurrences(of: "Body=\"&lt;p&gt;") > 8)
    }
  }
}
