public import Documents
import Formats
import Ground

/// Questions with their answers, from the dumps of Stack Exchange: `SITE.7z`, `SITE-Posts.7z` or
/// `SITE/Posts.xml`.
///
/// A raw record is a `<row>` of `Posts.xml`, and each is accounted for once. A question's row gives a
/// document, and the rows of its answers are part of it: `answers` in the metadata says how many.
/// Other rows are dropped: `type.3` and so on (neither question nor answer), `orphan` (an answer whose
/// question is not there), `duplicate` (a question that came before), `empty` (no text in it). So
/// rows = documents + their answers + dropped + bad.
///
/// Rows of other types and bad ones are handed over as they are read, in the order of the file; then
/// everything else by the number of the question. Answers need not stand near their question, so
/// posts are sorted: in memory, or, where they are more than `memory`, in runs on disk that are merged.
/// Either way they come out in the order of (question, question first, place in the file), which
/// names no budget: `memory` changes no byte.
public struct StackExchangeSource: DocumentSource {
  public static let name = "stack-exchange"
  public static let version = 1

  /// Hosts of the sites that are kept, such as `math.stackexchange.com`; all where there are none.
  public var sites: [String]
  /// Bytes of posts that are held in memory before they go to disk.
  public var memory: Int
  /// Where posts that do not fit are sorted; the files are removed in the end.
  public var temporaryFolder: String

  public init(sites: [String] = [], memory: Int = 1 << 30, temporaryFolder: String = "/tmp") {
    self.sites = sites
    self.memory = memory
    self.temporaryFolder = temporaryFolder
  }

  public func recognises(_ path: String) -> Bool { SiteName.isPosts(path) }

  public func read(_ unit: Unit, to accept: (Record) throws -> Void) throws {
    let site = SiteName.site(of: unit.input.name) ?? SiteName.site(of: unit.input.path) ?? ""
    let isWanted = sites.isEmpty || sites.contains(site)
    let (reader, member) = try open(unit)
    let rows = XMLRecordReader(reader, element: "row")
    let parser = XMLParser()
    var sorter = PostSorter(memory: memory, folder: temporaryFolder)

    while let next = try rows.next() {
      let row: XMLRecord
      switch next {
      case .success(let record): row = record
      case .failure(let fault):
        try accept(.bad(fault))
        continue
      }
      let origin = unit.origin(row.location, length: row.bytes.count, member: member)
      if !isWanted {
        try accept(.dropped(Document(source: Self.name, text: [], origin: origin), reason: "site"))
        continue
      }
      switch Row.parsed(row.bytes, by: parser) {
      case .success(.post(var post)):
        post.place = Place(row)
        try sorter.add(post)
      case .success(.other(let type, let created)):
        let document = Document(source: Self.name, text: [], created: created, origin: origin)
        try accept(.dropped(document, reason: "type.\(type)"))
      case .failure(let error):
        try accept(.bad(Fault(unit.input.path, at: origin.offset, .malformed(error.description))))
      }
    }
    guard rows.tail.contains("</posts".utf8) else {
      throw Fault(
        unit.input.path, at: reader.location.offset,
        .malformed("the posts are cut short: there is no </posts>"))
    }

    let maker = ThreadMaker(site: site, unit: unit, member: member)
    try sorter.forEachThread { posts in try maker.records(of: posts, to: accept) }
  }

  /// The posts' bytes; with the member's name where they lie in an archive.
  private func open(_ unit: Unit) throws(Fault) -> (BufferedReader, member: String?) {
    let path = unit.input.path
    guard try firstBytes(of: path, count: 6) == [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c] else {
      return (try unit.open(), nil)
    }
    let archive = try ArchiveReader(path: path)
    while let member = try archive.next() {
      if fileName(of: member.name) == "Posts.xml" { return (BufferedReader(archive), member.name) }
    }
    throw Fault(path, at: 0, .malformed("the archive has no Posts.xml"))
  }
}
