import CTokenizer
import Glibc

/// The ids of short units seen before, which are most of any text.
///
/// A line of 64 bytes, which the processor fetches as one, has two units: the newer one first, each
/// with its key and up to seven ids of 16 bits, or three of 32 where a model has more pieces. What a
/// line forgets is only worked out again, so nothing here changes a result.
@safe struct UnitCache: ~Copyable, @unchecked Sendable {
  /// Up to so many pieces, ids have 16 bits.
  static let narrowLimit = 1 << 16
  /// Two to the power of how many lines there are at first, which is 2 MiB, and at most: 8 MiB.
  private static let lineBits = (first: UInt64(15), most: UInt64(17))
  private static let largePage = 1 << 21
  /// Words of a unit: two of key, two of ids and their count.
  private static let unitWords = 4
  private static let lineWords = 8

  private var memory: UnsafeMutableRawPointer
  private var lines: UnsafeMutablePointer<UInt64>
  private var shift: UInt64
  /// Units that are there, and those that had to go for others.
  private var count = 0
  let isNarrow: Bool

  init(isNarrow: Bool) {
    self.isNarrow = isNarrow
    shift = 64 - Self.lineBits.first
    unsafe (memory, lines) = Self.pages(Self.byteCount(shift))
  }

  deinit { unsafe munmap(memory, Self.byteCount(shift) + Self.largePage) }

  private static func byteCount(_ shift: UInt64) -> Int { 64 << Int(64 - shift) }

  /// Zeroed pages, large ones where the system has them: places are read in no order, which small
  /// pages make slow.
  private static func pages(
    _ byteCount: Int
  ) -> (UnsafeMutableRawPointer, UnsafeMutablePointer<UInt64>) {
    let memory = unsafe mmap(
      nil, byteCount + largePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
      preconditionFailure("there is no memory for a cache of units")
    }
    let start = unsafe memory.alignedUp(toMultipleOf: largePage)
    unsafe madvise(start, byteCount, MADV_HUGEPAGE)
    return unsafe (memory, start.bindMemory(to: UInt64.self, capacity: byteCount / 8))
  }

  /// Moves all units to four times as many lines.
  private mutating func grow() {
    let old = (unsafe memory, unsafe lines, Self.byteCount(shift))
    shift -= 2
    unsafe (memory, lines) = Self.pages(Self.byteCount(shift))
    count = 0
    for place in unsafe stride(from: 0, to: old.2 / 8, by: Self.lineWords) {
      // The older unit first, so that it is the older one again.
      for offset in [Self.unitWords, 0] {
        let unit = unsafe old.1 + place + offset
        let key = unsafe ShortKey(low: unit[0], high: unit[1])
        if unsafe unit[1] != 0 { unsafe put(key, unit[2], unit[3]) }
      }
    }
    unsafe munmap(old.0, old.2 + Self.largePage)
  }

  /// Remembers units of one id each; the first are the last to be forgotten.
  mutating func remember(_ units: [(key: ShortKey, id: Int32)]) {
    for unit in units.reversed() {
      var id = unit.id
      unsafe remember(unit.key, &id, count: 1)
    }
  }

  /// Asks for the line of a unit, which will be looked at soon.
  @inline(__always)
  func prefetch(_ key: ShortKey) { unsafe quipu_prefetch(line(of: key)) }

  /// Writes the ids of a unit, and says how many there are; 0 where the unit is not known.
  ///
  /// - Precondition: eight ids can be written.
  @inline(__always)
  func recall(_ key: ShortKey, into ids: UnsafeMutablePointer<Int32>) -> Int {
    let first = unsafe line(of: key)
    // Without a branch, for which of the two it is cannot be foretold.
    let difference = unsafe (first[0] ^ key.low) | (first[1] ^ key.high)
    let unit = unsafe first + (difference == 0 ? 0 : Self.unitWords)
    guard unsafe (unit[0] ^ key.low) | (unit[1] ^ key.high) == 0 else { return 0 }
    if isNarrow {
      unsafe quipu_widen_ids(UnsafeRawPointer(unit + 2).assumingMemoryBound(to: UInt16.self), ids)
      return unsafe Int(truncatingIfNeeded: unit[3] >> 48)
    }
    unsafe UnsafeMutableRawPointer(ids).copyMemory(from: unit + 2, byteCount: 16)
    return unsafe Int(truncatingIfNeeded: unit[3] >> 32)
  }

  /// Remembers the ids of a unit, if there is room for so many.
  mutating func remember(_ key: ShortKey, _ ids: UnsafeMutablePointer<Int32>, count: Int) {
    guard count <= (isNarrow ? 7 : 3) else { return }
    let bits: UInt64 = isNarrow ? 16 : 32
    var packed: (UInt64, UInt64) = (0, UInt64(count) << (64 - bits))
    for index in 0..<count {
      let id = unsafe UInt64(UInt32(bitPattern: ids[index]))
      let bit = UInt64(index) * bits
      if bit < 64 { packed.0 |= id << bit } else { packed.1 |= id << (bit - 64) }
    }
    put(key, packed.0, packed.1)
    let isFull = self.count > 1 << Int(64 - shift)
    if isFull && 64 - shift < Self.lineBits.most { grow() }
  }

  /// Makes a unit the newer one of its line.
  private mutating func put(_ key: ShortKey, _ ids: UInt64, _ more: UInt64) {
    let first = unsafe line(of: key)
    unsafe (first + Self.unitWords).update(from: first, count: Self.unitWords)
    unsafe first[0] = key.low
    unsafe first[1] = key.high
    unsafe first[2] = ids
    unsafe first[3] = more
    count += 1
  }

  @inline(__always)
  private func line(of key: ShortKey) -> UnsafeMutablePointer<UInt64> {
    let number = Int(truncatingIfNeeded: key.hash &>> shift)
    return unsafe lines + Self.lineWords &* number
  }
}
