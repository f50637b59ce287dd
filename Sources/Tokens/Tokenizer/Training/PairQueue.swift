/// Two symbols side by side.
struct Pair {
  var left: UInt32
  var right: UInt32
  /// How often they are there; never more later than at first.
  var count: Int
  /// Where the list of their places begins and ends.
  var start: UInt32
  var end: UInt32
}

/// A heap of pairs by what they promise; entries may be out of date, which the taker checks.
struct PairQueue: ~Copyable {
  struct Entry {
    /// The count in the upper 48 bits; below it the complement of the length, for shorter comes first.
    var key: UInt64
    /// The first bytes of what the pair spells: of two otherwise alike, the smaller comes first.
    var prefix: UInt64
    var pair: UInt32

    init(count: Int, length: UInt16, prefix: UInt64, pair: UInt32) {
      key = UInt64(truncatingIfNeeded: count) << 16 | UInt64(~length)
      self.prefix = prefix
      self.pair = pair
    }

    var count: Int { Int(key >> 16) }
  }

  private var entries = FlatArray<Entry>()

  mutating func removeAll() { entries.removeAll() }

  /// Adds an entry for one of `pairs`, whose spellings decide where nothing in the entries does.
  mutating func push(
    _ entry: Entry, _ pairs: borrowing FlatArray<Pair>, _ spellings: borrowing Spellings
  ) {
    entries.append(entry)
    var place = entries.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      if !isBefore(entry, entries[parent], pairs, spellings) { break }
      entries[place] = entries[parent]
      place = parent
    }
    entries[place] = entry
  }

  /// Takes the best entry.
  mutating func pop(
    _ pairs: borrowing FlatArray<Pair>, _ spellings: borrowing Spellings
  ) -> Entry? {
    if entries.count == 0 { return nil }
    let last = entries.removeLast()
    if entries.count == 0 { return last }
    let first = entries[0]
    var place = 0
    while true {
      var child = 2 * place + 1
      if child >= entries.count { break }
      if child + 1 < entries.count, isBefore(entries[child + 1], entries[child], pairs, spellings) {
        child += 1
      }
      if !isBefore(entries[child], last, pairs, spellings) { break }
      entries[place] = entries[child]
      place = child
    }
    entries[place] = last
    return first
  }

  @inline(__always)
  private func isBefore(
    _ one: Entry, _ two: Entry, _ pairs: borrowing FlatArray<Pair>,
    _ spellings: borrowing Spellings
  ) -> Bool {
    if one.key != two.key { return one.key > two.key }
    if one.prefix != two.prefix { return one.prefix < two.prefix }
    return spellings.precedes(pairs[Int(one.pair)], pairs[Int(two.pair)])
  }
}
