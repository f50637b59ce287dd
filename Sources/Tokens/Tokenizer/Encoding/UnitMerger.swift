import Ground

/// Merges the symbols of one unit of text: the pair with the best rank first, among equals the
/// leftmost, until no pair of neighbours makes a piece.
struct UnitMerger: ~Copyable, Sendable {
  /// Up to this many symbols a plain search for the best pair beats a queue.
  private static let searchLimit = 48

  private(set) var symbols = Room<Int32>(256)
  private(set) var count = 0
  /// For the search, by place: the rank of what it makes with the next and its place, and what.
  private var pairs = Room<Int32>(searchLimit)
  private var merged = Room<Int32>(searchLimit)
  private var long = RankMerger()

  /// Takes the symbols of `text`, which is well-formed.
  mutating func take(_ text: Span<UInt8>, _ vocabulary: borrowing Vocabulary) {
    begin(capacity: text.count)
    var place = 0
    while place < text.count {
      let (next, length) = decodeScalar(text, at: place)
      append(vocabulary.symbol(of: next))
      place += length
    }
  }

  /// Forgets all symbols and makes room for `capacity`.
  @inline(__always)
  mutating func begin(capacity: Int) {
    symbols.reserve(capacity)
    count = 0
  }

  @inline(__always)
  mutating func append(_ symbol: Int32) {
    symbols[count] = symbol
    count &+= 1
  }

  /// How each unused piece was last put together since they were forgotten.
  var origins: [Int32: (left: Int32, right: Int32)] { long.origins }

  mutating func forgetOrigins() { long.forgetOrigins() }

  mutating func merge(_ vocabulary: borrowing Vocabulary) {
    if count <= Self.searchLimit && !vocabulary.hasUnused {
      if count == 2 {
        mergePair(vocabulary)
      } else if count > 2 {
        mergeBySearch(vocabulary)
      }
    } else {
      count = long.merge(symbols, count: count, vocabulary)
    }
  }

  private mutating func mergePair(_ vocabulary: borrowing Vocabulary) {
    let answer = vocabulary.merges.find(symbols[0], symbols[1])
    if answer == MergeTable.none { return }
    symbols[0] = Int32(truncatingIfNeeded: answer)
    count = 1
  }

  /// Looks at every pair for the best one, again and again.
  ///
  /// A merged symbol stays at its left place and the right one is crossed out, so nothing moves;
  /// a pair is a number that orders by rank, which is below 2²⁴, and then by place.
  private mutating func mergeBySearch(_ vocabulary: borrowing Vocabulary) {
    let merges = vocabulary.merges
    let last = count &- 1
    for place in 0..<last { offer(place, place &+ 1, merges) }
    /// The places that are left.
    var alive = UInt64.max &>> UInt64(63 &- last)
    while true {
      var best = Int32.max
      for place in 0..<last { best = min(best, pairs[place]) }
      if best == Int32.max { break }
      let place = Int(truncatingIfNeeded: best & 63)
      symbols[place] = merged[place]
      var right = (alive &>> UInt64(place)) &>> 1
      let gone = place &+ 1 &+ right.trailingZeroBitCount
      alive &= ~(1 &<< UInt64(gone))
      if gone < last { pairs[gone] = Int32.max }
      right = (alive &>> UInt64(place)) &>> 1
      if right == 0 {
        pairs[place] = Int32.max
      } else {
        offer(place, place &+ 1 &+ right.trailingZeroBitCount, merges)
      }
      let left = alive & (1 &<< UInt64(place) &- 1)
      if left != 0 { offer(63 &- left.leadingZeroBitCount, place, merges) }
    }
    count = 0
    while alive != 0 {
      symbols[count] = symbols[alive.trailingZeroBitCount]
      count &+= 1
      alive &= alive &- 1
    }
  }

  /// Notes what two neighbours make.
  @inline(__always)
  private func offer(_ left: Int, _ right: Int, _ merges: borrowing MergeTable) {
    let answer = merges.find(symbols[left], symbols[right])
    merged[left] = Int32(truncatingIfNeeded: answer)
    pairs[left] =
      answer == MergeTable.none
      ? Int32.max
      : Int32(truncatingIfNeeded: (answer >> 32) &<< 6) | Int32(truncatingIfNeeded: left)
  }
}
