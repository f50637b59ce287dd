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
  /// Two to the power of how many lines there are: 8 MiB.
  private static let lineBits: UInt64 = 17
  /// Words of a unit: two of key, two of ids and their count.
  private static let unitWords = 4

  private static let byteCount = 64 << Int(lineBits)
  private static let largePage = 1 << 21

  private let memory: UnsafeMutableRawPointer
  private let lines: UnsafeMutablePointer<UInt64>
  let isNarrow: Bool

  /// Takes zeroed pages, large ones where the system has them: places are read in no order, which
  /// small pages make slow.
  init(isNarrow: Bool) {
    self.isNarrow = isNarrow
    let memory = unsafe mmap(
      nil, Self.byteCount + Self.largePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
      0)
    guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
      preconditionFailure("there is no memory for a cache of units")
    }
    unsafe self.memory = memory
    let start = unsafe memory.alignedUp(toMultipleOf: Self.largePage)
    unsafe madvise(start, Self.byteCount, MADV_HUGEPAGE)
    unsafe lines = start.bindMemory(to: UInt64.self, capacity: Self.byteCount / 8)
  }

  deinit { unsafe munmap(memory, Self.byteCount + Self.largePage) }

  /// Remembers units of one id each; the first are the last to be forgotten.
  func remember(_ units: [(key: ShortKey, id: Int32)]) {
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
  func remember(_ key: ShortKey, _ ids: UnsafeMutablePointer<Int32>, count: Int) {
    guard count <= (isNarrow ? 7 : 3) else { return }
    let first = unsafe line(of: key)
    unsafe (first + Self.unitWords).update(from: first, count: Self.unitWords)
    unsafe first[0] = key.low
    unsafe first[1] = key.high
    let bits: UInt64 = isNarrow ? 16 : 32
    var packed: (UInt64, UInt64) = (0, UInt64(count) << (64 - bits))
    for index in 0..<count {
      let id = unsafe UInt64(UInt32(bitPattern: ids[index]))
      let bit = UInt64(index) * bits
      if bit < 64 { packed.0 |= id << bit } else { packed.1 |= id << (bit - 64) }
    }
    unsafe first[2] = packed.0
    unsafe first[3] = packed.1
  }

  @inline(__always)
  private func line(of key: ShortKey) -> UnsafeMutablePointer<UInt64> {
    let number = Int(truncatingIfNeeded: key.hash &>> (64 - Self.lineBits))
    return unsafe lines + 8 * number
  }
}
