/// The numbers of pairs of symbols.
struct PairTable {
  private var keys: [UInt64]
  private var numbers: [Int32]
  private var shift: UInt64
  private var count = 0
  private static let empty = UInt64.max

  init() {
    keys = Array(repeating: Self.empty, count: 1 << 12)
    numbers = Array(repeating: 0, count: 1 << 12)
    shift = 64 - 12
  }

  @inline(__always)
  func find(_ left: Int32, _ right: Int32) -> Int32? {
    let key = Self.key(left, right)
    let place = place(of: key)
    return keys[place] == key ? numbers[place] : nil
  }

  /// Adds a pair that is not there yet.
  mutating func insert(_ left: Int32, _ right: Int32, _ number: Int32) {
    if 2 * (count + 1) > keys.count { grow() }
    let key = Self.key(left, right)
    let place = place(of: key)
    keys[place] = key
    numbers[place] = number
    count += 1
  }

  @inline(__always)
  private func place(of key: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> shift)
    while keys[place] != key && keys[place] != Self.empty {
      place = (place &+ 1) & (keys.count &- 1)
    }
    return place
  }

  private mutating func grow() {
    let old = zip(keys, numbers)
    keys = Array(repeating: Self.empty, count: 2 * keys.count)
    numbers = Array(repeating: 0, count: keys.count)
    shift -= 1
    for (key, number) in old where key != Self.empty {
      let place = place(of: key)
      keys[place] = key
      numbers[place] = number
    }
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}
