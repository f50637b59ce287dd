public import Ground

/// A text and where it came from.
public struct Document: Equatable, Sendable {
  /// Stable for ever: made of source, input path and record, independent of run, machine and order.
  public var id: Hash128
  /// The name of its source, such as `wikipedia`.
  public var source: String
  /// UTF-8.
  public var text: [UInt8]
  /// When the text was made, as its source says, in ISO 8601; empty where it does not say.
  public var created: String
  /// What else the source knows, such as `url` and `title`, in the source's own order.
  public var metadata: Metadata
  public var origin: Origin

  public init(
    source: String, text: [UInt8], created: String = "", metadata: Metadata = Metadata(),
    origin: Origin
  ) {
    id = origin.id(source: source)
    self.source = source
    self.text = text
    self.created = created
    self.metadata = metadata
    self.origin = origin
  }
}

/// Where a record lies: enough to fetch its raw bytes again.
///
/// Open `path`, go to byte `offset` of the stored file, decode from there, pass over `skip` decoded
/// bytes and take `length`. A record in an archive names its `member`: in a tar, `offset` and `skip`
/// then lead to the member's header, and the record is the whole member; in a 7z or zip, `skip`
/// counts the member's own bytes.
public struct Origin: Hashable, Sendable {
  /// The input's name: its path below the folder of inputs.
  public var path: String
  public var offset: UInt64
  public var skip: UInt64
  public var length: UInt64
  public var member: String?

  public init(
    path: String, location: Location, length: UInt64, member: String? = nil
  ) {
    self.path = path
    offset = location.offset
    skip = location.skip
    self.length = length
    self.member = member
  }

  /// The id of the document that `source` makes of this record.
  public func id(source: String) -> Hash128 {
    xxh3Wide(Array("\(source)\0\(path)\0\(offset)\0\(skip)\0\(member ?? "")".utf8))
  }
}
