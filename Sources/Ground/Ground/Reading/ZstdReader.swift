internal import CZstd

/// Decodes Zstandard: one frame, or many one after the other.
@safe public final class ZstdReader: ByteReader {
  public var path: String { input.path }
  public private(set) var segment: Segment

  private let input: InputBuffer
  private var decoded: UInt64 = 0
  private let context: OpaquePointer?
  private var isInsideFrame = false

  public init(_ upstream: any ByteReader) {
    input = InputBuffer(upstream)
    segment = Segment(stored: upstream.segment.stored, decoded: 0)
    unsafe context = ZSTD_createDCtx()
    // Frames made with `--long=31` are accepted: 2 GiB is the format's largest window.
    unsafe _ = ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, 31)
  }

  deinit { unsafe _ = ZSTD_freeDCtx(context) }

  public func read(into room: UnsafeMutableRawBufferPointer) throws(Fault) -> Int {
    while true {
      if input.isEmpty { try input.fill() }
      if input.isEmpty && !isInsideFrame { return 0 }
      if !isInsideFrame { segment = Segment(stored: input.offset, decoded: decoded) }
      var source = unsafe ZSTD_inBuffer(src: input.bytes.baseAddress, size: input.count, pos: 0)
      var target = unsafe ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
      let hint = unsafe ZSTD_decompressStream(context, &target, &source)
      if ZSTD_isError(hint) != 0 {
        let name = unsafe String(cString: ZSTD_getErrorName(hint))
        throw Fault(path, at: input.offset, .malformed("damaged Zstandard data: \(name)"))
      }
      let count = unsafe target.pos
      let used = unsafe source.pos
      if input.isEmpty && count == 0 && hint != 0 {
        throw Fault(
          path, at: input.offset,
          .malformed("the Zstandard frame that begins at byte \(segment.stored) is cut short"))
      }
      input.consume(used)
      decoded += UInt64(count)
      isInsideFrame = hint != 0
      if count > 0 { return count }
    }
  }
}
