import CTokenizer

/// Between which scalars normalised text can be cut without changing its ids.
///
/// Two scalars that stand side by side inside no piece can never be merged into one, so what lies
/// left of them and what lies right are encoded alone. This is exact for every vocabulary: one with
/// pieces across spaces simply gives fewer cuts.
///
/// There are two answers. `pairs` knows bytes by their classes only, which finds most cuts in ASCII 64
/// bytes at a time; `isJoined` knows scalars, for other text and for what the first leaves uncut.
struct CutTable: Sendable {
  /// The instructions that marks are made with; no influence on them.
  var level = quipu_marks_best()
  /// By byte, what kind of byte it is: below 16.
  let classes: [UInt8] = (0...255).map { byteClass(UInt8($0)) }
  /// By 16 times the class of a byte, plus that of the next one: 1 where a scalar begins between
  /// them and no piece has both.
  private(set) var pairs = [UInt8](repeating: 1, count: 256)

  /// A bit for each two scalars below 256.
  private var near = [UInt64](repeating: 0, count: 1 << 10)
  /// A hashed set of other pairs; a false hit only skips a cut.
  private var others = [UInt64](repeating: 0, count: 1 << 12)

  init() {
    for left in 0..<16 { pairs[16 * left + Int(byteClass(0x80))] = 0 }
  }

  /// Notes that a piece has these scalars side by side.
  mutating func join(_ left: UInt32, _ right: UInt32) {
    pairs[16 * Int(byteClass(lastByte(of: left))) + Int(byteClass(firstByte(of: right)))] = 0
    if left | right < 256 {
      near[Int(left << 2 | right >> 6)] |= 1 << UInt64(right & 63)
    } else {
      let bit = Self.hash(left, right)
      others[bit >> 6] |= 1 << UInt64(bit & 63)
    }
  }

  /// True where a cut would be wrong, or is not known to be right.
  @inline(__always)
  func isJoined(_ left: UInt32, _ right: UInt32) -> Bool {
    if left | right < 256 {
      return near[Int(left << 2 | right >> 6)] &>> UInt64(right & 63) & 1 != 0
    }
    let bit = Self.hash(left, right)
    return others[bit >> 6] >> UInt64(bit & 63) & 1 != 0
  }

  @inline(__always)
  private static func hash(_ left: UInt32, _ right: UInt32) -> Int {
    Int(truncatingIfNeeded: ((UInt64(left) << 21 | UInt64(right)) &* 0x9e37_79b9_7f4a_7c15) >> 46)
  }
}

/// What decides whether two bytes can stand side by side in a piece: scripts, roughly.
private func byteClass(_ byte: UInt8) -> UInt8 {
  switch byte {
  case 0x20: 0
  case 0x41...0x5a, 0x61...0x7a: 1
  case 0x30...0x39: 2
  case 0x21...0x7e: 3
  case 0..<0x80: 4
  case 0x80..<0xc0: 5  // every byte of a scalar but its first
  case 0xe2: 6  // punctuation and symbols
  case 0xc0...0xc3: 7  // Latin-1
  case 0xc4...0xcd: 8  // Latin, phonetic letters, marks
  case 0xce...0xdf: 9  // Greek to Thaana
  case 0xe0...0xe1: 10  // India to Mongolia
  case 0xe3...0xed: 11  // China, Japan, Korea
  default: 12
  }
}

private func firstByte(of scalar: UInt32) -> UInt8 {
  switch scalar {
  case 0..<0x80: UInt8(scalar)
  case 0x80..<0x800: 0xc0 | UInt8(scalar >> 6)
  case 0x800..<0x1_0000: 0xe0 | UInt8(scalar >> 12)
  default: 0xf0 | UInt8(scalar >> 18 & 7)
  }
}

private func lastByte(of scalar: UInt32) -> UInt8 {
  scalar < 0x80 ? UInt8(scalar) : 0x80 | UInt8(scalar & 0x3f)
}
