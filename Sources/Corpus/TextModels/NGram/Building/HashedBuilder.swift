internal import CTextModels
import Ground

/// Builds hash tables from ARPA text, in memory, as KenLM's `build_binary probing` does.
///
/// Needs as much memory as the model is large. An n-gram whose last words are no n-gram of the text
/// gets them as blanks: entries with the probability that backing off gives, and no weight.
///
/// - SeeAlso: kpu/kenlm `lm/search_hashed.cc`.
final class HashedBuilder {
  private let reader: ArpaReader
  private let rules: ArpaRules
  private let header: NGramHeader
  private let layout: NGramLayout
  private let pages: WritablePages
  /// Filled buckets of each table from bigrams on.
  private var filled: [Int]
  private var words = Array("<unk>\0".utf8)
  /// The number of the next word.
  private var nextWord: UInt32 = 1
  private var hasUnknown = false
  /// The current n-gram's words, the last first, and the hashes of its ends, from two words on.
  private var ids: [UInt32]
  private var hashes: [UInt64]
  private var keys: [UInt64]

  /// A model of one word at a time is stored with empty tables for bigrams.
  init(_ reader: ArpaReader, _ rules: ArpaRules, multiplier: Float, hasWords: Bool) throws(Fault) {
    self.reader = reader
    self.rules = rules
    let counts = reader.counts + (reader.counts.count == 1 ? [0] : [])
    header = NGramHeader(
      kind: .probing, multiplier: multiplier, hasWords: hasWords, counts: counts.map(UInt64.init))
    guard let layout = NGramLayout(header, bits: NGramLayout.Bits()) else {
      throw reader.fault("more n-grams than memory can hold: \(counts)")
    }
    self.layout = layout
    pages = try WritablePages(count: layout.end, for: reader.path)
    filled = Array(repeating: 0, count: counts.count - 1)
    ids = Array(repeating: 0, count: counts.count)
    hashes = Array(repeating: 0, count: counts.count)
    keys = Array(repeating: 0, count: counts.count)
  }

  /// Reads the text to its end; gives the model's bytes.
  func build() throws(Fault) -> WritablePages {
    try readWords()
    for order in reader.counts.indices.dropFirst().map({ $0 + 1 }) {
      try reader.readHeading(order)
      for _ in 0..<reader.counts[order - 1] {
        try reader.readGram(order)
        try add(order)
      }
    }
    try reader.readEnd()
    if !hasUnknown {
      setWeights(0, rules.unknownLogarithm, backoff: 0)
    }
    pages.store(UInt32(0), at: layout.vocabulary.lowerBound)
    pages.store(nextWord, at: layout.vocabulary.lowerBound + 4)
    pages.write(header.bytes, at: 0)
    if header.hasWords {
      try pages.grow(to: layout.end + words.count, for: reader.path)
      pages.write(words, at: layout.end)
    }
    return pages
  }

  private func readWords() throws(Fault) {
    try reader.readHeading(1)
    for _ in 0..<reader.counts[0] {
      try reader.readGram(1)
      let hash = reader.hash(0)
      var word: UInt32 = 0
      if ArpaReader.unknownHashes.contains(hash) {
        hasUnknown = true
      } else {
        word = nextWord
        try insertWord(hash, word)
        nextWord += 1
        if header.hasWords {
          words += reader.word(0)
          words.append(0)
        }
      }
      setWeights(word, reader.line.logarithm, backoff: reader.line.backoff)
    }
    try reader.checkSpecials(hasUnknown: hasUnknown, rules) { findWord($0) != 0 }
  }

  private func setWeights(_ word: UInt32, _ logarithm: Float, backoff: Float) {
    pages.store(logarithm, at: unigram(word))
    pages.store(backoff, at: unigram(word) + 4)
  }

  private func unigram(_ word: UInt32) -> Int { layout.unigrams.lowerBound + 8 * Int(word) }

  private func add(_ order: Int) throws(Fault) {
    for place in 0..<order { hashes[order - 1 - place] = reader.hash(place) }
    for place in 0..<order {
      let word = findWord(hashes[place])
      guard word != 0 || ArpaReader.unknownHashes.contains(hashes[place]) else {
        throw reader.missingWord(order - 1 - place)
      }
      ids[place] = word
    }
    keys[0] = quipu_ngram_extended_hash(UInt64(ids[0]), ids[1])
    for place in 2..<max(2, order) {
      keys[place - 1] = quipu_ngram_extended_hash(keys[place - 2], ids[place])
    }
    let weights = try insert(keys[order - 2], order)
    pages.store(bits(reader.line.logarithm) | Self.sign, at: weights)
    if order < header.order { pages.store(reader.line.backoff, at: weights + 4) }
    try connect(order)
    try markContext(order)
  }

  /// Says in the entries of the n-gram's last words that they go on to the left, and makes those that
  /// are missing.
  private func connect(_ order: Int) throws(Fault) {
    // The longest end that is there; blanks for those between.
    var basis = order - 1
    var blanks: [Int] = []
    while basis > 1 {
      if let found = find(keys[basis - 2], basis) {
        if blanks.isEmpty { return clearSign(found) }
        blanks.append(found)
        break
      }
      blanks.append(try insert(keys[basis - 2], basis))
      basis -= 1
    }
    if basis == 1 { blanks.append(unigram(ids[0])) }
    if blanks.count == 1 { return clearSign(blanks[0]) }
    var logarithm = -abs(pages.load(blanks[blanks.count - 1], as: Float.self))
    var context = UInt64(ids[1])
    for length in 1..<order - 1 {
      if length > 1 { context = quipu_ngram_extended_hash(context, ids[length]) }
      guard length >= basis else { continue }
      if let place = length == 1 ? unigram(ids[1]) : find(context, length) {
        logarithm += setContext(place + 4)
      }
      let blank = blanks[blanks.count - 2 - (length - basis)]
      pages.store(logarithm, at: blank)
      pages.store(Float(-0.0), at: blank + 4)
    }
    for blank in blanks { clearSign(blank) }
  }

  /// Says in the entry of the n-gram's first words that something follows them.
  private func markContext(_ order: Int) throws(Fault) {
    guard order > 2 else {
      _ = setContext(unigram(ids[1]) + 4)
      return
    }
    var context = UInt64(ids[1])
    for place in 2..<order { context = quipu_ngram_extended_hash(context, ids[place]) }
    guard let place = find(context, order - 1) else {
      throw reader.fault(
        "the first \(order - 1) words of this \(order)-gram are no \(order - 1)-gram of the model")
    }
    _ = setContext(place + 4)
  }

  /// Makes a weight of zero a positive one; gives the weight.
  private func setContext(_ place: Int) -> Float {
    let weight = pages.load(place, as: Float.self)
    if weight == 0 { pages.store(Float(0), at: place) }
    return weight
  }

  /// A set sign says that no longer n-gram ends with these words.
  private func clearSign(_ place: Int) {
    pages.store(pages.load(place, as: UInt32.self) & ~Self.sign, at: place)
  }

  private static let sign: UInt32 = 0x8000_0000
  private func bits(_ value: Float) -> UInt32 { value.bitPattern }
}

/// The tables.
extension HashedBuilder {
  private func insertWord(_ hash: UInt64, _ word: UInt32) throws(Fault) {
    let start = layout.vocabulary.lowerBound + 8
    let buckets = (layout.vocabulary.count - 8) / NGramLayout.vocabularyStride
    let (place, isNew) = slot(hash, start, buckets, NGramLayout.vocabularyStride)
    guard isNew else {
      throw reader.fault(
        "the word \"\(String(decoding: reader.word(0), as: UTF8.self))\" comes twice")
    }
    pages.store(hash, at: place)
    pages.store(word, at: place + 8)
  }

  private func findWord(_ hash: UInt64) -> UInt32 {
    let start = layout.vocabulary.lowerBound + 8
    let buckets = (layout.vocabulary.count - 8) / NGramLayout.vocabularyStride
    let (place, isNew) = slot(hash, start, buckets, NGramLayout.vocabularyStride)
    return isNew ? 0 : pages.load(place + 8, as: UInt32.self)
  }

  private func stride(_ order: Int) -> Int {
    order == header.order ? NGramLayout.longestStride : NGramLayout.middleStride(.probing)
  }

  /// Where the weights of a new n-gram are to be stored.
  private func insert(_ key: UInt64, _ order: Int) throws(Fault) -> Int {
    let level = layout.levels[order - 2]
    filled[order - 2] += 1
    guard filled[order - 2] < level.count else {
      throw reader.fault(
        "the table of \(order)-grams is full: the text lacks many ends of longer n-grams; raise the multiplier"
      )
    }
    let place = slot(key, level.base, level.count, stride(order)).place
    pages.store(key, at: place)
    return place + 8
  }

  /// Where the weights of an n-gram are.
  private func find(_ key: UInt64, _ order: Int) -> Int? {
    let level = layout.levels[order - 2]
    let (place, isNew) = slot(key, level.base, level.count, stride(order))
    return isNew ? nil : place + 8
  }

  /// The bucket of a hash, or the empty one that it would take; every table has an empty one.
  @inline(__always)
  private func slot(
    _ key: UInt64, _ start: Int, _ buckets: Int, _ stride: Int
  ) -> (place: Int, isNew: Bool) {
    var bucket = Int(key % UInt64(buckets))
    while true {
      let place = start + bucket * stride
      let found = pages.load(place, as: UInt64.self)
      if found == key || found == 0 { return (place, found == 0) }
      bucket += 1
      if bucket == buckets { bucket = 0 }
    }
  }
}

extension ArpaReader {
  /// Sees to the words that every model needs.
  func checkSpecials(
    hasUnknown: Bool, _ rules: ArpaRules, _ isKnown: (UInt64) -> Bool
  ) throws(Fault) {
    if !hasUnknown {
      warn("The text lacks <unk>: its logarithm is taken to be \(rules.unknownLogarithm).")
    }
    for mark in ["<s>", "</s>"] {
      let hash = unsafe Array(mark.utf8).withUnsafeBufferPointer { unsafe NGramModel.hash($0) }
      if isKnown(hash) { continue }
      guard rules.allowsMissingMarks else { throw fault("\(mark) is not among the 1-grams") }
      warn("The text lacks \(mark): it is taken for an unknown word.")
    }
  }
}

/// Reads ARPA text into memory.
func hashedModel(
  reading path: String, _ rules: ArpaRules
) throws(Fault) -> (memory: NGramMemory, order: Int, warnings: [String]) {
  let reader = try ArpaReader(path: path, rules: rules)
  let builder = try HashedBuilder(reader, rules, multiplier: 1.5, hasWords: true)
  let pages = try builder.build()
  return (NGramMemory(pages, count: pages.count), reader.counts.count, reader.warnings)
}
