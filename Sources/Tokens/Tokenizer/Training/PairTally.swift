/// How often pairs of symbols stand side by side, by open addressing.
struct PairTally: ~Copyable {
  struct Entry {
    var left: UInt32
    var right: UInt32
    /// How often they do, and in how many places of different units; 0 for an empty entry.
    var count: Int
    var sites: Int
  }

  private var entries = FlatArray(repeating: empty, count: 1 << 12)
  private var shift: UInt64 = 64 - 12
  private var used = 0
  private static let empty = Entry(left: 0, right: 0, count: 0, sites: 0)

  @inline(__always)
  func prefetch(_ left: UInt32, _ right: UInt32) { entries.prefetch(home(left, right)) }

  @inline(__always)
  mutating func add(_ left: UInt32, _ right: UInt32, _ weight: UInt32) {
    let place = place(left, right)
    var entry = entries[place]
    let isNew = entry.sites == 0
    entry.left = left
    entry.right = right
    entry.count &+= Int(weight)
    entry.sites &+= 1
    entries[place] = entry
    if isNew {
      used &+= 1
      if 2 &* used > entries.count { grow() }
    }
  }

  /// Adds what another part of the text has.
  mutating func add(_ other: Entry) {
    let place = place(other.left, other.right)
    if entries[place].sites == 0 {
      entries[place] = other
      used += 1
      if 2 * used > entries.count { grow() }
    } else {
      entries[place].count += other.count
      entries[place].sites += other.sites
    }
  }

  func forEach(_ body: (Entry) -> Void) {
    for index in 0..<entries.count where entries[index].sites > 0 { body(entries[index]) }
  }

  @inline(__always)
  private func home(_ left: UInt32, _ right: UInt32) -> Int {
    let key = UInt64(left) << 32 | UInt64(right)
    return Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> shift)
  }

  @inline(__always)
  private func place(_ left: UInt32, _ right: UInt32) -> Int {
    var place = home(left, right)
    while true {
      let entry = entries[place]
      if entry.sites == 0 || (entry.left == left && entry.right == right) { return place }
      place = (place &+ 1) & (entries.count &- 1)
    }
  }

  private mutating func grow() {
    var old = FlatArray(repeating: Self.empty, count: 2 * entries.count)
    swap(&old, &entries)
    shift -= 1
    for index in 0..<old.count where old[index].sites > 0 {
      entries[place(old[index].left, old[index].right)] = old[index]
    }
  }
}
