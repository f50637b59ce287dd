internal import Glibc

/// Counts of units of any length: an open-addressing table over one arena of bytes.
struct LongUnits: Sendable {
  private struct Entry: Sendable {
    var hash: UInt64
    var start: Int
    var length: Int
    /// 0 for an empty place.
    var count: Int
  }

  private var entries: [Entry] = []
  private var arena: [UInt8] = []
  /// How many different units there are.
  private(set) var count = 0

  var memoryInUse: Int {
    entries.capacity * MemoryLayout<Entry>.stride + arena.capacity
  }

  mutating func add(_ unit: UnsafeRawBufferPointer, _ times: Int) {
    if 2 * (count + 1) > entries.count { grow() }
    let hash = unsafe mixed(unit)
    let mask = entries.count - 1
    var place = Int(truncatingIfNeeded: hash) & mask
    while entries[place].count > 0 {
      let entry = entries[place]
      if entry.hash == hash, entry.length == unit.count, unsafe isAt(entry.start, unit) {
        entries[place].count += times
        return
      }
      place = (place + 1) & mask
    }
    entries[place] = Entry(hash: hash, start: arena.count, length: unit.count, count: times)
    unsafe arena.append(contentsOf: unit)
    count += 1
  }

  mutating func merge(_ other: LongUnits) {
    unsafe other.forEach { unit, times in unsafe add(unit, times) }
  }

  /// Visits the units of one of `parts` equal parts of the table.
  func forEach(part: Int = 0, of parts: Int = 1, _ body: (UnsafeRawBufferPointer, Int) -> Void) {
    unsafe arena.withUnsafeBytes { arena in
      for index in entries.count * part / parts..<entries.count * (part + 1) / parts {
        let entry = entries[index]
        if entry.count == 0 { continue }
        unsafe body(
          UnsafeRawBufferPointer(rebasing: arena[entry.start..<entry.start + entry.length]),
          entry.count)
      }
    }
  }

  private func isAt(_ start: Int, _ unit: UnsafeRawBufferPointer) -> Bool {
    unsafe arena.withUnsafeBytes { arena in
      guard let base = arena.baseAddress, let other = unit.baseAddress else {
        return unsafe unit.isEmpty
      }
      return unsafe memcmp(base + start, other, unit.count) == 0
    }
  }

  private mutating func grow() {
    let old = entries
    let size = max(256, 2 * old.count)
    entries = hugeArray(
      repeating: Entry(hash: 0, start: 0, length: 0, count: 0), count: size)
    for entry in old where entry.count > 0 {
      var place = Int(truncatingIfNeeded: entry.hash) & (size - 1)
      while entries[place].count > 0 { place = (place + 1) & (size - 1) }
      entries[place] = entry
    }
  }
}

/// A hash of eight bytes or more: products of 64 bits folded, eight bytes at a time, the last eight
/// of which may overlap those before.
@inline(__always)
private func mixed(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
  let factor: UInt64 = 0x9e37_79b9_7f4a_7c15
  func folded(_ hash: UInt64, _ word: UInt64) -> UInt64 {
    let product = (hash ^ word).multipliedFullWidth(by: factor)
    return product.high ^ product.low
  }
  var hash = UInt64(truncatingIfNeeded: bytes.count) &* factor
  let last = bytes.count - 8
  for place in stride(from: 0, to: last, by: 8) {
    hash = folded(hash, unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
  }
  return folded(hash, unsafe bytes.loadUnaligned(fromByteOffset: last, as: UInt64.self))
}
