import Ground

/// A queue of places by rank, and among equal ranks by place.
///
/// Ranks are few and known, so a set of bits in four levels tells the lowest that is there. The
/// places of one rank come mostly from left to right: they are put in order when its turn comes, and
/// only what joins them afterwards goes through a heap.
///
/// - Complexity: amortised O(1) for places that come in order, O(log n) for others.
struct RankQueue: ~Copyable, Sendable {
  private struct Entry: BitwiseCopyable {
    var place: Int32
    /// The entry of the same rank before this one, or -1.
    var before: Int32
  }

  /// A rank whose places are being taken.
  ///
  /// Better ranks may come in between: turns lie on a stack, and so do their places, and only the
  /// top one gets late ones.
  private struct Turn: BitwiseCopyable {
    var rank: UInt32
    /// Where its places lie in `sorted`, from the next one on.
    var next: Int
    var end: Int
    /// Where its heap begins in `late`.
    var late: Int
  }

  private var heads = Room<Int32>(1)
  private var ranks = 0
  private var entries = Room<Entry>(1 << 10)
  private var entryCount = 0
  private var bits = RankBits()
  /// No rank outside the turns is lower.
  private var lowest = UInt32.max

  private var turns = Room<Turn>(16)
  private var turnCount = 0
  private var sorted = Room<Int32>(1 << 10)
  private var late = Room<Int32>(1 << 10)
  private var lateCount = 0

  /// Makes the queue ready for ranks below `count`; it is empty.
  mutating func prepare(ranks count: Int) {
    entryCount = 0
    if ranks >= count { return }
    ranks = count
    heads.reserve(count)
    heads.fill(-1, 0..<count)
    bits.prepare(count)
  }

  @inline(__always)
  mutating func push(_ place: Int32, rank: UInt32) {
    if turnCount > 0 && turns[turnCount &- 1].rank == rank {
      pushLate(place)
      return
    }
    let number = Int(rank)
    entries.reserve(entryCount &+ 1, keeping: entryCount)
    entries[entryCount] = Entry(place: place, before: heads[number])
    if heads[number] < 0 { bits.insert(number) }
    heads[number] = Int32(truncatingIfNeeded: entryCount)
    entryCount &+= 1
    lowest = min(lowest, rank)
  }

  /// The first place of the lowest rank.
  @inline(__always)
  mutating func popFirst() -> (rank: UInt32, place: Int32)? {
    while true {
      if turnCount == 0 {
        if lowest == UInt32.max { return nil }
        open()
        continue
      }
      let turn = turns[turnCount &- 1]
      if lowest < turn.rank {
        open()
      } else if lowest == turn.rank {
        resume()
      } else if lateCount > turn.late
        && (turn.next >= turn.end || late[turn.late] <= sorted[turn.next])
      {
        return (turn.rank, popLate(from: turn.late))
      } else if turn.next < turn.end {
        turns[turnCount &- 1].next = turn.next &+ 1
        return (turn.rank, sorted[turn.next])
      } else {
        turnCount &-= 1
      }
    }
  }

  /// Begins the turn of the lowest rank.
  private mutating func open() {
    let start = turnCount == 0 ? 0 : turns[turnCount - 1].end
    var end = start
    var isOrdered = true
    let rank = lowest
    var entry = takeEntries()
    while entry >= 0 {
      let found = entries[Int(entry)]
      sorted.reserve(end + 1, keeping: end)
      sorted[end] = found.place
      if end > start && sorted[end - 1] < found.place { isOrdered = false }
      end += 1
      entry = found.before
    }
    var all = unsafe UnsafeMutableBufferPointer(start: sorted.start + start, count: end - start)
    if isOrdered { unsafe all.reverse() } else { unsafe all.sort() }
    turns.reserve(turnCount + 1, keeping: turnCount)
    turns[turnCount] = Turn(rank: rank, next: start, end: end, late: lateCount)
    turnCount += 1
  }

  /// Takes in what came for the top turn while better ranks had theirs.
  private mutating func resume() {
    var entry = takeEntries()
    while entry >= 0 {
      pushLate(entries[Int(entry)].place)
      entry = entries[Int(entry)].before
    }
  }

  /// The last entry of the lowest rank, which is then empty.
  private mutating func takeEntries() -> Int32 {
    let number = Int(lowest)
    let entry = heads[number]
    heads[number] = -1
    bits.remove(number)
    lowest = bits.lowest()
    return entry
  }

  private mutating func pushLate(_ place: Int32) {
    let start = turns[turnCount &- 1].late
    late.reserve(lateCount &+ 1, keeping: lateCount)
    var index = lateCount &- start
    lateCount &+= 1
    while index > 0 {
      let parent = (index &- 1) / 2
      if late[start &+ parent] <= place { break }
      late[start &+ index] = late[start &+ parent]
      index = parent
    }
    late[start &+ index] = place
  }

  private mutating func popLate(from start: Int) -> Int32 {
    let least = late[start]
    lateCount &-= 1
    let count = lateCount &- start
    let last = late[lateCount]
    var index = 0
    while true {
      var child = 2 &* index &+ 1
      if child >= count { break }
      if child &+ 1 < count && late[start &+ child &+ 1] < late[start &+ child] { child &+= 1 }
      if late[start &+ child] >= last { break }
      late[start &+ index] = late[start &+ child]
      index = child
    }
    late[start &+ index] = last
    return least
  }
}
