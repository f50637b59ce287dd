import Ground

/// The n-grams of one length, each in the order of its last word, the word before it, and so on.
///
/// An n-gram is a number and two marks; the words behind its first are those of the (n-1)-gram that it
/// extends. All that extend one stand together, so a mark on the first is enough to find them.
struct NGramList {
  /// The first word of each, and its marks.
  let words: NumberFile
  let counts: NumberFile

  /// The first n-gram that extends another (n-1)-gram than the one before it.
  static let isFirst: UInt32 = 1 << 31
  /// The n-gram is left out of the model; its count is not left out of sums.
  static let isPruned: UInt32 = 1 << 30
  static let word: UInt32 = 1 << 30 - 1
}

/// How often n-grams of one length have adjusted counts of 1 to 4, and how many there are.
struct CountStatistics: Equatable {
  var ones = 0
  var twos = 0
  var threes = 0
  var fours = 0
  var count = 0
  var kept = 0

  @inline(__always)
  mutating func add(_ adjusted: UInt32, isPruned: Bool) {
    count &+= 1
    kept &+= isPruned ? 0 : 1
    switch adjusted {
    case 1: ones &+= 1
    case 2: twos &+= 1
    case 3: threes &+= 1
    case 4: fours &+= 1
    default: break
    }
  }
}

/// Makes the n-grams of all lengths from the longest ones.
///
/// The adjusted count of an n-gram is the number of different words that come before it; of the longest,
/// and of those that begin a sentence, it is how often they come. In the order of their last words the
/// n-grams that extend one another are neighbours, so one pass is enough: an n-gram is open until a
/// longest one comes that does not end in it.
///
/// - SeeAlso: Heafield and others, "Scalable Modified Kneser-Ney Language Model Estimation", ACL 2013,
///   section 3.2.
@safe final class AdjustedCounts {
  /// An n-gram that has begun and may go on, and those of its length that have ended in this batch.
  @safe private struct Length {
    var word: UInt32 = 0
    var adjusted: UInt32 = 0
    /// How often it comes in the text, which decides whether it is pruned.
    var actual: UInt32 = 0
    /// True where a word of it is outside of the limited vocabulary.
    var isExcluded = false
    var ended = 0
    var statistics = CountStatistics()
    let words: UnsafeMutablePointer<UInt32>
    let counts: UnsafeMutablePointer<UInt32>
  }

  private let order: Int
  private let thresholds: [UInt32]
  /// True for words outside of the limited vocabulary; empty where it is not limited.
  private let excluded: [Bool]
  private var writers: [(words: NumberWriter, counts: NumberWriter)] = []
  private let rooms: Room<UInt32>
  private let lengths: UnsafeMutablePointer<Length>
  private var openCount = 0
  /// By length, once all is added.
  private(set) var statistics: [CountStatistics] = []
  /// The longest n-grams that are taken at once.
  private static let batch = 1 << 12

  init(_ settings: KneserNeySettings, excluded: [Bool]) throws(Fault) {
    order = settings.order
    thresholds = settings.thresholds
    self.excluded = excluded
    // A record ends one n-gram of each length at most, and each length may have one open before it.
    let size = Self.batch + 2
    rooms = Room(2 * order * size)
    unsafe lengths = .allocate(capacity: order)
    for index in 0..<order {
      let start = unsafe rooms.start + 2 * index * size
      unsafe (lengths + index).initialize(to: Length(words: start, counts: start + size))
    }
    for _ in 0..<order {
      let words = try NumberWriter(in: settings.temporaryFolder)
      writers.append((words, try NumberWriter(in: settings.temporaryFolder)))
    }
    // `<unk>` and `<s>` end no n-gram.
    for word: UInt32 in 0...1 {
      end(0, word | NGramList.isFirst, adjusted: 0, counted: 0, isPruned: false)
    }
  }

  deinit { unsafe lengths.deallocate() }

  /// Takes the longest n-grams, last word first, each with its count.
  func add(_ records: UnsafeBufferPointer<UInt32>) {
    guard let base = records.baseAddress else { return }
    let width = order + 1
    let count = records.count / width
    for start in stride(from: 0, to: count, by: Self.batch) {
      for index in start..<min(count, start + Self.batch) { unsafe add(base + index * width) }
      flush()
    }
  }

  @inline(__always)
  private func add(_ record: UnsafePointer<UInt32>) {
    let count = unsafe record[order]
    var length = 0
    while length < openCount, unsafe record[length] == lengths[length].word & NGramList.word {
      unsafe lengths[length].actual &+= count
      length &+= 1
    }
    close(downTo: length)
    if length > 0 { unsafe lengths[length - 1].adjusted &+= 1 }
    var isFirst = length == 0 ? NGramList.isFirst : 0
    var isExcluded = unsafe length > 0 && lengths[length - 1].isExcluded
    while length < order &- 1 {
      let word = unsafe record[length]
      let isBeginning = word == TextVocabulary.beginning
      isExcluded = isExcluded || isOutside(word)
      unsafe lengths[length].word = word | isFirst
      unsafe lengths[length].adjusted = isBeginning ? count : 1
      unsafe lengths[length].actual = count
      unsafe lengths[length].isExcluded = isExcluded
      isFirst = NGramList.isFirst
      length &+= 1
      openCount = length
      if isBeginning { return }
    }
    let word = unsafe record[length]
    let isPruned = count <= thresholds[length] || isExcluded || isOutside(word)
    end(
      length, word | isFirst, adjusted: count, counted: count,
      isPruned: isPruned && (order > 1 || word > TextVocabulary.end))
  }

  @inline(__always)
  private func isOutside(_ word: UInt32) -> Bool { !excluded.isEmpty && excluded[Int(word)] }

  /// Ends the open n-grams of more than `kept` words.
  @inline(__always)
  private func close(downTo kept: Int) {
    while openCount > kept {
      openCount &-= 1
      unsafe close(openCount, counted: lengths[openCount].adjusted)
    }
  }

  private func close(_ length: Int, counted: UInt32) {
    let last = unsafe lengths[length]
    let isSpecial = length == 0 && last.word & NGramList.word <= TextVocabulary.end
    let isPruned = (last.actual <= thresholds[length] || last.isExcluded) && !isSpecial
    end(
      length, last.word, adjusted: last.adjusted, counted: counted, isPruned: isPruned)
  }

  @inline(__always)
  private func end(
    _ length: Int, _ word: UInt32, adjusted: UInt32, counted: UInt32, isPruned: Bool
  ) {
    let place = unsafe lengths[length].ended
    unsafe lengths[length].words[place] = isPruned ? word | NGramList.isPruned : word
    unsafe lengths[length].counts[place] = adjusted
    unsafe lengths[length].ended = place &+ 1
    unsafe lengths[length].statistics.add(counted, isPruned: isPruned)
  }

  private func flush() {
    for index in 0..<order {
      let length = unsafe lengths[index]
      unsafe writers[index].words.append(
        UnsafeBufferPointer(start: length.words, count: length.ended))
      unsafe writers[index].counts.append(
        UnsafeBufferPointer(start: length.counts, count: length.ended))
      unsafe lengths[index].ended = 0
    }
  }

  /// The n-grams of each length.
  ///
  /// `lmplz` takes the last n-gram of each length but the longest into its statistics by how often it
  /// comes, not by its adjusted count; so do we, or the discounts would differ.
  func finish() throws(Fault) -> [NGramList] {
    while openCount > 0 {
      openCount -= 1
      unsafe close(openCount, counted: lengths[openCount].actual)
    }
    flush()
    statistics = (0..<order).map { unsafe lengths[$0].statistics }
    var lists: [NGramList] = []
    for writer in writers {
      lists.append(
        NGramList(words: try writer.words.finish(), counts: try writer.counts.finish()))
    }
    return lists
  }
}
