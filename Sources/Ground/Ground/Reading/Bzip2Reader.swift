internal import CBzip2

/// Decodes bzip2: one stream, or many one after the other, as in Wikipedia's multistream dumps.
@safe public final class Bzip2Reader: ByteReader {
  public var path: String { input.path }
  public private(set) var segment: Segment

  private let input: InputBuffer
  private var decoded: UInt64 = 0
  private let stream: UnsafeMutablePointer<bz_stream>
  private var isOpen = false

  public init(_ upstream: any ByteReader) {
    input = InputBuffer(upstream)
    segment = Segment(stored: upstream.segment.stored, decoded: 0)
    // libbz2 keeps the stream's own address, as zlib does.
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: bz_stream())
  }

  deinit {
    if isOpen { unsafe _ = BZ2_bzDecompressEnd(stream) }
    unsafe stream.deallocate()
  }

  public func read(into room: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    while true {
      if !isOpen, try !open() { return 0 }
      let count = try unsafe decompress(into: room)
      if count > 0 { return count }
    }
  }

  /// Begins the next stream; false at the end of the input.
  private func open() throws(Fault) -> Bool {
    try input.fill(atLeast: 4)
    guard input.starts(with: Array("BZh".utf8)) else {
      if input.offset == 0 {
        throw Fault(path, at: 0, .malformed("not a bzip2 file: it does not begin with BZh"))
      }
      return false
    }
    segment = Segment(stored: input.offset, decoded: decoded)
    unsafe stream.pointee = bz_stream()
    let started = unsafe BZ2_bzDecompressInit(stream, 0, 0)
    precondition(started == BZ_OK, "libbz2 could not start: \(started)")
    isOpen = true
    return true
  }

  private func decompress(into room: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    if input.isEmpty { try input.fill() }
    let waiting = input.count
    unsafe stream.pointee.next_in = input.mutableBytes.bindMemory(to: CChar.self).baseAddress
    unsafe stream.pointee.avail_in = UInt32(waiting)
    unsafe stream.pointee.next_out = room.bindMemory(to: CChar.self).baseAddress
    unsafe stream.pointee.avail_out = UInt32(clamping: room.count)
    let result = unsafe BZ2_bzDecompress(stream)
    input.consume(waiting - Int(unsafe stream.pointee.avail_in))
    let count = unsafe Int(UInt32(clamping: room.count) - stream.pointee.avail_out)
    decoded += UInt64(count)
    switch result {
    case BZ_STREAM_END:
      unsafe _ = BZ2_bzDecompressEnd(stream)
      isOpen = false
    case BZ_OK:
      if count == 0 && waiting == 0 && input.atEnd {
        throw Fault(
          path, at: input.offset,
          .malformed("the bzip2 stream that begins at byte \(segment.stored) is cut short"))
      }
    default:
      throw Fault(path, at: input.offset, .malformed("damaged bzip2 data (code \(result))"))
    }
    return count
  }
}
