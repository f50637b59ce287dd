internal import CDeflate
internal import CZlib

/// Decodes gzip: one member, or many one after the other, as in a WARC where every record is one.
///
/// A member that is whole in the buffer goes through libdeflate, twice as fast as zlib and able to
/// say where it ended; a larger one is streamed by zlib. Bytes after the last member that are no
/// gzip (zero padding) end the stream. Behind damage, reading goes on with the next bytes that look
/// like the head of a member.
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

  private enum State { case betweenMembers, whole, streaming, lost, ended }

  public var goesOnAfterFault: Bool { state == .lost }

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
      case .lost: state = try findMember() ? .betweenMembers : .ended
      case .ended: return 0
      }
    }
  }

  private func beginMember() throws(Fault) {
    try input.fill(atLeast: 1 << 16)
    guard input.starts(with: [0x1f, 0x8b]) else {
      state = .ended
      if decoded == 0 && input.offset == 0 {
        throw Fault(path, at: 0, .malformed("not a gzip file: it does not begin with 1f 8b"))
      }
      if input.count == 1, input.starts(with: [0x1f]) {
        throw Fault(path, at: input.offset, .truncated(expected: 18, found: 1))
      }
      return
    }
    segment = Segment(stored: input.offset, decoded: decoded)
    if inflateWhole() { return }
    unsafe inflateReset(stream)
    state = .streaming
  }

  /// Passes over bytes up to the next head of a member; false where there is none.
  ///
  /// - SeeAlso: RFC 1952, 2.3.1: 1f 8b, method 8, and three flags that must be zero.
  private func findMember() throws(Fault) -> Bool {
    while true {
      try input.fill(atLeast: 1 << 16)
      let count = input.count
      if count < 4 { return false }
      let found = (0..<count - 3).first { index in
        unsafe input.bytes[index] == 0x1f && input.bytes[index + 1] == 0x8b
          && input.bytes[index + 2] == 8 && input.bytes[index + 3] & 0xe0 == 0
      }
      input.consume(found ?? count - 3)
      if found != nil { return true }
      if input.atEnd { return false }
    }
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
        state = .ended
        throw Fault(
          path, at: input.offset,
          .malformed("the gzip member that begins at byte \(segment.stored) is cut short"))
      }
    default:
      let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) } ?? "code \(result)"
      state = .lost
      throw Fault(path, at: input.offset, .malformed("damaged gzip data: \(message)"))
    }
    return count
  }
}
