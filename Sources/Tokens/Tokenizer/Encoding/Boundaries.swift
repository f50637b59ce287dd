/// Between which scalars normalised text can be cut without changing its ids.
///
/// Two scalars that stand side by side inside no piece can never be merged into one, so what lies
/// left of them and what lies right are encoded alone. This is exact for every vocabulary: one with
/// pieces across spaces simply gives fewer cuts.
struct Boundaries: Sendable {
  private var ascii = [Bool](repeating: false, count: 1 << 14)
  /// A hashed set of pairs; a false hit only skips a cut.
  private var others = [UInt64](repeating: 0, count: 1 << 12)

  /// Notes that a piece has these scalars side by side.
  mutating func join(_ left: UInt32, _ right: UInt32) {
    let left = left == spaceMark ? 0x20 : left
    let right = right == spaceMark ? 0x20 : right
    if left | right < 128 {
      ascii[Int(left << 7 | right)] = true
    } else {
      let bit = Self.hash(left, right)
      others[bit >> 6] |= 1 << UInt64(bit & 63)
    }
  }

  /// True where a cut would be wrong, or is not known to be right.
  @inline(__always)
  func isJoined(_ left: UInt32, _ right: UInt32) -> Bool {
    if left | right < 128 { return ascii[Int(left << 7 | right)] }
    let bit = Self.hash(left, right)
    return others[bit >> 6] >> UInt64(bit & 63) & 1 != 0
  }

  @inline(__always)
  private static func hash(_ left: UInt32, _ right: UInt32) -> Int {
    Int(truncatingIfNeeded: ((UInt64(left) << 21 | UInt64(right)) &* 0x9e37_79b9_7f4a_7c15) >> 46)
  }
}
