public import Documents
internal import Formats
internal import Ground

/// Web pages of Common Crawl, or of any other crawl in WARC: WET `conversion` records as they are,
/// and HTML or plain text pages of WARC `response` and `resource` records, made text here.
///
/// The reading of WET is CCNet's (`cc_net/process_wet_file.py`), except that headers are found by
/// name, so that records with `WARC-Identified-Content-Language` are read right.
public struct CommonCrawlSource: DocumentSource {
  public static let name = "common-crawl"
  public static let version = 1

  /// What a manifest may set.
  public struct Settings: Hashable, Sendable {
    /// The shortest text that is kept, in Unicode scalars; 300 in CCNet (`cc_net/mine.py`,
    /// `min_len`), before duplicate paragraphs go.
    public var minimumLength = 300
    /// Codes such as `eng` of the languages that are kept; empty for all.
    ///
    /// A page goes by the first language that the crawl itself identified; where it says nothing,
    /// the page is kept.
    public var languages: [String] = []
    /// The longest record that is read, in bytes; longer ones are bad records.
    ///
    /// Common Crawl cuts pages at some MiB.
    public var recordLimit = 1 << 26

    public init() {}
  }

  public var settings: Settings

  public init(settings: Settings = Settings()) { self.settings = settings }

  public func recognises(_ path: String) -> Bool {
    [".wet", ".warc"].contains { end in
      ["", ".gz", ".zst"].contains { path.hasSuffix(end + $0) }
    }
  }

  public func read(_ unit: Unit, to accept: (Record) throws -> Void) throws {
    let reader = WARCReader(try unit.open(), bodyLimit: settings.recordLimit)
    while let next = try reader.next({ isPage($0) && isWanted($0) }) {
      switch next {
      case .success(let record): try accept(outcome(of: record, in: unit))
      case .failure(let fault): try accept(.bad(fault))
      }
    }
  }

  private func isPage(_ fields: HeaderFields) -> Bool {
    ["conversion", "response", "resource"].contains(fields["WARC-Type"]?.lowercased() ?? "")
  }

  private func isWanted(_ fields: HeaderFields) -> Bool {
    guard let first = languages(of: fields).first, !settings.languages.isEmpty else { return true }
    return settings.languages.contains(first)
  }

  private func languages(of fields: HeaderFields) -> [String] {
    guard let list = fields["WARC-Identified-Content-Language"] else { return [] }
    return list.split { $0 == "," || $0 == " " }.map(String.init)
  }

  private func outcome(of record: WARCRecord, in unit: Unit) -> Record {
    let fields = record.fields
    let url = bareAddress(fields["WARC-Target-URI"] ?? "")
    let languages = languages(of: fields)
    var document = Document(
      source: Self.name, text: [], created: fields["WARC-Date"] ?? "",
      origin: unit.origin(record.location, length: record.length))
    document.metadata["url"] = .string(url)
    document.metadata["date"] = .string(document.created)
    let digest = record.type == "conversion" ? nil : fields["WARC-Payload-Digest"]
    document.metadata["digest"] = (digest ?? fields["WARC-Block-Digest"]).map { .string($0) }
    if !languages.isEmpty { document.metadata["languages"] = .strings(languages) }
    document.metadata["source_domain"] = .string(domain(of: url))
    document.metadata["cc_segment"] = .string(unit.input.name)

    guard isPage(fields) else {
      return .dropped(document, reason: record.type.isEmpty ? "type" : "type.\(record.type)")
    }
    guard isOfTheWeb(url) else { return .dropped(document, reason: "scheme") }
    guard !isForRobots(url) else { return .dropped(document, reason: "robots") }
    guard isWanted(fields) else { return .dropped(document, reason: "language") }
    switch pageText(of: record) {
    case .page(let page):
      document.text = page.text
      document.metadata["title"] = .string(String(decoding: page.title, as: UTF8.self))
      document.metadata["nlines"] = .integer(page.lines)
      let isShort = scalarCount(page.text, atMost: settings.minimumLength) < settings.minimumLength
      return isShort ? .dropped(document, reason: "too_short") : .document(document)
    case .dropped(let reason): return .dropped(document, reason: reason)
    case .bad(let what):
      let offset = record.location.offset
      return .bad(Fault(unit.input.path, at: offset, .malformed(what)))
    }
  }
}

/// The Unicode scalars of `text`, counted no further than `limit`.
private func scalarCount(_ text: [UInt8], atMost limit: Int) -> Int {
  var count = 0
  for byte in text where byte & 0xc0 != 0x80 {
    count += 1
    if count >= limit { break }
  }
  return count
}
