import CTextModels
import Ground

/// As much text as is counted at once: its words as numbers, a `<s>` before each sentence.
///
/// Positions in the text stand for the n-grams that end there, and are sorted in its place: first by
/// their word, by counting; then, word by word, by the words before it, from many threads. So the
/// sorting takes eight bytes a word, the lists of the most frequent words aside.
@safe struct CountingBlock: ~Copyable {
  private var text: Room<UInt32>
  private let capacity: Int
  private var used = 0
  /// How many words at the front are there only for what follows them.
  private var carried = 0
  private(set) var isInSentence = false
  private let order: Int

  /// Bytes of memory that a word of the block takes at most, sorting included.
  static let bytesEach = 16

  init(order: Int, capacity: Int) {
    self.order = order
    // A bit of a position is used for a mark.
    self.capacity = min(capacity, 1 << 31 - 1)
    // What is never touched takes no memory.
    text = Room(self.capacity)
    unsafe quipu_huge_pages(text.start, 4 * self.capacity)
  }

  var isEmpty: Bool { used == carried }
  /// Words, with those before sentences.
  var count: Int { used }

  /// Gives its memory up.
  mutating func forget() {
    text = Room(1)
    used = 0
    carried = 0
  }

  /// Adds a word, or the end of a sentence.
  @inline(__always)
  mutating func append(_ word: UInt32) {
    if !isInSentence {
      text[used] = TextVocabulary.beginning
      used &+= 1
    }
    text[used] = word
    used &+= 1
    isInSentence = word != TextVocabulary.end
  }

  /// Adds the block's different n-grams to `runs`, sorted, and empties it but for what the next n-gram
  /// needs.
  mutating func write(to runs: NGramRuns, types: Int, jobs: Int) throws(Fault) {
    guard !isEmpty else { return }
    let starts = Room<UInt32>(types + 1)
    starts.fill(0, 0..<types + 1)
    for index in carried..<used { starts[Int(text[index])] &+= 1 }
    starts[Int(TextVocabulary.beginning)] = 0
    var sum: UInt32 = 0
    var longest = 0
    for word in 0...types {
      let count = word < types ? starts[word] : 0
      starts[word] = sum
      sum += count
      longest = max(longest, Int(count))
    }
    let positions = Room<UInt32>(Int(sum))
    unsafe quipu_huge_pages(positions.start, 4 * Int(sum))
    for index in carried..<used {
      let word = Int(text[index])
      if word == TextVocabulary.beginning { continue }
      positions[Int(starts[word])] = UInt32(index)
      starts[word] &+= 1
    }
    // Each start is now the end of its list, which is the start of the next.
    sort(positions, ends: starts, types, longest, jobs)
    try unsafe runs.append { (room, size) throws(Fault) in
      var done = 0
      while done < Int(sum) {
        var made = 0
        done += unsafe quipu_ngrams_write(
          text.start, positions.start + done, Int(sum) - done, Int32(order), room, size, &made)
        try runs.write(made)
      }
    }
    carryOn()
  }

  private func sort(
    _ positions: borrowing Room<UInt32>, ends: borrowing Room<UInt32>, _ types: Int, _ longest: Int,
    _ jobs: Int
  ) {
    let total = Int(ends[types - 1])
    let bits = max(2, Int.bitWidth - (types - 1).leadingZeroBitCount)
    let size = min(longest, max(1 << 10, capacity / 8 / jobs))
    let base = unsafe (text: text.start, positions: positions.start, ends: ends.start)
    let order = order
    _ = inParallel(jobs) { job in
      let scratch = Room<quipu_record>(2 * size)
      // Lists that begin within this job's share of the positions.
      var word = unsafe firstList(base.ends, types, from: total * job / jobs)
      let last = unsafe firstList(base.ends, types, from: total * (job + 1) / jobs)
      while word < last {
        let start = word == 0 ? 0 : unsafe Int(base.ends[word - 1])
        let count = unsafe Int(base.ends[word]) - start
        if count > 1 {
          unsafe quipu_ngrams_sort(
            base.text, base.positions + start, count, Int32(order), Int32(bits), scratch.start,
            size)
        }
        word += 1
      }
    }
  }

  /// Keeps what of an unfinished sentence the next n-gram reaches back to.
  private mutating func carryOn() {
    carried = 0
    if isInSentence {
      var start = used
      while used - start < order - 1 && text[start - 1] != TextVocabulary.beginning {
        start -= 1
      }
      if used - start < order - 1 { start -= 1 }
      for index in start..<used { text[index - start] = text[index] }
      carried = used - start
    }
    used = carried
  }
}

/// The first list that does not begin before `place`.
private func firstList(_ ends: UnsafePointer<UInt32>, _ types: Int, from place: Int) -> Int {
  var low = 0
  var high = types
  while low < high {
    let middle = (low + high) / 2
    let start = middle == 0 ? 0 : unsafe Int(ends[middle - 1])
    if start < place { low = middle + 1 } else { high = middle }
  }
  return low
}
