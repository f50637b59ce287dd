internal import CBzip2
internal import CDeflate

/// Compresses `bytes` as one gzip member, without name or time in its header.
///
/// Levels go from 1, fastest, to 12, smallest; 6 is gzip's own habit.
///
/// - Complexity: O(n); about 100 MB/s at level 6.
public func gzipMember(of bytes: [UInt8], level: Int32 = 6) -> [UInt8] {
  guard let compressor = unsafe libdeflate_alloc_compressor(level) else {
    preconditionFailure("libdeflate has no level \(level)")
  }
  defer { unsafe libdeflate_free_compressor(compressor) }
  let bound = unsafe libdeflate_gzip_compress_bound(compressor, bytes.count)
  return unsafe [UInt8](unsafeUninitializedCapacity: bound) { room, count in
    count = unsafe bytes.withUnsafeBytes { source in
      unsafe libdeflate_gzip_compress(
        compressor, source.baseAddress, source.count, room.baseAddress, room.count)
    }
    precondition(count > 0 || bytes.isEmpty, "libdeflate's own bound was too small")
  }
}

/// Compresses `bytes` as one bzip2 stream; streams may follow one another in a file.
///
/// Levels are the size of a block, 1 to 9 times 100 kB.
///
/// - Complexity: O(n); about 15 MB/s.
public func bzip2Stream(of bytes: [UInt8], level: Int32 = 9) -> [UInt8] {
  // bzlib.h: room of 1 % more than the input, plus 600 bytes, is always enough.
  let bound = bytes.count + bytes.count / 100 + 600
  return unsafe [UInt8](unsafeUninitializedCapacity: bound) { room, count in
    var made = UInt32(clamping: bound)
    var source = bytes
    let result = unsafe source.withUnsafeMutableBytes { source in
      unsafe BZ2_bzBuffToBuffCompress(
        UnsafeMutableRawPointer(room.baseAddress)?.assumingMemoryBound(to: CChar.self), &made,
        source.baseAddress?.assumingMemoryBound(to: CChar.self) ?? emptySource,
        UInt32(source.count), level, 0, 0)
    }
    precondition(result == BZ_OK, "libbz2 could not compress (code \(result))")
    count = Int(made)
  }
}

/// What libbz2 is pointed to where there is nothing to read, since it refuses a null pointer.
nonisolated(unsafe) private let emptySource = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
