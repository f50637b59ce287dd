import Ground

/// Where the streams of a bzip2 file begin, without decoding it.
///
/// A stream begins at a byte with `BZh`, its level and the 48-bit magic number of a block, and follows
/// upon the end of another: a 48-bit magic number and a checksum of 32 bits, at any bit, filled up to a
/// whole byte. Chance makes both of them once in 2^128 places, so what has both can be decoded alone.
///
/// - SeeAlso: Joe Tsai, BZIP2 Format Specification, sections 2.1 and 2.2.
enum BzipStreams {
  /// The first byte of every stream but the first.
  static func boundaries(of path: String) throws(Fault) -> [UInt64] {
    let file = try MappedFile(path: path)
    return unsafe file.withBytes { bytes in
      var found: [UInt64] = []
      var index = endLength
      while index + headLength <= bytes.count {
        guard let byte = unsafe bytes[index...].firstIndex(of: UInt8(ascii: "B")) else { break }
        index = byte
        if unsafe isHead(bytes, at: index), unsafe isEnd(bytes, before: index) {
          found.append(UInt64(index))
          index += headLength
        } else {
          index += 1
        }
      }
      return found
    }
  }

  private static let headLength = 10
  /// Bytes that the end of a stream may lie in: 48 + 32 bits and 7 to fill up.
  private static let endLength = 11
  private static let blockMagic: UInt64 = 0x3141_5926_5359
  private static let endMagic: UInt64 = 0x1772_4538_5090

  private static func isHead(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Bool {
    guard index + headLength <= bytes.count, unsafe bytes[index + 1] == UInt8(ascii: "Z"),
      unsafe bytes[index + 2] == UInt8(ascii: "h")
    else { return false }
    guard unsafe bytes[index + 3] >= 0x31, unsafe bytes[index + 3] <= 0x39 else { return false }
    return unsafe number(bytes, at: index + 4, count: 6) == blockMagic
  }

  private static func isEnd(_ bytes: UnsafeRawBufferPointer, before index: Int) -> Bool {
    // The magic number ends between 32 and 39 bits before the boundary.
    let window = unsafe number(bytes, at: index - endLength, count: 7)
    return (0..<8).contains { window >> UInt64($0) & 0xffff_ffff_ffff == endMagic }
  }

  /// Bytes as a big-endian number.
  private static func number(_ bytes: UnsafeRawBufferPointer, at index: Int, count: Int) -> UInt64 {
    var number: UInt64 = 0
    for offset in 0..<count { number = unsafe number << 8 | UInt64(bytes[index + offset]) }
    return number
  }
}
