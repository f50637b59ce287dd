import Ground

/// Distinct byte strings, numbered from 0 in the order in which they came.
struct ByteStrings: Sendable {
  private var arena: [UInt8] = []
  private var ends: [Int] = [0]
  private var hashes: [UInt64] = []
  /// Open addressing; a string's number plus one, or 0 for an empty place.
  private var slots: [UInt32]
  private var mask: Int

  init(minimumCapacity: Int = 16) {
    var size = 32
    while size < 2 * minimumCapacity { size *= 2 }
    slots = Array(repeating: 0, count: size)
    mask = size - 1
  }

  var count: Int { hashes.count }

  subscript(number: Int) -> ArraySlice<UInt8> { arena[ends[number]..<ends[number + 1]] }

  func length(of number: Int) -> Int { ends[number + 1] - ends[number] }

  /// The number of `bytes`, or nil where they never came.
  func find(_ bytes: Span<UInt8>) -> Int? {
    let slot = slots[place(of: bytes, hash: xxh3(bytes))]
    return slot == 0 ? nil : Int(slot) - 1
  }

  /// The number of `bytes`, given now where they come for the first time.
  mutating func insert(_ bytes: Span<UInt8>) -> (number: Int, isNew: Bool) {
    let hash = xxh3(bytes)
    let place = place(of: bytes, hash: hash)
    if slots[place] != 0 { return (Int(slots[place]) - 1, false) }
    precondition(count < Int(UInt32.max) - 1, "more than 2³² byte strings")
    for index in bytes.indices { arena.append(bytes[index]) }
    ends.append(arena.count)
    hashes.append(hash)
    slots[place] = UInt32(count)
    if 2 * count > slots.count { grow() }
    return (count - 1, true)
  }

  private func place(of bytes: Span<UInt8>, hash: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: hash) & mask
    while slots[place] != 0 {
      let number = Int(slots[place]) - 1
      if hashes[number] == hash, isEqual(number, bytes) { return place }
      place = (place + 1) & mask
    }
    return place
  }

  private func isEqual(_ number: Int, _ bytes: Span<UInt8>) -> Bool {
    let start = ends[number]
    guard ends[number + 1] - start == bytes.count else { return false }
    for index in bytes.indices where arena[start + index] != bytes[index] { return false }
    return true
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 2 * slots.count)
    mask = slots.count - 1
    for number in hashes.indices {
      var place = Int(truncatingIfNeeded: hashes[number]) & mask
      while slots[place] != 0 { place = (place + 1) & mask }
      slots[place] = UInt32(number + 1)
    }
  }
}
