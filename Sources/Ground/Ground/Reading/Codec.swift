/// How the bytes of a stored file are compressed.
public enum Codec: String, Sendable, CaseIterable {
  case plain, gzip, bzip2, zstd

  /// What the first bytes say; `plain` where they say nothing.
  public init(magic: [UInt8]) {
    self =
      if magic.starts(with: [0x1f, 0x8b]) {
        .gzip
      } else if magic.starts(with: Array("BZh".utf8)) {
        .bzip2
      } else if magic.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) {
        .zstd
      } else if magic.count == 4, magic[0] & 0xf0 == 0x50, magic[1...] == [0x2a, 0x4d, 0x18] {
        .zstd  // a skippable frame
      } else {
        .plain
      }
  }

  /// The codec of a stored file, by its first four bytes.
  public init(path: String) throws(Fault) {
    self.init(magic: try firstBytes(of: path, count: 4))
  }

  /// A reader of the decoded bytes of `upstream`.
  public func reader(over upstream: any ByteReader) -> any ByteReader {
    switch self {
    case .plain: upstream
    case .gzip: GzipReader(upstream)
    case .bzip2: Bzip2Reader(upstream)
    case .zstd: ZstdReader(upstream)
    }
  }
}

/// The first `count` bytes of a stored file, or all of a shorter one.
public func firstBytes(of path: String, count: Int) throws(Fault) -> [UInt8] {
  let reader = BufferedReader(try FileReader(path: path))
  var bytes: [UInt8] = []
  _ = try reader.read(count, into: &bytes)
  return bytes
}

/// Opens a stored file, or a pipe, for reading its decoded bytes, whatever its name says.
///
/// `range` counts stored bytes and begins where decoding can start; the whole file by default.
public func openDecoded(_ path: String, range: Range<UInt64>? = nil) throws(Fault) -> BufferedReader
{
  if let range {
    let file = try FileReader(path: path, range: range)
    return BufferedReader(try Codec(path: path).reader(over: file))
  }
  // A pipe can be opened once only: what is looked at must be read on from.
  let file = PeekedReader(try FileReader(path: path))
  return BufferedReader(Codec(magic: try file.peek(4)).reader(over: file))
}
