import Ground

/// Writes the parts of a trie, each from front to back.
struct TrieWriter: TrieVisitor {
  private let layout: NGramLayout
  private let pages: WritablePages
  private let blanks: TrieBlanks
  private let reader: ArpaReader
  private let order: Int
  /// The bins of each length, from two words on; empty where weights are kept whole.
  private var bins: [(logarithms: WeightBins, backoffs: WeightBins?)] = []
  /// Where the next table of bins goes.
  private var binPlace: Int
  /// Entries written so far, and numbers in each array of offsets, by level.
  private var written: [Int]
  private var offsets: [Int]
  /// The next blank of each length.
  private var nextBlank: [Int]
  /// What n-grams begin with, from two words on.
  private let contexts: [RecordReader]
  /// The next of `blanks.contexts` of each length.
  private var nextContext: [Int]

  init(
    _ layout: NGramLayout, _ pages: WritablePages, _ words: TrieWords, _ blanks: TrieBlanks,
    _ contexts: [RecordSorter], _ reader: ArpaReader
  ) throws(Fault) {
    self.layout = layout
    self.pages = pages
    self.blanks = blanks
    self.reader = reader
    order = layout.levels.count + 1
    binPlace = layout.quantizer.lowerBound + 8
    written = Array(repeating: 0, count: layout.levels.count)
    offsets = Array(repeating: 1, count: layout.levels.count)
    nextBlank = Array(repeating: 0, count: order + 1)
    nextContext = Array(repeating: 0, count: order + 1)
    var readers: [RecordReader] = []
    for sorter in contexts { readers.append(try sorter.reader()) }
    self.contexts = readers
    let start = layout.vocabulary.lowerBound
    pages.store(UInt64(words.hashes.count), at: start)
    for (place, hash) in words.hashes.enumerated() { pages.store(hash, at: start + 8 + 8 * place) }
    for word in 0..<words.count {
      let place = layout.unigrams.lowerBound + 16 * word
      pages.store(words.logarithms[word], at: place)
      pages.store(words.backoffs[word], at: place + 4)
    }
    if layout.kind.isQuantized {
      pages.store(NGramLayout.quantizerVersion, at: layout.quantizer.lowerBound)
      pages.store(UInt8(layout.bits.probability), at: layout.quantizer.lowerBound + 1)
      pages.store(UInt8(layout.bits.backoff), at: layout.quantizer.lowerBound + 2)
    }
  }

  /// Sets the bins of the next length.
  mutating func setBins(_ logarithms: WeightBins, _ backoffs: WeightBins?) {
    for mean in logarithms.means + (backoffs?.means ?? []) {
      pages.store(mean, at: binPlace)
      binPlace += 4
    }
    bins.append((logarithms, backoffs))
  }

  mutating func unigram(_ word: Int) {
    pages.store(UInt64(written[0]), at: layout.unigrams.lowerBound + 16 * word + 8)
  }

  mutating func blank(
    _ order: Int, _ words: UnsafePointer<UInt32>, basis: (order: Int, logarithm: Float)
  ) {
    let place = nextBlank[order]
    nextBlank[order] += 1
    let isContext = blanks.orders[order].isContext[place]
    unsafe add(
      order, words[order - 1], blanks.orders[order].logarithms[place], isContext ? 0 : -0.0)
  }

  mutating func gram(_ length: Int, _ record: UnsafePointer<UInt32>) throws(Fault) {
    let logarithm = unsafe Float(bitPattern: record[length])
    guard length < order else {
      unsafe add(length, record[length - 1], logarithm, 0)
      return
    }
    var backoff = unsafe Float(bitPattern: record[length + 1])
    if try unsafe isContext(length, record), backoff == 0 { backoff = 0 }
    unsafe add(length, record[length - 1], logarithm, backoff)
  }

  /// True where another n-gram, or a blank, begins with this one.
  private mutating func isContext(
    _ length: Int, _ record: UnsafePointer<UInt32>
  ) throws(Fault) -> Bool {
    var isFound = false
    let starts = contexts[length - 2]
    while let context = unsafe starts.record, unsafe matches(context, record, length) {
      isFound = true
      try starts.advance()
    }
    let marked = blanks.contexts[length]
    while nextContext[length] < marked.count {
      let words = marked[nextContext[length]..<nextContext[length] + length]
      guard unsafe isSame(record, words) || !comes(record, before: words) else { break }
      if unsafe isSame(record, words) { isFound = true }
      nextContext[length] += length
    }
    return isFound
  }

  private func matches(
    _ first: UnsafePointer<UInt32>, _ second: UnsafePointer<UInt32>, _ count: Int
  ) -> Bool {
    (0..<count).allSatisfy { unsafe first[$0] == second[$0] }
  }

  /// Writes an entry; what it leads to begins where the next order has come.
  private mutating func add(_ length: Int, _ word: UInt32, _ logarithm: Float, _ backoff: Float) {
    let level = layout.levels[length - 2]
    var bit = written[length - 2] * level.totalBits
    put(UInt64(word), level, &bit, level.wordBits)
    if bins.isEmpty {
      put(UInt64(logarithm.bitPattern & 0x7fff_ffff), level, &bit, 31)
      if length < order { put(UInt64(backoff.bitPattern), level, &bit, 32) }
    } else {
      if let backoffs = bins[length - 2].backoffs {
        put(UInt64(backoffs.backoffNumber(backoff)), level, &bit, level.backoffBits)
      }
      put(UInt64(bins[length - 2].logarithms.number(logarithm)), level, &bit, level.probabilityBits)
    }
    if length < order { putNext(length) }
    written[length - 2] += 1
  }

  /// Writes where the entries below the next entry begin.
  private mutating func putNext(_ length: Int) {
    let level = layout.levels[length - 2]
    let next = written[length - 1]
    var bit = (written[length - 2] + 1) * level.totalBits - level.nextBits
    put(UInt64(next & (1 << level.nextBits - 1)), level, &bit, level.nextBits)
    guard level.offsetCount > 0 else { return }
    while offsets[length - 2] <= next >> level.nextBits {
      pages.store(UInt64(written[length - 2]), at: level.offsets + 8 * offsets[length - 2])
      offsets[length - 2] += 1
    }
  }

  /// Sets bits that were zero; at most 57.
  private func put(_ value: UInt64, _ level: NGramLayout.Level, _ bit: inout Int, _ count: Int) {
    let place = level.base + bit >> 3
    pages.store(pages.load(place, as: UInt64.self) | value << UInt64(bit & 7), at: place)
    bit += count
  }

  /// Writes the ends of the last entries, and the unknown word where the text lacks it.
  ///
  /// - Throws: `Fault` where an n-gram begins with words that are no n-gram.
  mutating func finish(unknown: Float?) throws(Fault) {
    for (place, starts) in contexts.enumerated() where unsafe starts.record != nil {
      throw reader.fault(
        "a \(place + 3)-gram's first \(place + 2) words are no \(place + 2)-gram of the model")
    }
    unigram(layout.unigrams.count / 16 - 2)
    for length in 2..<max(2, order) {
      putNext(length)
      guard layout.kind.hasPointerArrays else { continue }
      let start = layout.levels[length - 2].bytes.lowerBound
      pages.store(NGramLayout.pointerVersion, at: start)
      pages.store(UInt8(layout.bits.pointer), at: start + 1)
    }
    guard let unknown else { return }
    pages.store(unknown, at: layout.unigrams.lowerBound)
    pages.store(Float(0), at: layout.unigrams.lowerBound + 4)
  }
}
