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

  /// What a loop over n-grams needs, without counting references for each.
  @unsafe struct Lookup {
    fileprivate let slots: UnsafePointer<UInt32>
    fileprivate let slotCount: UInt64
    fileprivate let pairs: UnsafeRawPointer

    /// The row of an n-gram, after those of the words; nil where it was not kept.
    @inline(__always)
    func row(of number: UInt32) -> UInt32? {
      var slot = unsafe FastTextPruning.first(number, slotCount)
      while true {
        let pair = unsafe slots[slot]
        if pair == FastTextPruning.none { return nil }
        let place = unsafe pairs + 8 &* Int(pair)
        if unsafe place.loadUnaligned(as: UInt32.self) == number {
          return unsafe place.loadUnaligned(fromByteOffset: 4, as: UInt32.self)
        }
        slot &+= 1
        if unsafe slot == Int(slotCount) { slot = 0 }
      }
    }
  }

  /// - Precondition: it is used only while the model and its file are.
  func lookup(in file: UnsafeRawBufferPointer) -> Lookup {
    let base = unsafe file.baseAddress.unsafelyUnwrapped
    return unsafe Lookup(slots: slots.start, slotCount: slotCount, pairs: base + start)
  }

  @inline(__always)
  private static func first(_ number: UInt32, _ slotCount: UInt64) -> Int {
    Int(truncatingIfNeeded: (UInt64(number &* 0x9e37_79b1) &* slotCount) >> 32)
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
    var slot = Self.first(number, slotCount)
    while true {
      let pair = slots[slot]
      if pair == Self.none { return slot }
      if unsafe self.pair(Int(pair), in: file).number == number { return slot }
      slot += 1
      if slot == Int(slotCount) { slot = 0 }
    }
  }
}
