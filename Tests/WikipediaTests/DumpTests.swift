import Documents
import Ground
import TestSupport
import Testing
import Wikipedia

@Suite struct DumpTests {
  /// Everything that became of an input, unit by unit.
  private func outcomes(
    _ path: String, name: String? = nil, _ source: WikipediaSource
  ) throws -> [Record] {
    try source.records(of: Input(name: name ?? fileName(of: path), path: path))
  }

  private func page(_ title: String, _ inside: String, _ text: String) -> String {
    """
    <page><title>\(title)</title>\(inside)<id>7</id><revision><id>1</id>\
    <timestamp>2022-06-20T01:02:03Z</timestamp>\
    <text xml:space="preserve">\(text)</text></revision></page>
    """
  }

  private func dump(_ pages: [String], database: String = "enwiki") -> String {
    "<mediawiki><siteinfo><dbname>\(database)</dbname></siteinfo>\n"
      + pages.joined(separator: "\n") + "\n</mediawiki>\n"
  }

  @Test func pagesAreDroppedForTheirReasons() throws {
    let folder = try TemporaryFolder()
    let pages = [
      page("A b/ü", "<ns>0</ns>", "text"),
      page("Talk:A", "<ns>1</ns>", "text"),
      page("B", "<ns>0</ns><redirect title=\"A\" />", "text"),
      page("C", "<ns>0</ns>", "#ПЕРЕНАПРАВЛЕНИЕ [[A]]"),
      page("D", "<ns>0</ns>", " \n"),
      page("E", "<ns>0</ns>", "{{t}}"),
      "<page><title>F</title><ns>0</ns><revision><model>json</model><text>{}</text></revision></page>",
      "<page><title>&nope;</title></page>",
    ]
    let path = try folder.write(dump(pages), to: "dump.xml")
    let records = try outcomes(path, WikipediaSource())
    #expect(
      records.map(\.outcome)
        == ["kept", "namespace", "redirect", "redirect", "empty", "no-text", "model", "bad"])
    guard case .document(let document)? = records.first else { return }
    #expect(document.text == Array("text".utf8))
    #expect(document.created == "2022-06-20T01:02:03Z")
    #expect(document.metadata.string("title") == "A b/ü")
    #expect(document.metadata.string("url") == "https://en.wikipedia.org/wiki/A_b/%C3%BC")
    #expect(document.metadata["page"] == 7)
    let french = try outcomes(path, WikipediaSource(languages: ["fr"]))
    #expect(french.map(\.outcome) == Array(repeating: "language", count: pages.count))
  }

  @Test func theFileNameSaysTheWikiBeforeItsHead() throws {
    let folder = try TemporaryFolder()
    let text = dump([page("A", "<ns>0</ns>", "x")], database: "ruwiki")
    for (name, language) in [("dewiki-20220620-pages-articles.xml", "de"), ("a.xml", "ru")] {
      let path = try folder.write(text, to: name)
      guard case .document(let document)? = try outcomes(path, WikipediaSource()).first else {
        Issue.record("no document of \(name)")
        continue
      }
      #expect(document.metadata.string("language") == language)
    }
  }

  @Test func aDumpThatIsCutShortIsAFault() throws {
    let folder = try TemporaryFolder()
    let text = dump([page("A", "<ns>0</ns>", "x")])
    let path = try folder.write(Array(text.utf8.dropLast(20)), to: "a.xml")
    #expect(throws: Fault.self) { try outcomes(path, WikipediaSource()) }
  }

  @Test(arguments: [
    ("enwiki-20220620-pages-articles-multistream.xml.bz2", true),
    ("enwiki-20220620-pages-articles1.xml-p1p41242.bz2", true),
    ("a/dewiki-latest-pages-articles.xml", true),
    ("enwiki-20220620-pages-articles-multistream-index.txt.bz2", false),
    ("enwiki-20220620-stub-articles.xml.gz", false),
    ("enwiki-20220620-pages-articles.xml.bz2-rss.xml", true),
  ])
  func dumpsAreRecognised(_ name: String, _ isDump: Bool) {
    #expect(WikipediaSource().recognises(name) == isDump)
  }

  private static var dumps: [String] {
    guard let folder = Samples.folder else { return [] }
    let all = (try? files(under: folder + "/wikipedia")) ?? []
    return all.filter { $0.hasSuffix(".bz2") && !$0.contains("index") && !$0.contains("bgwiki-l") }
  }

  @Test(.enabled(if: Samples.areHere, "\(Samples.absence)"), arguments: dumps)
  func everyPageOfARealDumpIsAccountedFor(_ name: String) throws {
    let path = try Samples.path("wikipedia/" + name)
    let records = try outcomes(path, WikipediaSource(languages: []))
    let bytes = try openDecoded(path).readToEnd()
    #expect(records.count == count("<page>", in: bytes))
    #expect(!records.map(\.outcome).contains("bad"))
    for case .document(let document) in records.prefix(3) {
      let raw = try document.origin.rawRecord(in: path)
      #expect(raw.starts(with: Array("<page>".utf8)))
      #expect(raw.suffix(7).elementsEqual("</page>".utf8))
      let title = document.metadata.string("title") ?? ""
      #expect(count("<title>\(title)</title>", in: raw) == 1 || title.contains("&"))
    }
  }

  @Test(.enabled(if: Samples.areHere, "\(Samples.absence)"))
  func anotherEncodingIsAFault() throws {
    let path = try Samples.path("wikipedia/bgwiki-latest-pages-articles-shortened.xml.bz2")
    #expect(throws: Fault.self) { try outcomes(path, WikipediaSource()) }
  }

  @Test(.enabled(if: Samples.areHere, "\(Samples.absence)"))
  func unitsOfManyStreamsGiveWhatTheWholeFileGives() throws {
    let folder = "wikipedia/constructed-multistream/"
    let path = try Samples.path(folder + "dewiki-pages-articles-multistream.xml.bz2")
    let input = Input(name: fileName(of: path), path: path)
    let source = WikipediaSource(unitSize: 1)
    #expect(try source.units(of: input).count == 3)
    #expect(try ids(outcomes(path, source)) == ids(outcomes(path, WikipediaSource())))
  }

  @Test(.enabled(if: Samples.areHere, "\(Samples.absence)"))
  func aStreamThatIsCutShortIsAFault() throws {
    let folder = try TemporaryFolder()
    let sample = "wikipedia/constructed-multistream/dewiki-pages-articles-multistream.xml.bz2"
    let stored = try openStored(Samples.path(sample))
    let path = try folder.write(
      Array(stored.dropLast(60)), to: "dewiki-x-pages-articles.xml.bz2")
    #expect(throws: Fault.self) { try outcomes(path, WikipediaSource()) }
  }

  private func openStored(_ path: String) throws -> [UInt8] {
    try BufferedReader(FileReader(path: path)).readToEnd()
  }

  private func ids(_ records: [Record]) -> [String] {
    records.map {
      switch $0 {
      case .document(let document), .dropped(let document, _):
        "\(document.id) \(document.text.count)"
      case .bad(let fault): "\(fault)"
      }
    }
  }
}

/// How often `part` stands in `bytes`.
func count(_ part: String, in bytes: [UInt8]) -> Int {
  let part = Array(part.utf8)
  var found = 0
  var index = 0
  while let start = bytes[index...].firstIndex(of: part[0]) {
    if bytes[start...].starts(with: part) { found += 1 }
    index = start + 1
  }
  return found
}
