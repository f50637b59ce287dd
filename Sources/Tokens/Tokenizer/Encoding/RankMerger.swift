import Ground

/// Merges the symbols of a long stretch of text with a queue.
///
/// A merged symbol stays at its left place, and places are chained, so that none moves.
struct RankMerger: ~Copyable, Sendable {
  private struct Link: BitwiseCopyable {
    var symbol: Int32
    /// What the symbol and its right neighbour make, and how soon.
    var merged: Int32
    var rank: UInt32
    var next: Int32
    var previous: Int32
  }

  /// The rank of a symbol that makes nothing with the next, or is gone.
  private static let noRank = UInt32.max

  private var links = Room<Link>(1 << 10)
  private var count = 0
  private var queue = RankQueue()
  /// How each unused piece was last put together in this text, in models that have such pieces.
  private(set) var origins: [Int32: (left: Int32, right: Int32)] = [:]

  mutating func forgetOrigins() { origins.removeAll(keepingCapacity: true) }

  /// Merges until no pair of neighbours makes a piece, and says how many symbols are left.
  ///
  /// - Complexity: O(n) but for where one rank's places come out of order, and there O(n log n).
  mutating func merge(
    _ symbols: borrowing Room<Int32>, count: Int, _ vocabulary: borrowing Vocabulary
  ) -> Int {
    if count < 2 { return count }
    precondition(count < Int(Int32.max) / 4, "\(count) characters without a cut")
    self.count = count
    links.reserve(count)
    for index in 0..<count {
      links[index] = Link(
        symbol: symbols[index], merged: 0, rank: Self.noRank,
        next: Int32(truncatingIfNeeded: index &+ 1),
        previous: Int32(truncatingIfNeeded: index &- 1))
    }
    queue.prepare(ranks: vocabulary.rankLimit)
    for place in 0..<count &- 1 { offer(place, vocabulary) }
    while let (rank, place) = queue.popFirst() {
      guard links[Int(place)].rank == rank else { continue }
      join(at: Int(place))
      offer(Int(place), vocabulary)
      let before = links[Int(place)].previous
      if before >= 0 { offer(Int(before), vocabulary) }
    }
    return write(to: symbols)
  }

  @inline(__always)
  private func join(at place: Int) {
    var link = links[place]
    let right = Int(link.next)
    let after = links[right].next
    links[right].rank = Self.noRank
    link.symbol = link.merged
    link.next = after
    links[place] = link
    if after < count { links[Int(after)].previous = Int32(truncatingIfNeeded: place) }
  }

  /// Notes what the symbol at `place` makes with the next.
  @inline(__always)
  private mutating func offer(_ place: Int, _ vocabulary: borrowing Vocabulary) {
    let (left, next) = (links[place].symbol, links[place].next)
    guard next < count else {
      links[place].rank = Self.noRank
      return
    }
    let right = links[Int(next)].symbol
    let answer = vocabulary.merges.find(left, right)
    links[place].rank = UInt32(truncatingIfNeeded: answer >> 32)
    links[place].merged = Int32(truncatingIfNeeded: answer)
    if answer == MergeTable.none { return }
    queue.push(Int32(truncatingIfNeeded: place), rank: UInt32(truncatingIfNeeded: answer >> 32))
    if vocabulary.hasUnused {
      let symbol = Int32(truncatingIfNeeded: answer)
      if vocabulary.isUnused[Int(symbol)] { origins[symbol] = (left, right) }
    }
  }

  private func write(to symbols: borrowing Room<Int32>) -> Int {
    var left = 0
    var place = 0
    while place < count {
      symbols[left] = links[place].symbol
      left += 1
      place = Int(links[place].next)
    }
    return left
  }
}
