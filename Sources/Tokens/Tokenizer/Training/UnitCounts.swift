/// How often each unit of text came: a table of short units and one of long ones.
struct UnitCounts: Sendable {
  private var keys = [ShortKey](repeating: .none, count: 1 << 12)
  private var counts = [Int](repeating: 0, count: 1 << 12)
  private var shift: UInt64 = 64 - 12
  private var short = 0
  private var long = ByteStrings()
  private var longCounts: [Int] = []

  /// Counts the unit that `range` of `text` holds, behind which 16 bytes can be read.
  @inline(__always)
  mutating func add(_ text: Span<UInt8>, _ range: Range<Int>) {
    if range.count <= ShortKey.limit {
      unsafe add(ShortKey(text.bytes, start: range.lowerBound, count: range.count), 1)
    } else {
      add(text.extracting(range), 1)
    }
  }

  mutating func merge(_ other: UnitCounts) {
    // The keys come in the order of their hashes, which would crowd one end of a smaller table.
    while keys.count < other.keys.count { grow() }
    for (key, count) in zip(other.keys, other.counts) where count > 0 { add(key, count) }
    for (number, count) in other.longCounts.enumerated() { add(other.long[number].span, count) }
  }

  @inline(__always)
  private mutating func add(_ key: ShortKey, _ count: Int) {
    let place = place(of: key)
    if counts[place] == 0 {
      keys[place] = key
      short += 1
    }
    counts[place] += count
    if 2 * short > keys.count { grow() }
  }

  /// Counts a whole unit `count` times.
  mutating func add(_ unit: [UInt8], _ count: Int) {
    guard unit.count <= ShortKey.limit else { return add(unit.span, count) }
    let padded = unit + [UInt8](repeating: 0, count: ShortKey.window - unit.count)
    unsafe add(ShortKey(padded.span.bytes, start: 0, count: unit.count), count)
  }

  private mutating func add(_ unit: Span<UInt8>, _ count: Int) {
    let (number, isNew) = long.insert(unit)
    if isNew { longCounts.append(0) }
    longCounts[number] += count
  }

  @inline(__always)
  private func place(of key: ShortKey) -> Int {
    var place = Int(truncatingIfNeeded: key.hash >> shift)
    while counts[place] != 0 && keys[place] != key { place = (place &+ 1) & (keys.count &- 1) }
    return place
  }

  private mutating func grow() {
    let old = zip(keys, counts)
    keys = Array(repeating: .none, count: 2 * keys.count)
    counts = Array(repeating: 0, count: keys.count)
    shift -= 1
    for (key, count) in old where count > 0 {
      let place = place(of: key)
      keys[place] = key
      counts[place] = count
    }
  }

  /// All units, by their bytes: an order that depends on nothing else.
  func sortedByBytes() -> (bytes: [UInt8], units: [(range: Range<Int>, count: Int)]) {
    var (bytes, units) = sorted()
    let text = bytes
    units.sort { text[$0.range].lexicographicallyPrecedes(text[$1.range]) }
    return (bytes, units)
  }

  /// Bytes that the tables take.
  var memoryInUse: Int {
    keys.count * (MemoryLayout<ShortKey>.stride + 8) + long.memoryInUse + 8 * longCounts.capacity
  }

  /// All units, most frequent first and then by their bytes: an order that depends on nothing else.
  func sorted() -> (bytes: [UInt8], units: [(range: Range<Int>, count: Int)]) {
    var bytes: [UInt8] = []
    var units: [(range: Range<Int>, count: Int)] = []
    units.reserveCapacity(short + longCounts.count)
    for (key, count) in zip(keys, counts) where count > 0 {
      key.append(to: &bytes)
      units.append((bytes.count - key.count..<bytes.count, count))
    }
    for (number, count) in longCounts.enumerated() {
      let unit = long[number]
      units.append((bytes.count..<bytes.count + unit.count, count))
      bytes.append(contentsOf: unit)
    }
    let text = bytes
    units.sort { left, right in
      left.count != right.count
        ? left.count > right.count
        : text[left.range].lexicographicallyPrecedes(text[right.range])
    }
    return (bytes, units)
  }
}
