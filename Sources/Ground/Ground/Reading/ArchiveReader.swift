internal import CArchive

/// Walks the members of a tar, 7z or zip archive, in stored order.
///
/// Tar is streamed from any reader; 7z and zip keep their table at the end, so libarchive seeks in
/// the file itself: for those give a path.
@safe public final class ArchiveReader: ByteReader {
  /// One regular file inside the archive.
  public struct Member: Equatable, Sendable {
    /// The path as the archive writes it.
    public var name: String
    /// Decoded bytes; nil where the archive does not say.
    public var size: Int?
    /// Where the member's header begins in the decoded archive: reading a tar can start there.
    public var header: UInt64
    /// Seconds since 1970; nil where the archive does not say.
    public var modified: Int?
  }

  public let path: String
  public let segment = Segment(stored: 0, decoded: 0)
  private let archive: OpaquePointer?
  private let source: StreamSource?

  /// Opens a 7z or zip file, or any other archive that libarchive knows, by its path.
  public init(path: String) throws(Fault) {
    self.path = path
    source = nil
    unsafe archive = archive_read_new()
    unsafe archive_read_support_format_all(archive)
    unsafe archive_read_support_filter_all(archive)
    let result = unsafe archive_read_open_filename(archive, path, 1 << 18)
    guard result == ARCHIVE_OK else { throw fault() }
  }

  /// Opens a tar from its decoded bytes.
  public init(tar reader: BufferedReader) throws(Fault) {
    path = reader.path
    let source = StreamSource(reader)
    self.source = source
    unsafe archive = archive_read_new()
    unsafe archive_read_support_format_tar(archive)
    unsafe archive_read_support_format_gnutar(archive)
    let handle = unsafe Unmanaged.passUnretained(source).toOpaque()
    let result = unsafe archive_read_open(archive, handle, nil, readFromStream, nil)
    guard result == ARCHIVE_OK else { throw fault() }
  }

  deinit { unsafe _ = archive_read_free(archive) }

  /// Steps to the next regular file; nil at the end.
  ///
  /// What the member holds is then read by `read(into:)`, or `bytes(limit:)`, up to its end.
  public func next() throws(Fault) -> Member? {
    while true {
      var entry: OpaquePointer?
      let result = unsafe archive_read_next_header(archive, &entry)
      if result == ARCHIVE_EOF { return nil }
      guard result == ARCHIVE_OK || result == ARCHIVE_WARN else { throw fault() }
      guard unsafe archive_entry_filetype(entry) == 0o100000 else { continue }  // regular files
      let name = unsafe archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry)
      return unsafe Member(
        name: name.map { unsafe String(cString: $0) } ?? "",
        size: archive_entry_size_is_set(entry) != 0 ? Int(archive_entry_size(entry)) : nil,
        header: UInt64(max(0, archive_read_header_position(archive))),
        modified: archive_entry_mtime_is_set(entry) != 0 ? archive_entry_mtime(entry) : nil)
    }
  }

  public func read(into room: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    let count = unsafe archive_read_data(archive, room.baseAddress, room.count)
    guard count >= 0 else { throw fault() }
    return count
  }

  /// All bytes of the current member.
  ///
  /// - Throws: `Fault` where they are more than `limit`.
  public func bytes(limit: Int = 1 << 28) throws(Fault) -> [UInt8] {
    try BufferedReader(self, limit: limit).readToEnd()
  }

  private func fault() -> Fault {
    if let fault = source?.fault { return fault }
    let offset = unsafe UInt64(max(0, archive_read_header_position(archive)))
    let message =
      unsafe archive_error_string(archive).map { unsafe String(cString: $0) }
      ?? "it is cut short, or no archive at all"
    return Fault(path, at: offset, .malformed("damaged archive: \(message)"))
  }
}

/// Lends a reader to libarchive, which asks for the next block by a C call.
@safe private final class StreamSource {
  let reader: BufferedReader
  var block: [UInt8] = []
  var fault: Fault?

  init(_ reader: BufferedReader) { self.reader = reader }

  /// The next block; empty at the end, nil after a fault.
  func next() -> Bool {
    block.removeAll(keepingCapacity: true)
    do throws(Fault) {
      try reader.read(1 << 16, into: &block)
      return true
    } catch {
      fault = error
      return false
    }
  }
}

private func readFromStream(
  _ archive: OpaquePointer?, _ handle: UnsafeMutableRawPointer?,
  _ block: UnsafeMutablePointer<UnsafeRawPointer?>?
) -> Int {
  guard let handle = unsafe handle else { return -1 }
  let source = unsafe Unmanaged<StreamSource>.fromOpaque(handle).takeUnretainedValue()
  guard source.next() else { return -1 }
  // The block lives in the source until the next call, which is as long as libarchive asks for.
  unsafe block?.pointee = source.block.withUnsafeBytes { $0.baseAddress }
  return source.block.count
}
