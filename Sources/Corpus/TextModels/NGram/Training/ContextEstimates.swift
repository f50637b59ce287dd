import CTextModels
import Ground

/// The probabilities of n-grams before interpolation, and the weights with which contexts interpolate.
///
/// What an n-gram needs of its context, the (n-1)-gram before its last word, lies elsewhere in the list
/// of (n-1)-grams. The context of `a b c` extends the context of `b c` by `a`; so with the numbers of the
/// shorter contexts at hand, sorting by these and by `a` brings n-grams into the order of their contexts,
/// whatever their length. Sorting by their own numbers brings the answers back.
struct ContextEstimates {
  /// For each n-gram, the number of its context among the (n-1)-grams; nil for the longest.
  let contexts: NumberFile?
  /// For each n-gram, its discounted probability and the weight of the shorter context.
  let estimates: NumberFile
  /// For each (n-1)-gram, what words that do not follow it are multiplied with; 1 where none does.
  let backoffs: NumberFile

  /// Estimates the last of `lists`, which has all shorter n-grams before it.
  ///
  /// `contexts` has for each (n-1)-gram the number of its context; nil for unigrams, which have none.
  init(
    _ lists: ArraySlice<NGramList>, contexts: NumberFile?, _ discounts: Discounts,
    _ rooms: SortingRooms, _ settings: KneserNeySettings
  ) throws(Fault) {
    let sorted = try Self.byContext(lists, contexts, rooms, settings)
    let count = lists[lists.endIndex - 1].words.count
    let answers = KeySorter(
      bits: 32..<32 + bitWidth(count), denseCount: count, rooms, settings)
    backoffs = try Self.estimate(sorted, lists.dropLast(), discounts, answers, settings)
    let isLongest = lists.count == settings.order
    (self.contexts, estimates) = try Self.inOrder(answers, isLongest: isLongest, settings)
  }

  /// The n-grams as records: of the context, the number of what it extends and its first word; whether
  /// the n-gram is pruned; its own number and its count.
  private static func byContext(
    _ lists: ArraySlice<NGramList>, _ contexts: NumberFile?, _ rooms: SortingRooms,
    _ settings: KneserNeySettings
  ) throws(Fault) -> SortedRecords {
    let list = lists[lists.endIndex - 1]
    let walk = NGramWalk(lists, values: contexts)
    let counts = list.counts.reader()
    let wordBits = bitWidth(lists[0].words.count)
    // A context's number is below that of n-grams of two words less.
    let contextBits = contexts == nil ? 0 : bitWidth(lists[lists.endIndex - 3].words.count)
    let sorter = KeySorter(bits: 1..<1 + wordBits + contextBits, rooms, settings)
    for rank in 0..<list.words.count {
      walk.advance()
      let context = UInt64(walk.extendedValue)
      let key = (context &<< wordBits | UInt64(walk.word)) << 1 | (walk.isPruned ? 1 : 0)
      sorter.append(
        quipu_record(key: key, first: UInt32(truncatingIfNeeded: rank), second: counts.next()))
    }
    try walk.check()
    try counts.check()
    return try sorter.finish()
  }

  /// Goes through the (n-1)-grams and, context by context, the n-grams; gives the backoffs.
  private static func estimate(
    _ sorted: SortedRecords, _ shorter: ArraySlice<NGramList>, _ discounts: Discounts,
    _ answers: KeySorter, _ settings: KneserNeySettings
  ) throws(Fault) -> NumberFile {
    let walk = NGramWalk(shorter)
    let shorterCount = shorter[shorter.endIndex - 1].words.count
    let wordBits = bitWidth(shorter[0].words.count)
    let backoffs = try NumberWriter(in: settings.temporaryFolder)
    var group = Room<quipu_record>(1 << 10)
    var count = 0
    var context: UInt64 = 0
    var sums = ContextSums()
    func endGroup() {
      guard count > 0 else { return }
      while true {
        walk.advance()
        if UInt64(walk.extendedRank) &<< wordBits | UInt64(walk.word) == context { break }
        precondition(walk.rank < shorterCount, "an n-gram's context is no n-gram")
        backoffs.append(1 as Float)
      }
      let gamma = sums.gamma(discounts)
      let total = Float(sums.total)
      backoffs.append(gamma)
      for index in 0..<count {
        let record = group[index]
        let probability = discounts.applied(to: record.second) / total
        answers.append(
          quipu_record(
            key: UInt64(record.first) << 32 | UInt64(walk.rank), first: probability.bitPattern,
            second: gamma.bitPattern))
      }
      count = 0
      sums = ContextSums()
    }
    while let batch = try unsafe sorted.next() {
      for index in 0..<batch.count {
        let record = unsafe batch[index]
        if record.key &>> 1 != context {
          endGroup()
          context = record.key &>> 1
        }
        group.reserve(count + 1, keeping: count)
        group[count] = record
        count &+= 1
        sums.add(record.second, isPruned: record.key & 1 != 0)
      }
    }
    endGroup()
    for _ in walk.rank + 1..<shorterCount {
      backoffs.append(1 as Float)
    }
    try walk.check()
    return try backoffs.finish()
  }

  private static func inOrder(
    _ answers: KeySorter, isLongest: Bool, _ settings: KneserNeySettings
  ) throws(Fault) -> (NumberFile?, NumberFile) {
    let contexts = try NumberWriter(in: settings.temporaryFolder)
    let estimates = try NumberWriter(in: settings.temporaryFolder)
    let sorted = try answers.finish()
    while let batch = try unsafe sorted.next() {
      for index in 0..<batch.count {
        let record = unsafe batch[index]
        if !isLongest { contexts.append(UInt32(truncatingIfNeeded: record.key)) }
        estimates.append(record.first)
        estimates.append(record.second)
      }
    }
    return (isLongest ? nil : try contexts.finish(), try estimates.finish())
  }
}

/// Bits of the largest number below `count`.
private func bitWidth(_ count: Int) -> Int { Int.bitWidth - max(count - 1, 1).leadingZeroBitCount }
