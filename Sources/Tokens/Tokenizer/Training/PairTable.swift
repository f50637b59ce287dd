/// The numbers of pairs of symbols, by open addressing.
struct PairTable: ~Copyable {
  private struct Entry {
    var key: UInt64
    var number: UInt32
  }

  private var entries = FlatArray(repeating: empty, count: 1 << 12)
  private var shift: UInt64 = 64 - 12
  private var count = 0
  /// No pair: symbols are below 2³¹.
  private static let empty = Entry(key: .max, number: 0)

  /// Asks for the memory where the pair would stand.
  @inline(__always)
  func prefetch(_ left: UInt32, _ right: UInt32) {
    entries.prefetch(home(of: Self.key(left, right)))
  }

  @inline(__always)
  func find(_ left: UInt32, _ right: UInt32) -> UInt32? {
    let key = Self.key(left, right)
    let entry = entries[place(of: key)]
    return entry.key == key ? entry.number : nil
  }

  /// Adds a pair that is not there yet.
  mutating func insert(_ left: UInt32, _ right: UInt32, _ number: UInt32) {
    if 2 * (count + 1) > entries.count { grow() }
    let key = Self.key(left, right)
    entries[place(of: key)] = Entry(key: key, number: number)
    count += 1
  }

  @inline(__always)
  private func home(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> shift)
  }

  @inline(__always)
  private func place(of key: UInt64) -> Int {
    var place = home(of: key)
    while true {
      let found = entries[place].key
      if found == key || found == Self.empty.key { return place }
      place = (place &+ 1) & (entries.count &- 1)
    }
  }

  private mutating func grow() {
    var old = FlatArray(repeating: Self.empty, count: 2 * entries.count)
    swap(&old, &entries)
    shift -= 1
    for index in 0..<old.count where old[index].key != Self.empty.key {
      entries[place(of: old[index].key)] = old[index]
    }
  }

  @inline(__always)
  private static func key(_ left: UInt32, _ right: UInt32) -> UInt64 {
    UInt64(left) << 32 | UInt64(right)
  }
}
