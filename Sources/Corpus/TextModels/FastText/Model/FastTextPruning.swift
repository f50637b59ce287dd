import Ground

/// The n-grams that a pruned model has kept: which row each of their numbers has now.
///
/// The pairs stay in the file; four bytes for each and half as many again are the index.
final class FastTextPruning: Sendable {
  /// Pairs of an n-gram's number and its row's, after those of the words.
  let start: Int
  let count: Int
  private let slots: Room<UInt32>
  private let slotCount: UInt64

  private static let none = UInt32.max

  var indexBytes: Int { 4 * Int(slotCount) }

  /// - Throws: a `Fault` where the file ends before the pairs do.
  init(count: Int64, from reader: inout FastTextReader) throws(Fault) {
    unsafe start = try reader.skip(rows: count, columns: 2, of: 4)
    self.count = Int(count)
    slotCount = UInt64(count + count / 2 + 1)
    slots = Room(Int(slotCount))
    slots.fill(Self.none, 0..<Int(slotCount))
  }

  /// Enters all pairs, of which the last counts where a number is there twice.
  ///
  /// - Throws: a `Fault` at the first pair whose row is not below `rows`.
  func index(_ file: UnsafeRawBufferPointer, rows: Int, path: String) throws(Fault) {
    for pair in 0..<count {
      let (number, row) = unsafe self.pair(pair, in: file)
      guard row < UInt32(clamping: rows) else {
        throw Fault(
          path, at: UInt64(start + 8 * pair + 4),
          .malformed("an n-gram has row \(Int32(bitPattern: row)) of \(rows)"))
      }
      unsafe slots[slot(of: number, in: file)] = UInt32(pair)
    }
  }

  /// The row of an n-gram, after those of the words; nil where it was not kept.
  @inline(__always)
  func row(of number: UInt32, in file: UnsafeRawBufferPointer) -> UInt32? {
    let pair = unsafe slots[slot(of: number, in: file)]
    return pair == Self.none ? nil : unsafe self.pair(Int(pair), in: file).row
  }

  @inline(__always)
  private func pair(
    _ pair: Int, in file: UnsafeRawBufferPointer
  ) -> (number: UInt32, row: UInt32) {
    let place = start + 8 * pair
    return unsafe (
      file.loadUnaligned(fromByteOffset: place, as: UInt32.self),
      file.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self)
    )
  }

  @inline(__always)
  private func slot(of number: UInt32, in file: UnsafeRawBufferPointer) -> Int {
    let spread = UInt64(number &* 0x9e37_79b1)
    var slot = Int(truncatingIfNeeded: (spread &* slotCount) >> 32)
    while true {
      let pair = slots[slot]
      if pair == Self.none { return slot }
      if unsafe self.pair(Int(pair), in: file).number == number { return slot }
      slot += 1
      if slot == Int(slotCount) { slot = 0 }
    }
  }
}
