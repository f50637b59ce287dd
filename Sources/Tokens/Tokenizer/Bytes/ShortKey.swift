/// Up to fifteen bytes and their number in two words, to be compared and hashed without a loop.
struct ShortKey: Equatable, BitwiseCopyable, Sendable {
  static let limit = 15
  /// How many bytes must be readable from the start of any key.
  static let window = 16

  var low: UInt64
  var high: UInt64

  /// No bytes: the mark of an empty place in tables.
  static let none = ShortKey(low: 0, high: 0)

  init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// Takes `count` bytes from `start`.
  ///
  /// - Precondition: 1...15 bytes, and 16 bytes can be read from `start`.
  @inline(__always)
  init(_ bytes: RawSpan, start: Int, count: Int) {
    let first = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start, as: UInt64.self)
    let second = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: start + 8, as: UInt64.self)
    let low = UInt64(littleEndian: first)
    let high = UInt64(littleEndian: second)
    let length = UInt64(truncatingIfNeeded: count)
    if count < 8 {
      self.low = low & ((1 << (8 * length)) &- 1)
      self.high = length << 56
    } else {
      self.low = low
      self.high = (high & ((1 << (8 * (length &- 8))) &- 1)) | length << 56
    }
  }

  /// Takes `count` bytes from `start`, without a branch; a key of nothing where there are more than
  /// fifteen.
  ///
  /// - Precondition: at least one byte, and 16 bytes can be read from `start`.
  @inline(__always)
  init(at start: UnsafeRawPointer, count: Int) {
    let first = UInt64(littleEndian: unsafe start.loadUnaligned(as: UInt64.self))
    let second = UInt64(
      littleEndian: unsafe start.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    let inLow = UInt64(truncatingIfNeeded: min(count, 8))
    let inHigh = UInt64(truncatingIfNeeded: max(count, 8) &- 8)
    let length = UInt64(truncatingIfNeeded: min(count, 255))
    low = first & (UInt64.max &>> (64 &- 8 &* inLow))
    high = (second & ((1 &<< (8 &* inHigh)) &- 1)) | length &<< 56
  }

  /// The one byte `byte`.
  init(_ byte: UInt8) {
    low = UInt64(byte)
    high = 1 << 56
  }

  var count: Int { Int(high >> 56) }

  /// Appends the bytes.
  func append(to bytes: inout [UInt8]) {
    for index in 0..<count {
      let word = index < 8 ? low : high
      bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * (index & 7))))
    }
  }

  /// A hash whose upper bits are the good ones.
  @inline(__always)
  var hash: UInt64 {
    let mixed = low ^ (high &* 0x9e37_79b9_7f4a_7c15)
    return (mixed ^ (mixed >> 29)) &* 0xd6e8_feb8_6659_fd93
  }
}
