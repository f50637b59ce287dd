public import Documents
import Formats
import Ground

/// Articles of Wikipedia, from its dumps `…-pages-articles.xml.bz2` and `…-multistream.xml.bz2`.
///
/// A record is a `<page>`. Its document is the article's plain text, as `Wikitext` makes it, without
/// the title, which stands in the metadata with `url`, `language`, `timestamp` and `page`. Pages are
/// dropped as `language` (not one of the wanted), `namespace` (not an article), `redirect`, `model`
/// (not wikitext), `empty` (no wikitext) and `no-text` (nothing left of it).
public struct WikipediaSource: DocumentSource {
  public static let name = "wikipedia"
  public static let version = 1

  /// The languages of LLaMA, section 2.1 (arXiv:2302.13971).
  public static let llamaLanguages = [
    "bg", "ca", "cs", "da", "de", "en", "es", "fr", "hr", "hu", "it", "nl", "pl", "pt", "ro", "ru",
    "sl", "sr", "sv", "uk",
  ]

  /// Codes of the languages that are kept; every Wikipedia where there are none.
  public var languages: [String]
  /// Stored bytes that a unit of a bzip2 file of many streams has at least.
  public var unitSize: UInt64

  public init(
    languages: [String] = WikipediaSource.llamaLanguages, unitSize: UInt64 = 4 << 20
  ) {
    self.languages = languages
    self.unitSize = unitSize
  }

  public func recognises(_ path: String) -> Bool {
    let name = fileName(of: path)
    guard !name.contains("multistream-index"), name.contains("pages-articles") else {
      return false
    }
    // The parts of a large wiki are called `…-pages-articles1.xml-p1p41242.bz2`.
    let isXML = name.hasSuffix(".xml") || name.contains(".xml.") || name.contains(".xml-p")
    let packing = name.split(separator: ".").last ?? ""
    return isXML
      && (name.hasSuffix(".xml") || ["bz2", "gz", "zst"].contains(packing)
        || name.contains(".xml-p") && !name.contains(".7z"))
  }

  /// Cuts a bzip2 file where its streams begin; any other is one unit.
  ///
  /// A page that goes on behind the end of a unit is read to its end and belongs to the unit it begins
  /// in, so files cut by a parallel compressor, without regard to pages, are read right too.
  public func units(of input: Input) throws -> [Unit] {
    guard try Codec(path: input.path) == .bzip2 else { return [Unit(of: input)] }
    let size = try fileSize(input.path)
    var starts: [UInt64] = [0]
    for boundary in try BzipStreams.boundaries(of: input.path)
    where boundary - (starts.last ?? 0) >= unitSize {
      starts.append(boundary)
    }
    if starts.count == 1 { return [Unit(of: input)] }
    return starts.indices.map { number in
      let end = number + 1 < starts.count ? starts[number + 1] : size
      return Unit(of: input, number: number, range: starts[number]..<end)
    }
  }

  public func read(_ unit: Unit, to accept: (Record) throws -> Void) throws {
    let path = unit.input.path
    let head = try openDecoded(path).peek(1 << 16)
    try refuseOtherEncodings(head, path: path)
    let site = Site(fileName: fileName(of: unit.input.name), head: head)
    let wikitext = Wikitext(language: site.language, names: site.names)
    let parser = XMLParser()

    let size = try fileSize(path)
    let isLast = unit.range.map { $0.upperBound >= size } ?? true
    let reader = XMLRecordReader(
      try unit.open(), element: "page",
      onward: isLast
        ? nil
        : { () throws(Fault) -> BufferedReader in
          try openDecoded(path, range: (unit.range?.upperBound ?? 0)..<UInt64(Int64.max))
        })
    while let next = try reader.next() {
      switch next {
      case .failure(let fault): try accept(.bad(fault))
      case .success(let record):
        try accept(outcome(of: record, in: unit, site, wikitext, parser))
      }
    }
    if isLast, !reader.tail.contains("</mediawiki".utf8) {
      throw Fault(path, at: size, .malformed("the dump is cut short: it has no </mediawiki>"))
    }
  }

  private func outcome(
    of record: XMLRecord, in unit: Unit, _ site: Site, _ wikitext: Wikitext, _ parser: XMLParser
  ) -> Record {
    var document = Document(
      source: Self.name, text: [],
      origin: unit.origin(record.location, length: record.bytes.count))
    let isWanted = languages.isEmpty ? !site.language.isEmpty : languages.contains(site.language)
    if !isWanted { return .dropped(document, reason: "language") }

    let page: Page
    do throws(XMLError) {
      page = Page(try parser.parse(record.bytes))
    } catch {
      return .bad(
        Fault(unit.input.path, at: record.location.offset, .malformed("a page is no XML: \(error)"))
      )
    }
    document.created = page.timestamp
    document.metadata["title"] = .string(page.title)
    document.metadata["url"] = .string(page.url(language: site.language))
    document.metadata["language"] = .string(site.language)
    document.metadata["timestamp"] = .string(page.timestamp)
    document.metadata["page"] = page.number.map { .integer($0) }

    if page.namespace != 0 { return .dropped(document, reason: "namespace") }
    if page.isRedirect { return .dropped(document, reason: "redirect") }
    if !["", "wikitext"].contains(page.model) { return .dropped(document, reason: "model") }
    if page.wikitext.allSatisfy({ $0 <= 0x20 }) { return .dropped(document, reason: "empty") }
    document.text = wikitext.plainText(of: page.wikitext)
    return document.text.isEmpty ? .dropped(document, reason: "no-text") : .document(document)
  }

  /// Wikimedia writes UTF-8; in another encoding no page would be found, silently.
  private func refuseOtherEncodings(_ head: [UInt8], path: String) throws(Fault) {
    guard head.starts(with: [0xff, 0xfe]) || head.starts(with: [0xfe, 0xff]) else { return }
    throw Fault(
      path, at: 0, .malformed("the dump is in UTF-16; convert it to UTF-8, by `iconv` say"))
  }
}
