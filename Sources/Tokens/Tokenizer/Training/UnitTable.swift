internal import CTokenizer

/// Counts of units of up to fifteen bytes: an open-addressing table with its keys inside.
///
/// Units come in batches, so that the memory of each is asked for long before it is touched.
struct UnitTable: Sendable {
  struct Entry: Sendable {
    var key: ShortKey
    /// 0 for an empty place.
    var count: Int
  }

  /// How many units a batch has at most.
  static let batch = 256

  private var entries: [Entry] = []
  private var shift: UInt64 = 64
  /// How many different units there are.
  private(set) var count = 0

  var memoryInUse: Int { entries.capacity * MemoryLayout<Entry>.stride }

  /// Counts each unit of a batch once.
  mutating func add(_ keys: Span<ShortKey>) {
    reserve(keys.count)
    let shift = shift
    var added = 0
    unsafe entries.withUnsafeMutableBufferPointer { entries in
      guard let base = entries.baseAddress else { return }
      let mask = entries.count &- 1
      for index in keys.indices {
        unsafe quipu_prefetch(base + Int(truncatingIfNeeded: keys[index].hash &>> shift))
      }
      for index in keys.indices {
        let key = keys[index]
        var place = Int(truncatingIfNeeded: key.hash &>> shift)
        while true {
          let entry = unsafe base + place
          if unsafe entry.pointee.key == key {
            unsafe entry.pointee.count &+= 1
            break
          }
          if unsafe entry.pointee.count == 0 {
            unsafe entry.pointee = Entry(key: key, count: 1)
            added &+= 1
            break
          }
          place = (place &+ 1) & mask
        }
      }
    }
    count += added
  }

  mutating func add(_ key: ShortKey, _ times: Int) {
    reserve(1)
    var place = Int(truncatingIfNeeded: key.hash &>> shift)
    while entries[place].count > 0 && entries[place].key != key {
      place = (place + 1) & (entries.count - 1)
    }
    if entries[place].count == 0 { count += 1 }
    entries[place].key = key
    entries[place].count += times
  }

  /// Adds all units of `other`, whose order is that of their hashes and hence that of the places here.
  mutating func merge(_ other: UnitTable) {
    while entries.count < other.entries.count { grow() }
    other.forEach { add($0, $1) }
  }

  /// Visits the units of one of `parts` equal parts of the table.
  func forEach(part: Int = 0, of parts: Int = 1, _ body: (ShortKey, Int) -> Void) {
    for index in entries.count * part / parts..<entries.count * (part + 1) / parts {
      let entry = entries[index]
      if entry.count > 0 { body(entry.key, entry.count) }
    }
  }

  /// Makes room for `more` units, leaving half of the places empty.
  private mutating func reserve(_ more: Int) {
    while 2 * (count + more) > entries.count { grow() }
  }

  private mutating func grow() {
    let old = entries
    let size = max(1024, 2 * old.count)
    entries = hugeArray(repeating: Entry(key: .none, count: 0), count: size)
    shift = UInt64(64 - size.trailingZeroBitCount)
    for entry in old where entry.count > 0 {
      var place = Int(truncatingIfNeeded: entry.key.hash &>> shift)
      while entries[place].count > 0 { place = (place + 1) & (size - 1) }
      entries[place] = entry
    }
  }
}
