public import Documents
import Ground

/// Books: Project Gutenberg's plain texts of every era, PG-19, and archives such as Books3.
///
/// Reads a text, a folder of texts, a `N.zip` of one text, or a tar of many.
public struct BooksSource: DocumentSource {
  public static let name = "books"
  public static let version = 1

  /// What the recipe leaves to choose.
  public struct Settings: Equatable, Sendable {
    /// Gutenberg numbers that are no books: music, and two lists of numbers, as common-pile's
    /// `sources/gutenberg` leaves them out.
    public var excludedNumbers = [
      4749, 4750, 4751, 4949, 4950, 4951, 5627, 5634, 5635, 10802, 11220,
    ]
    /// Whether a note of the transcriber at the beginning goes with the credits; ours to choose.
    public var stripsTranscriberNotes = true
    /// The largest book, in bytes, that is read at all; ours, fifty times the longest in PG-19.
    public var maximumBytes = 1 << 28

    public init() {}
  }

  public let settings: Settings

  public init(_ settings: Settings = Settings()) { self.settings = settings }

  public func recognises(_ path: String) -> Bool {
    let path = path.lowercased()
    let ends = [".txt", ".txt.utf8", ".zip", ".tar", ".tgz"]
    return ends.contains { path.hasSuffix($0) }
      || ["gz", "bz2", "zst"].contains {
        path.hasSuffix(".tar.\($0)") || path.hasSuffix(".txt.\($0)")
      }
  }

  public func read(_ unit: Unit, to accept: (Record) throws -> Void) throws {
    let path = unit.input.path
    if fileKind(path) == .folder {
      for name in try files(under: path) { try accept(fileRecord(name, unit)) }
    } else if path.lowercased().hasSuffix(".zip") {
      try readArchive(ArchiveReader(path: path), unit, isPlain: false, to: accept)
    } else if try isTar(path) {
      let isPlain = try Codec(path: path) == .plain
      try readArchive(ArchiveReader(tar: unit.open()), unit, isPlain: isPlain, to: accept)
    } else {
      let bytes = try unit.open().readToEnd()
      let origin = unit.origin(Location(offset: 0, skip: 0), length: bytes.count)
      try accept(record(bytes, named: unit.input.name, origin))
    }
  }

  /// The outcome of a file in a folder; one that cannot be read is bad, and the others go on.
  private func fileRecord(_ name: String, _ unit: Unit) -> Record {
    let file = "\(unit.input.path)/\(name)"
    do throws(Fault) {
      let bytes = try openDecoded(file).readToEnd()
      let origin = unit.origin(Location(offset: 0, skip: 0), length: bytes.count, member: name)
      return record(bytes, named: name, origin)
    } catch {
      return .bad(error)
    }
  }

  private func readArchive(
    _ archive: ArchiveReader, _ unit: Unit, isPlain: Bool, to accept: (Record) throws -> Void
  ) throws {
    let isTar = !unit.input.path.lowercased().hasSuffix(".zip")
    while let member = try archive.next() {
      let header = isTar ? member.header : 0
      let location =
        isPlain ? Location(offset: header, skip: 0) : Location(offset: 0, skip: header)
      if let size = member.size, size > settings.maximumBytes {
        let cause = Fault.Cause.tooLong(limit: settings.maximumBytes)
        try accept(.bad(Fault(archive.path, at: location.offset, cause)))
        continue
      }
      let isText = isTextName(member.name)
      let bytes = isText ? try archive.bytes(limit: settings.maximumBytes + 1) : []
      let origin = unit.origin(
        location, length: isText ? bytes.count : member.size ?? 0, member: member.name)
      let name = member.name.utf8.contains(0x2f) ? member.name : "\(unit.input.name)/\(member.name)"
      try accept(record(bytes, named: name, origin))
    }
  }

  /// The outcome of one file: a book, or why it is none.
  private func record(_ bytes: [UInt8], named path: String, _ origin: Origin) -> Record {
    let name = BookName(path)
    var document = Document(source: Self.name, text: [], origin: origin)
    if !isTextName(path) { return .dropped(document, reason: "not_text") }
    if name.isIndex { return .dropped(document, reason: "index") }
    if name.isLicence { return .dropped(document, reason: "licence") }
    if bytes.contains(0) && !bytes.starts(with: [0xff, 0xfe]) && !bytes.starts(with: [0xfe, 0xff]) {
      return .dropped(document, reason: "binary")
    }
    let book = Book(decodeText(bytes, declared: declaredCharset(bytes)), settings)
    document.metadata = metadata(of: book.header, name)
    document.created = book.header.released ?? ""
    if case .integer(let number)? = document.metadata["gutenberg_id"],
      settings.excludedNumbers.contains(number)
    {
      return .dropped(document, reason: "excluded")
    }
    document.text = book.text
    return book.text.isEmpty ? .dropped(document, reason: "empty") : .document(document)
  }

  private func metadata(of header: BookHeader, _ name: BookName) -> Metadata {
    var metadata = Metadata()
    metadata["title"] = (header.title ?? name.title).map { .string($0) }
    metadata["author"] = header.author.map { .string($0) }
    metadata["language"] = header.language.map { .string($0) }
    metadata["released"] = header.release.map { .string($0) }
    metadata["gutenberg_id"] = (header.number ?? name.number).map { .integer($0) }
    return metadata
  }
}

/// True for the names of texts, stored or compressed.
func isTextName(_ path: String) -> Bool {
  let name = path.lowercased()
  return [".txt", ".txt.utf8", ".txt.gz", ".txt.bz2", ".txt.zst"].contains { name.hasSuffix($0) }
}
