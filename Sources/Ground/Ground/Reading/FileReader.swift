import Glibc

/// Reads a stored file, or a range of it, front to back.
///
/// The descriptor closes when the reader goes away.
public final class FileReader: ByteReader {
  public let path: String
  public let segment: Segment
  private let descriptor: CInt
  private var offset: UInt64
  private let end: UInt64

  /// Opens the file; `range` counts stored bytes and is the whole file by default.
  public init(path: String, range: Range<UInt64>? = nil) throws(Fault) {
    self.path = path
    let start = range?.lowerBound ?? 0
    offset = start
    end = range?.upperBound ?? .max
    segment = Segment(stored: start, decoded: 0, isPlain: true)
    descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system("open", path) }
    guard start == 0 || lseek(descriptor, off_t(start), SEEK_SET) >= 0 else {
      throw .system("seek", path, at: start)
    }
  }

  deinit { close(descriptor) }

  public func read(into room: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    let wanted = Int(min(UInt64(room.count), end - offset))
    guard wanted > 0 else { return 0 }
    while true {
      let count = unsafe Glibc.read(descriptor, room.baseAddress, wanted)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw .system("read", path, at: offset) }
      offset += UInt64(count)
      return count
    }
  }
}

/// Reads bytes that are in memory already, such as a member of an archive.
public final class MemoryReader: ByteReader {
  public let path: String
  public let segment = Segment(stored: 0, decoded: 0, isPlain: true)
  private let bytes: [UInt8]
  private var offset = 0

  public init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  public func read(into room: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    let count = min(room.count, bytes.count - offset)
    unsafe bytes.withUnsafeBytes { source in
      unsafe room.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
    }
    offset += count
    return count
  }
}
