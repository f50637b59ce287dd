internal import CZstd

/// An atomic file of one Zstandard frame, with a checksum of its content.
///
/// One thread, one level: the same bytes in give the same bytes out wherever libzstd is the same.
public struct ZstdFile: ~Copyable {
  private var file: AtomicFile
  private let compressor: Compressor
  private var compressed: [UInt8] = []
  /// Bytes before compression.
  public private(set) var count = 0

  public init(path: String, level: Int32 = 3) throws(Fault) {
    file = try AtomicFile(path: path)
    compressor = Compressor(level: level)
  }

  public mutating func write(_ bytes: borrowing [UInt8]) throws(Fault) {
    count += bytes.count
    compressor.compress(bytes, ends: false, into: &compressed)
    try store()
  }

  public consuming func commit() throws(Fault) {
    compressor.compress([], ends: true, into: &compressed)
    try store()
    try file.commit()
  }

  private mutating func store() throws(Fault) {
    try file.write(compressed)
    compressed.removeAll(keepingCapacity: true)
  }
}

/// Compresses `bytes` as one Zstandard frame.
public func zstdFrame(of bytes: [UInt8], level: Int32 = 3) -> [UInt8] {
  var frame: [UInt8] = []
  Compressor(level: level).compress(bytes, ends: true, into: &frame)
  return frame
}

@safe private final class Compressor {
  private let context: OpaquePointer?
  private var block = [UInt8](repeating: 0, count: 1 << 17)

  init(level: Int32) {
    unsafe context = ZSTD_createCCtx()
    unsafe _ = ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, level)
    unsafe _ = ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
  }

  deinit { unsafe _ = ZSTD_freeCCtx(context) }

  func compress(_ bytes: borrowing [UInt8], ends: Bool, into compressed: inout [UInt8]) {
    var used = 0
    var left = 1
    while used < bytes.count || (ends && left != 0) {
      var made = 0
      unsafe bytes.withUnsafeBytes { source in
        unsafe block.withUnsafeMutableBytes { target in
          var input = unsafe ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: used)
          var output = unsafe ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
          left = unsafe ZSTD_compressStream2(
            context, &output, &input, ends ? ZSTD_e_end : ZSTD_e_continue)
          used = unsafe input.pos
          made = unsafe output.pos
        }
      }
      precondition(ZSTD_isError(left) == 0, "libzstd could not compress")
      compressed.append(contentsOf: block[..<made])
    }
  }
}
