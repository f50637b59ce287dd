public import Documents
import Ground

/// Papers of arXiv, from their LaTeX sources.
///
/// Reads the bulk archives `arXiv_src_YYMM_NNN.tar`, a paper as arXiv stores it (`.gz` of one file
/// or of a tar), and a paper's folder. What is done to a paper is LLaMA section 2.1: comments,
/// everything before the first section and the bibliography go, the authors' commands are expanded.
public struct ArXivSource: DocumentSource {
  public static let name = "arxiv"
  public static let version = 1

  /// What the recipe leaves to choose.
  public struct Settings: Equatable, Sendable {
    /// Whether what follows `\appendix` stays; else all from the first appendix or bibliography goes.
    ///
    /// LLaMA does not mention appendices, so they stay; Minerva (arXiv:2206.14858, B.1) and
    /// RedPajama cut there.
    public var keepsAppendix = true
    /// Whether papers without any section stay, from `\maketitle` on.
    ///
    /// Minerva drops them and RedPajama empties them, so they go; letters in physics often have
    /// none.
    public var keepsSectionless = false
    /// Whether the authors' commands are expanded, as LLaMA does.
    public var expandsMacros = true

    public init() {}
  }

  public let settings: Settings

  public init(_ settings: Settings = Settings()) { self.settings = settings }

  public func recognises(_ path: String) -> Bool {
    let name = fileName(of: path)
    let ends = [".gz", ".tgz", ".tar", ".pdf"]
    return ends.contains { name.hasSuffix($0) }
      && (name.hasPrefix("arXiv_src_") || ArXivIdentifier(fileName: name) != nil)
  }

  /// True for a folder with a paper's files.
  public func takes(folder path: String) -> Bool {
    ((try? names(in: path)) ?? []).contains { $0.hasSuffix(".tex") }
  }

  public func read(_ unit: Unit, to accept: (Record) throws -> Void) throws {
    if fileKind(unit.input.path) == .folder {
      try accept(folderRecord(unit))
    } else if try isBulk(unit) {
      try readBulk(unit, to: accept)
    } else {
      try accept(fileRecord(unit))
    }
  }

  /// True for a tar whose first member is named as a paper.
  private func isBulk(_ unit: Unit) throws(Fault) -> Bool {
    guard try isTar(unit.input.path) else { return false }
    let archive = try ArchiveReader(tar: unit.open())
    guard let first = try archive.next() else { return true }
    let name = fileName(of: first.name)
    let isStored = name.hasSuffix(".gz") || name.hasSuffix(".pdf")
    return isStored && ArXivIdentifier(fileName: name) != nil
  }

  private func readBulk(_ unit: Unit, to accept: (Record) throws -> Void) throws {
    let isPlain = try Codec(path: unit.input.path) == .plain
    let archive = try ArchiveReader(tar: unit.open())
    while let member = try archive.next() {
      let location =
        isPlain
        ? Location(offset: member.header, skip: 0) : Location(offset: 0, skip: member.header)
      let origin = unit.origin(location, length: member.size ?? 0, member: member.name)
      var document = Document(source: Self.name, text: [], origin: origin)
      document.metadata = metadata(fileName(of: member.name))
      document.created = member.modified.flatMap(isoTime) ?? ""
      if member.name.hasSuffix(".pdf") {
        try accept(.dropped(document, reason: "pdf"))
      } else if !member.name.hasSuffix(".gz") {
        try accept(.dropped(document, reason: "not_source"))
      } else {
        try accept(record(document, from: archive))
      }
    }
  }

  /// The outcome of one paper as arXiv stores it; damage is a bad record that names the member.
  private func record(_ document: Document, from archive: ArchiveReader) -> Record {
    let member = document.origin.member ?? ""
    do throws(Fault) {
      let name = fileName(of: member)
      let paper = try Paper(stored: archive.bytes(), name: name, path: archive.path)
      return outcome(document, paper)
    } catch {
      let cause = Fault.Cause.malformed("member \(member): \(error.cause)")
      return .bad(Fault(archive.path, at: document.origin.offset, cause))
    }
  }

  private func fileRecord(_ unit: Unit) throws(Fault) -> Record {
    let reader = try unit.open()
    let name = fileName(of: unit.input.name)
    if name.hasSuffix(".pdf") {
      let count = Int(clamping: try fileSize(unit.input.path))
      return .dropped(document(unit, length: count), reason: "pdf")
    }
    let bytes = try reader.readToEnd()
    let memory = BufferedReader(MemoryReader(bytes, path: reader.path))
    return outcome(document(unit, length: bytes.count), try Paper(memory, name: name))
  }

  private func folderRecord(_ unit: Unit) throws(Fault) -> Record {
    let path = unit.input.path
    let paper = try Paper(folder: path)
    let record = outcome(document(unit, length: 0), paper)
    // A folder has no bytes of its own: its root file stands for it.
    guard case .document(var document) = record,
      case .strings(let files)? = document.metadata["files"], let root = files.first
    else { return record }
    let length = paper.files.first { $0.name == root }?.bytes.count ?? 0
    document = Document(
      source: Self.name, text: document.text, metadata: document.metadata,
      origin: unit.origin(Location(offset: 0, skip: 0), length: length, member: root))
    return .document(document)
  }

  private func document(_ unit: Unit, length: Int) -> Document {
    let name = fileName(of: unit.input.name)
    return Document(
      source: Self.name, text: [], metadata: metadata(name),
      origin: unit.origin(Location(offset: 0, skip: 0), length: length))
  }

  private func metadata(_ name: String) -> Metadata {
    var metadata = Metadata()
    guard let identifier = ArXivIdentifier(fileName: name) else { return metadata }
    metadata["arxiv_id"] = .string(identifier.text)
    metadata["yymm"] = .string(identifier.yymm)
    metadata["url"] = .string(identifier.url)
    return metadata
  }

  private func outcome(_ document: Document, _ paper: Paper) -> Record {
    if let reason = paper.reason { return .dropped(document, reason: reason) }
    var document = document
    let cleaned = PaperCleaner(settings).clean(paper)
    document.metadata["files"] = .strings(cleaned.files)
    document.metadata["encoding"] = .string(cleaned.encoding)
    if cleaned.hitLimit { document.metadata["note"] = "macro_limit" }
    if let reason = cleaned.reason { return .dropped(document, reason: reason) }
    document.text = cleaned.text
    return .document(document)
  }
}

/// Seconds since 1970 in ISO 8601; nil before arXiv began, in August 1991, and from 2100 on.
func isoTime(_ seconds: Int) -> String? {
  guard (680_918_400..<4_102_444_800).contains(seconds) else { return nil }
  var days = seconds / 86_400
  var year = 1970
  func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }
  while days >= (isLeap(year) ? 366 : 365) {
    days -= isLeap(year) ? 366 : 365
    year += 1
  }
  var month = 1
  for length in [31, isLeap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
    if days < length { break }
    days -= length
    month += 1
  }
  func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
  let (hour, minute) = (seconds % 86_400 / 3600, seconds % 3600 / 60)
  let day = "\(year)-\(two(month))-\(two(days + 1))"
  return "\(day)T\(two(hour)):\(two(minute)):\(two(seconds % 60))Z"
}
