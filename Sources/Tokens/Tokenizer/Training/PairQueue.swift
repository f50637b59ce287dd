/// A heap of pairs by what they promise; entries may be out of date, which the taker checks.
struct PairQueue {
  struct Entry {
    /// The count in the upper 48 bits; below it the complement of the length, for shorter comes first.
    var key: UInt64
    var pair: Int32

    init(count: Int, length: UInt16, pair: Int32) {
      key = UInt64(count) << 16 | UInt64(~length)
      self.pair = pair
    }

    var count: Int { Int(key >> 16) }
  }

  private var entries: [Entry] = []

  var isEmpty: Bool { entries.isEmpty }

  /// Adds an entry; `precedes` decides between pairs with equal keys.
  mutating func push(_ entry: Entry, _ precedes: (Int32, Int32) -> Bool) {
    entries.append(entry)
    var place = entries.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      if !isBefore(entry, entries[parent], precedes) { break }
      entries[place] = entries[parent]
      place = parent
    }
    entries[place] = entry
  }

  mutating func pop(_ precedes: (Int32, Int32) -> Bool) -> Entry? {
    guard let last = entries.popLast() else { return nil }
    guard let first = entries.first else { return last }
    var place = 0
    while true {
      var child = 2 * place + 1
      if child >= entries.count { break }
      if child + 1 < entries.count, isBefore(entries[child + 1], entries[child], precedes) {
        child += 1
      }
      if !isBefore(entries[child], last, precedes) { break }
      entries[place] = entries[child]
      place = child
    }
    entries[place] = last
    return first
  }

  @inline(__always)
  private func isBefore(
    _ left: Entry, _ right: Entry, _ precedes: (Int32, Int32) -> Bool
  ) -> Bool {
    left.key != right.key ? left.key > right.key : precedes(left.pair, right.pair)
  }
}
