/// Which two neighbouring symbols merge, into what, and how soon.
struct MergeTable: Sendable {
  /// The answer where two symbols do not merge; later than every rank.
  static let none = UInt64.max

  private var keys: [UInt64]
  private var values: [UInt64]
  private var shift: UInt64
  private var count = 0

  /// The key of two NULs, which are in no piece.
  private static let empty: UInt64 = 0x8000_0000_8000_0000

  init() {
    keys = Array(repeating: Self.empty, count: 1 << 10)
    values = Array(repeating: 0, count: 1 << 10)
    shift = 64 - 10
  }

  /// The rank of the merge in the upper half and the new symbol in the lower half, or `none`.
  @inline(__always)
  func find(_ left: Int32, _ right: Int32) -> UInt64 {
    let key = Self.key(left, right)
    let mask = keys.count &- 1
    var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> shift)
    while true {
      let found = keys[place]
      if found == Self.empty { return Self.none }  // first: two NULs have this key
      if found == key { return values[place] }
      place = (place &+ 1) & mask
    }
  }

  mutating func insert(_ left: Int32, _ right: Int32, rank: UInt32, symbol: Int32) {
    let key = Self.key(left, right)
    guard key != Self.empty else { return }
    if 2 * (count + 1) > keys.count { grow() }
    put(key, UInt64(rank) << 32 | UInt64(UInt32(bitPattern: symbol)))
    count += 1
  }

  private mutating func put(_ key: UInt64, _ value: UInt64) {
    var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> shift)
    while keys[place] != Self.empty && keys[place] != key { place = (place + 1) & (keys.count - 1) }
    keys[place] = key
    values[place] = value
  }

  private mutating func grow() {
    let old = zip(keys, values)
    keys = Array(repeating: Self.empty, count: 2 * keys.count)
    values = Array(repeating: 0, count: keys.count)
    shift -= 1
    for (key, value) in old where key != Self.empty { put(key, value) }
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
