import Ground

/// Where each part of a KenLM binary lies, in bytes of the file.
///
/// Header, vocabulary, quantiser, unigrams, one part for each longer order, the words' strings.
/// Every sum is checked: numbers come from the file.
///
/// - SeeAlso: kpu/kenlm `lm/search_hashed.hh`, `lm/search_trie.cc`, `lm/trie.cc`, `lm/quantize.hh`.
struct NGramLayout {
  /// The n-grams of one order above the first.
  struct Level {
    /// With the array of offsets, if there is one.
    var bytes: Range<Int>
    /// How many buckets, or entries of a trie.
    var count: Int
    /// Where the buckets or the packed entries begin.
    var base: Int
    /// Where the numbers of the array of offsets begin, and how many there are.
    var offsets = 0
    var offsetCount = 0
    /// Trie: the bits of an entry's parts.
    var wordBits = 0
    var probabilityBits = 0
    var backoffBits = 0
    var nextBits = 0
    var totalBits: Int { wordBits + probabilityBits + backoffBits + nextBits }
  }

  let kind: NGramKind
  let bits: Bits
  let header: Range<Int>
  let vocabulary: Range<Int>
  /// Empty where weights are not quantised.
  let quantizer: Range<Int>
  let unigrams: Range<Int>
  private(set) var levels: [Level] = []
  /// Where the tables end and the words' strings begin.
  var end: Int { levels.last?.bytes.upperBound ?? unigrams.upperBound }

  /// The bits of quantised weights.
  struct Bits: Equatable {
    var probability = 0
    var backoff = 0
    /// The most bits of a pointer that the array of offsets may stand for.
    var pointer = 0
  }

  /// Bytes of a bucket of words, of an n-gram in the middle, of one of the highest order.
  static let vocabularyStride = 12
  static let longestStride = 12
  static func middleStride(_ kind: NGramKind) -> Int { kind == .restProbing ? 20 : 16 }
  static func unigramStride(_ kind: NGramKind) -> Int {
    kind.isHashed ? (kind == .restProbing ? 12 : 8) : 16
  }

  /// Lays out the parts; nil where the numbers are too large for any file.
  ///
  /// `bits` of a trie may be asked for in two steps: see `bits(of:)`.
  init?(_ header: NGramHeader, bits: Bits) {
    var place = Cursor(end: header.byteCount)
    kind = header.kind
    self.bits = bits
    let counts = header.counts.map { Int(exactly: $0) ?? .max }
    let order = counts.count
    self.header = 0..<header.byteCount
    if kind.isHashed {
      let buckets = Self.buckets(counts[0], header.multiplier)
      vocabulary = place.take(8, buckets, times: Self.vocabularyStride)
    } else {
      vocabulary = place.take(8, counts[0], times: 8)
    }
    if kind.isQuantized {
      let middle = 4 << bits.probability + 4 << bits.backoff
      quantizer = place.take(8 + 4 << bits.probability, order - 2, times: middle)
    } else {
      quantizer = place.end..<place.end
    }
    let stride = Self.unigramStride(kind)
    unigrams = place.take((kind.isHashed ? 1 : 2) * stride, counts[0], times: stride)
    for n in 2...order {
      let isLongest = n == order
      var level: Level
      if kind.isHashed {
        let buckets = Self.buckets(counts[n - 1], header.multiplier)
        let stride = isLongest ? Self.longestStride : Self.middleStride(kind)
        let bytes = place.take(0, buckets, times: stride)
        level = Level(bytes: bytes, count: buckets, base: bytes.lowerBound)
      } else {
        level = Self.trieLevel(
          words: counts[0], entries: counts[n - 1], next: isLongest ? nil : counts[n], kind, bits,
          &place)
      }
      levels.append(level)
    }
    guard !place.hasOverflowed else { return nil }
  }

  private static func trieLevel(
    words: Int, entries: Int, next: Int?, _ kind: NGramKind, _ bits: Bits, _ place: inout Cursor
  ) -> Level {
    let start = place.end
    var level = Level(bytes: start..<start, count: entries, base: start)
    level.wordBits = requiredBits(words)
    if kind.isQuantized {
      level.probabilityBits = bits.probability
      level.backoffBits = next == nil ? 0 : bits.backoff
    } else {
      level.probabilityBits = 31
      level.backoffBits = next == nil ? 0 : 32
    }
    if let next {
      level.nextBits = requiredBits(next)
      if kind.hasPointerArrays {
        let chopped = choppedBits(entries: entries, next: next, most: bits.pointer)
        level.nextBits -= chopped
        level.offsets = (start + 7) / 8 * 8 + 8
        level.offsetCount = next >> level.nextBits + 1
        // A version, the numbers, and room to align them.
        level.base = place.take(15, level.offsetCount, times: 8).upperBound
      }
    }
    // One entry more, for the end of the last one's range, and room to read 8 bytes at once.
    let (all, isTooMany) = entries.addingReportingOverflow(1)
    let (size, isTooLarge) = all.multipliedReportingOverflow(by: level.totalBits)
    place.note(isTooMany || isTooLarge || size > .max - 64)
    _ = place.take(8, size / 8 + (size % 8 > 0 ? 1 : 0), times: 1)
    level.bytes = start..<place.end
    return level
  }

  /// How many buckets a hash table has for so many entries.
  static func buckets(_ entries: Int, _ multiplier: Float) -> Int {
    let wanted = multiplier * Float(entries)
    guard entries < .max, wanted < 0x1p62 else { return .max }
    return max(entries + 1, Int(wanted))
  }

  /// How many bits numbers up to this one need.
  static func requiredBits(_ number: Int) -> Int { Int.bitWidth - number.leadingZeroBitCount }

  /// How many of a pointer's bits the array stands for, so that both together are smallest.
  static func choppedBits(entries: Int, next: Int, most: Int) -> Int {
    let required = requiredBits(next)
    var best = 0
    var lowest = Int.max
    for chopped in 0...min(required, most) {
      let change = (next >> (required - chopped)) &* 64 &- (entries &+ 1) &* chopped
      if change < lowest { (best, lowest) = (chopped, change) }
    }
    return best
  }

  /// The end of the parts so far.
  private struct Cursor {
    var end: Int
    private(set) var hasOverflowed = false

    init(end: Int) { self.end = end }

    mutating func note(_ overflow: Bool) { hasOverflowed = hasOverflowed || overflow }

    mutating func take(_ fixed: Int, _ count: Int, times size: Int) -> Range<Int> {
      let start = end
      let (product, first) = count.multipliedReportingOverflow(by: size)
      let (sum, second) = product.addingReportingOverflow(fixed)
      let (total, third) = start.addingReportingOverflow(sum)
      note(first || second || third || total < start || total > .max - 64)
      end = hasOverflowed ? start : total
      return start..<end
    }
  }
}
