internal import CDeflate
internal import CZlib

/// Decodes gzip: one member, or many one after the other, as in a WARC where every record is one.
///
/// A member that is whole in the buffer goes through libdeflate, twice as fast as zlib and able to
/// say where it ended; a larger one is streamed by zlib. Bytes after the last member that are no
/// gzip (zero padding) end the stream.
@safe public final class GzipReader: ByteReader {
  public var path: String { input.path }
  public private(set) var segment: Segment

  private let input: InputBuffer
  private var decoded: UInt64 = 0
  private var state = State.betweenMembers
  private let stream: UnsafeMutablePointer<z_stream>
  private let whole: OpaquePointer?
  /// Room for members decoded at one go; the last one has `memberCount` bytes, `given` of them read.
  private var member = [UInt8](repeating: 0, count: 1 << 16)
  private var memberCount = 0
  private var given = 0

  private enum State { case betweenMembers, whole, streaming, ended }

  /// Members up to this many decoded bytes are decoded at one go.
  private static let wholeLimit = 4 << 20

  public init(_ upstream: any ByteReader) {
    input = InputBuffer(upstream)
    segment = Segment(stored: upstream.segment.stored, decoded: 0)
    // zlib keeps the stream's own address, so a `z_stream` must never move: hence the heap.
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let started = unsafe quipu_inflate_init(stream)
    precondition(started == Z_OK, "zlib could not start: \(started)")
    unsafe whole = libdeflate_alloc_decompressor()
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
    unsafe libdeflate_free_decompressor(whole)
  }

  public func read(into room: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    while true {
      switch state {
      case .betweenMembers: try beginMember()
      case .whole:
        if given < memberCount { return unsafe give(to: room) }
        state = .betweenMembers
      case .streaming:
        let count = try unsafe inflate(into: room)
        if count > 0 { return count }
      case .ended: return 0
      }
    }
  }

  private func beginMember() throws(Fault) {
    try input.fill(atLeast: 1 << 16)
    guard input.starts(with: [0x1f, 0x8b]) else {
      if decoded == 0 && input.offset == 0 {
        throw Fault(path, at: 0, .malformed("not a gzip file: it does not begin with 1f 8b"))
      }
      if input.count == 1, input.starts(with: [0x1f]) {
        throw Fault(path, at: input.offset, .truncated(expected: 18, found: 1))
      }
      state = .ended
      return
    }
    segment = Segment(stored: input.offset, decoded: decoded)
    if inflateWhole() { return }
    unsafe inflateReset(stream)
    state = .streaming
  }

  /// Decodes the next member at one go, if it lies whole in the buffer and is small enough.
  private func inflateWhole() -> Bool {
    guard unsafe whole != nil else { return false }
    while true {
      var used = 0
      var made = 0
      let result = unsafe member.withUnsafeMutableBytes { out in
        unsafe libdeflate_gzip_decompress_ex(
          whole, input.bytes.baseAddress, input.count, out.baseAddress, out.count, &used, &made)
      }
      if result == LIBDEFLATE_INSUFFICIENT_SPACE && member.count < Self.wholeLimit {
        member = [UInt8](repeating: 0, count: member.count * 4)
        continue
      }
      // Damaged and truncated members are left to zlib, which gives what comes before the damage.
      guard result == LIBDEFLATE_SUCCESS else { return false }
      input.consume(used)
      memberCount = made
      given = 0
      state = .whole
      return true
    }
  }

  private func give(to room: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(room.count, memberCount - given)
    unsafe member.withUnsafeBytes { source in
      unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[given..<given + count]))
    }
    given += count
    decoded += UInt64(count)
    return count
  }

  private func inflate(into room: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    if input.isEmpty { try input.fill() }
    let waiting = input.count
    unsafe stream.pointee.next_in = input.mutableBytes.bindMemory(to: UInt8.self).baseAddress
    unsafe stream.pointee.avail_in = UInt32(waiting)
    unsafe stream.pointee.next_out = room.bindMemory(to: UInt8.self).baseAddress
    unsafe stream.pointee.avail_out = UInt32(clamping: room.count)
    let result = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
    input.consume(waiting - Int(unsafe stream.pointee.avail_in))
    let count = unsafe Int(UInt32(clamping: room.count) - stream.pointee.avail_out)
    decoded += UInt64(count)
    switch result {
    case Z_STREAM_END: state = .betweenMembers
    case Z_OK, Z_BUF_ERROR:
      if count == 0 && waiting == 0 && input.atEnd {
        throw Fault(
          path, at: input.offset,
          .malformed("the gzip member that begins at byte \(segment.stored) is cut short"))
      }
    default:
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "code \(result)"
      throw Fault(path, at: input.offset, .malformed("damaged gzip data: \(message)"))
    }
    return count
  }
}
