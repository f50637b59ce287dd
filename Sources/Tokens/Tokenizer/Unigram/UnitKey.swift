/// Up to 31 bytes and their number in four words, to be compared and hashed without a loop.
///
/// Half of all words in scripts of two bytes a letter are too long for a `ShortKey`.
struct UnitKey: Equatable, Sendable {
  static let limit = 31
  /// How many bytes must be readable from the start of any key.
  static let window = 32

  private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  /// No bytes: the mark of an empty place.
  static let none = UnitKey()

  private init() {}

  /// Takes `count` bytes.
  ///
  /// - Precondition: 1...31 bytes, and 32 bytes can be read.
  @inline(__always)
  init(_ text: UnsafePointer<UInt8>, count: Int) {
    let text = unsafe UnsafeRawPointer(text)
    func word(_ index: Int) -> UInt64 {
      unsafe UInt64(
        littleEndian: text.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    }
    let length = UInt64(truncatingIfNeeded: count) << 56
    // As many of the last word's bytes as there are.
    let mask = (1 << UInt64(truncatingIfNeeded: 8 * (count & 7))) &- 1 as UInt64
    if count < 8 {
      words = (word(0) & mask, 0, 0, length)
    } else if count < 16 {
      words = (word(0), word(1) & mask, 0, length)
    } else if count < 24 {
      words = (word(0), word(1), word(2) & mask, length)
    } else {
      words = (word(0), word(1), word(2), word(3) & mask | length)
    }
  }

  @inline(__always)
  static func == (one: UnitKey, two: UnitKey) -> Bool {
    let first = one.words.0 ^ two.words.0 | one.words.1 ^ two.words.1
    return first | one.words.2 ^ two.words.2 | one.words.3 ^ two.words.3 == 0
  }

  /// A word of the key, to be read where the key's memory is wanted near.
  @inline(__always)
  var first: UInt64 { words.0 }

  /// A hash whose upper bits are the good ones.
  @inline(__always)
  var hash: UInt64 {
    let low = words.0 ^ words.1 &* 0x9e37_79b9_7f4a_7c15
    let high = words.2 ^ words.3 &* 0xc2b2_ae3d_27d4_eb4f
    let mixed = low ^ high &* 0x1656_67b1_9e37_79f9
    return (mixed ^ mixed >> 29) &* 0xd6e8_feb8_6659_fd93
  }
}
