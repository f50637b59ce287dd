/// The words and labels of a model, each with its count, in the order of their rows.
struct FastTextEntries: Sendable, Equatable {
  private(set) var bytes: [UInt8] = []
  /// Where each entry ends in `bytes`.
  private(set) var ends: [Int] = []
  private(set) var counts: [Int] = []
  /// Entries below are words, the others labels.
  private(set) var wordCount = 0

  var count: Int { ends.count }
  var labelCount: Int { count - wordCount }
  var labelCounts: ArraySlice<Int> { counts[wordCount...] }

  func range(_ entry: Int) -> Range<Int> { (entry == 0 ? 0 : ends[entry - 1])..<ends[entry] }

  /// Adds a word; to be called before any label is added.
  mutating func appendWord(_ word: some Collection<UInt8>, count: Int) {
    precondition(wordCount == ends.count, "words come before labels")
    append(word, count)
    wordCount += 1
  }

  mutating func appendLabel(_ label: some Collection<UInt8>, count: Int) { append(label, count) }

  private mutating func append(_ entry: some Collection<UInt8>, _ count: Int) {
    bytes.append(contentsOf: entry)
    ends.append(bytes.count)
    counts.append(count)
  }
}
