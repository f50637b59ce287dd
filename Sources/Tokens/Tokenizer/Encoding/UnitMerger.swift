/// Merges the symbols of one unit of text, best first.
struct UnitMerger: Sendable {
  /// What is left after `merge`.
  private(set) var symbols: [Int32] = []
  /// Up to this many symbols a plain search for the best pair beats a heap.
  private static let searchLimit = 48

  private var answers: [UInt64] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  private var heap: [UInt64] = []
  /// How each unused piece was last put together, in models that have such pieces.
  private(set) var origins: [Int32: (left: Int32, right: Int32)] = [:]

  mutating func begin() { symbols.removeAll(keepingCapacity: true) }

  mutating func append(_ symbol: Int32) { symbols.append(symbol) }

  mutating func forgetOrigins() { origins.removeAll(keepingCapacity: true) }

  /// Merges until no pair of neighbours makes a piece: the pair with the best score first, among
  /// equals the leftmost.
  ///
  /// - Complexity: O(n log n).
  mutating func merge(_ vocabulary: borrowing Vocabulary) {
    if symbols.count < 2 { return }
    if symbols.count <= Self.searchLimit && !vocabulary.hasUnused {
      mergeBySearch(vocabulary)
    } else {
      mergeByHeap(vocabulary)
    }
  }

  private mutating func mergeBySearch(_ vocabulary: borrowing Vocabulary) {
    answers.removeAll(keepingCapacity: true)
    for index in 1..<symbols.count {
      answers.append(vocabulary.merges.find(symbols[index - 1], symbols[index]))
    }
    while true {
      var best = MergeTable.none
      var place = 0
      for index in answers.indices {
        let answer = answers[index]
        // Only the rank counts; a lower symbol must not jump the queue.
        if answer >> 32 < best >> 32 {
          best = answer
          place = index
        }
      }
      if best == MergeTable.none { return }
      symbols[place] = Int32(truncatingIfNeeded: best)
      symbols.remove(at: place + 1)
      answers.remove(at: place)
      if place < answers.count {
        answers[place] = vocabulary.merges.find(symbols[place], symbols[place + 1])
      }
      if place > 0 {
        answers[place - 1] = vocabulary.merges.find(symbols[place - 1], symbols[place])
      }
    }
  }

  private mutating func mergeByHeap(_ vocabulary: borrowing Vocabulary) {
    let count = symbols.count
    precondition(count < Int(Int32.max), "\(count) characters without a cut")
    next.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    heap.removeAll(keepingCapacity: true)
    for index in 0..<count {
      next.append(Int32(index + 1))
      previous.append(Int32(index - 1))
    }
    for index in 1..<count { offer(index - 1, index, vocabulary) }
    while let top = popLeast() {
      let place = Int(top & 0xffff_ffff)
      // A symbol that was swallowed has no neighbour to its right.
      let right = Int(next[place])
      guard right > place, right < count else { continue }
      let answer = vocabulary.merges.find(symbols[place], symbols[right])
      guard answer != MergeTable.none, answer >> 32 == top >> 32 else { continue }
      symbols[place] = Int32(truncatingIfNeeded: answer)
      let after = Int(next[right])
      next[place] = Int32(after)
      next[right] = -1
      if after < count {
        previous[after] = Int32(place)
        offer(place, after, vocabulary)
      }
      let before = Int(previous[place])
      if before >= 0 { offer(before, place, vocabulary) }
    }
    var place = 0
    var kept = 0
    while place < count {
      symbols[kept] = symbols[place]
      kept += 1
      place = Int(next[place])
    }
    symbols.removeLast(count - kept)
  }

  private mutating func offer(_ left: Int, _ right: Int, _ vocabulary: borrowing Vocabulary) {
    let answer = vocabulary.merges.find(symbols[left], symbols[right])
    if answer == MergeTable.none { return }
    push((answer & 0xffff_ffff_0000_0000) | UInt64(left))
    if vocabulary.hasUnused {
      let symbol = Int32(truncatingIfNeeded: answer)
      if vocabulary.isUnused[Int(symbol)] { origins[symbol] = (symbols[left], symbols[right]) }
    }
  }

  private mutating func push(_ entry: UInt64) {
    heap.append(entry)
    var place = heap.count - 1
    while place > 0 {
      let parent = (place - 1) / 2
      if heap[parent] <= entry { break }
      heap[place] = heap[parent]
      place = parent
    }
    heap[place] = entry
  }

  private mutating func popLeast() -> UInt64? {
    guard let last = heap.popLast() else { return nil }
    guard let least = heap.first else { return last }
    var place = 0
    while true {
      var child = 2 * place + 1
      if child >= heap.count { break }
      if child + 1 < heap.count && heap[child + 1] < heap[child] { child += 1 }
      if heap[child] >= last { break }
      heap[place] = heap[child]
      place = child
    }
    heap[place] = last
    return least
  }
}
