/// Which two neighbouring symbols merge, into what, and how soon.
///
/// Vocabularies of up to 65,535 symbols have eight bytes a merge: both symbols, the rank and what
/// they make, in 16 bits each. That keeps LLaMA's 61,249 merges in a mebibyte, in a core's own cache.
@safe struct MergeTable: @unchecked Sendable {
  struct Merge {
    var left: Int32
    var right: Int32
    /// 0 merges first.
    var rank: UInt32
    var symbol: Int32
  }

  /// The answer where two symbols do not merge; later than every rank.
  static let none = UInt64.max
  /// Up to so many symbols, they and ranks have 16 bits, and one number is left for what has none.
  private static let narrowLimit = 0xffff

  private let isNarrow: Bool
  private let mask: Int
  private let shift: UInt64
  /// An open table.
  ///
  /// Narrow: a word a merge, 0 for an empty place, which is no merge, for nothing makes symbol 0 out
  /// of two of its kind. Wide: both symbols in one word, and in the next the answer plus one.
  private let words: UnsafePointer<UInt64>
  private let owner: Words

  /// Takes distinct merges of symbols below `symbols`.
  init(_ merges: [Merge], symbols: Int) {
    isNarrow = symbols <= Self.narrowLimit
    var bits = 4
    while 1 << bits < 2 * merges.count { bits += 1 }
    mask = 1 << bits - 1
    shift = UInt64(64 - bits)
    let width = isNarrow ? 1 : 2
    owner = Words(count: width << bits)
    unsafe words = UnsafePointer(owner.words)
    for merge in merges {
      let key =
        isNarrow ? Self.narrowKey(merge.left, merge.right) : Self.wideKey(merge.left, merge.right)
      var place = self.place(of: key)
      while unsafe words[width * place + width - 1] != 0 { place = (place + 1) & mask }
      let entry = unsafe owner.words + width * place
      if isNarrow {
        unsafe entry[0] = key << 32 | UInt64(merge.rank) << 16 | UInt64(merge.symbol)
      } else {
        unsafe entry[0] = key
        unsafe entry[1] = (UInt64(merge.rank) << 32 | UInt64(merge.symbol)) + 1
      }
    }
  }

  /// The rank of the merge in the upper half and the new symbol in the lower half, or `none`.
  ///
  /// A negative symbol is in no piece, so its answer is `none`.
  @inline(__always)
  func find(_ left: Int32, _ right: Int32) -> UInt64 {
    isNarrow ? findNarrow(left, right) : findWide(left, right)
  }

  @inline(__always)
  private func findNarrow(_ left: Int32, _ right: Int32) -> UInt64 {
    let key = Self.narrowKey(left, right)
    var place = place(of: key)
    while true {
      let word = unsafe words[place]
      if word == 0 { return Self.none }
      if word >> 32 == key { return (word & 0xffff_0000) << 16 | (word & 0xffff) }
      place = (place &+ 1) & mask
    }
  }

  @inline(never)
  private func findWide(_ left: Int32, _ right: Int32) -> UInt64 {
    let key = Self.wideKey(left, right)
    var place = place(of: key)
    while true {
      let answer = unsafe words[2 &* place &+ 1]
      if answer == 0 { return Self.none }
      if unsafe words[2 &* place] == key { return answer &- 1 }
      place = (place &+ 1) & mask
    }
  }

  @inline(__always)
  private func place(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) &>> shift)
  }

  @inline(__always)
  private static func narrowKey(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64((UInt32(bitPattern: left) & 0xffff) &<< 16 | UInt32(bitPattern: right) & 0xffff)
  }

  @inline(__always)
  private static func wideKey(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) &<< 32 | UInt64(UInt32(bitPattern: right))
  }

  /// Memory that is written once, before anyone else sees it.
  @safe private final class Words: @unchecked Sendable {
    let words: UnsafeMutablePointer<UInt64>

    init(count: Int) {
      unsafe words = .allocate(capacity: count)
      unsafe words.initialize(repeating: 0, count: count)
    }

    deinit { unsafe words.deallocate() }
  }
}
