internal import CTextModels
public import Ground

/// An n-gram language model as KenLM keeps it: ARPA text, or a binary of any of KenLM's six kinds.
///
/// A binary is mapped, not read: opening costs no memory, and all workers share its pages. ARPA text,
/// plain or compressed, is read into hash tables in memory. A model never changes; scoring takes a
/// scratch for each worker.
///
/// Weights are taken as they stand in a binary: where one is NaN or infinite, so is every score that
/// it enters. ARPA text with such a weight is refused, but for the probability `-inf`.
///
/// - SeeAlso: Heafield 2011, "KenLM: Faster and Smaller Language Model Queries".
@safe public final class NGramModel: Sendable {
  public let path: String
  public let kind: NGramKind
  /// The longest n-grams; a word is conditioned on so many words less one.
  public let order: Int
  /// N-grams of each order, from 1 on.
  public let counts: [Int]
  /// Every word number is below; 0 is the unknown word.
  public let wordCount: Int
  /// The numbers of `<s>` and `</s>`; 0 where the model lacks them.
  public let begin: UInt32
  public let end: UInt32
  /// What was done in spite of an ARPA file's flaws, as sentences.
  public let warnings: [String]
  /// True where the model was read from ARPA text.
  public let isText: Bool

  let layout: NGramLayout
  let header: NGramHeader
  let memory: NGramMemory
  nonisolated(unsafe) let tables: UnsafeMutablePointer<quipu_ngram_model>

  /// Opens a model file, whatever its kind; `rules` say what ARPA text may lack.
  ///
  /// - Throws: `Fault` where the file is foreign, damaged, of another version, or shorter than it says.
  /// - Complexity: O(1) and the strings of the words for a binary; O(size) for text.
  public convenience init(path: String, rules: ArpaRules = ArpaRules()) throws(Fault) {
    if NGramHeader.isBinary(try firstBytes(of: path, count: 8)) {
      let memory = try NGramMemory(MappedFile(path: path))
      try self.init(path: path, memory, isText: false, warnings: [])
    } else {
      let text = try hashedModel(reading: path, rules)
      try self.init(
        path: path, text.memory, isText: true, warnings: text.warnings, order: text.order)
    }
  }

  /// `order` is that of the text; its tables hold bigrams even where it has none.
  private init(
    path: String, _ memory: NGramMemory, isText: Bool, warnings: [String], order: Int? = nil
  ) throws(Fault) {
    let bytes = unsafe memory.bytes
    let header = try unsafe NGramHeader(reading: bytes, path: path)
    let layout = try unsafe NGramLayout(header, reading: bytes, path: path)
    self.path = path
    self.isText = isText
    self.warnings = warnings
    self.memory = memory
    self.layout = layout
    self.header = header
    kind = header.kind
    self.order = order ?? header.order
    counts = header.counts.prefix(self.order).map { Int($0) }
    wordCount = try unsafe Self.wordCount(header, layout, bytes, path)
    let tables = UnsafeMutablePointer<quipu_ngram_model>.allocate(capacity: 1)
    unsafe tables.initialize(to: quipu_ngram_model(header, layout, memory, words: wordCount))
    unsafe self.tables = tables
    begin = Self.find("<s>", layout, memory)
    end = Self.find("</s>", layout, memory)
    if header.hasWords { try checkWords() }
  }

  deinit {
    for place in 0..<header.order - 1 {
      unsafe quipu_ngram_level_at(tables, CInt(place)).pointee.offset_index?.deallocate()
    }
    unsafe tables.deallocate()
  }

  /// How many words the vocabulary says it has; never more than there are weights for.
  private static func wordCount(
    _ header: NGramHeader, _ layout: NGramLayout, _ bytes: UnsafeRawBufferPointer, _ path: String
  ) throws(Fault) -> Int {
    let place = layout.vocabulary.lowerBound
    let weights = Int(header.counts[0])
    if header.kind.isHashed {
      let version = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt32.self)
      guard version == 0 else {
        throw Fault(
          path, at: UInt64(place), .malformed("version \(version) of the vocabulary; this reads 0"))
      }
      let bound = unsafe Int(bytes.loadUnaligned(fromByteOffset: place + 4, as: UInt32.self))
      guard (1...weights + 1).contains(bound) else {
        throw Fault(
          path, at: UInt64(place + 4),
          .malformed("a vocabulary of \(bound) words, but weights for \(weights)"))
      }
      return bound
    }
    let known = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
    guard known < weights else {
      throw Fault(
        path, at: UInt64(place),
        .malformed("a vocabulary of \(known) words beside <unk>, but weights for \(weights)"))
    }
    return Int(known) + 1
  }
}

extension quipu_ngram_model {
  /// The addresses and widths that lookups need.
  fileprivate init(
    _ header: NGramHeader, _ layout: NGramLayout, _ memory: NGramMemory, words: Int
  ) {
    let base = unsafe memory.base.assumingMemoryBound(to: UInt8.self)
    unsafe self.init()
    unsafe self.layout = header.kind.isHashed ? quipu_ngram_hashed : quipu_ngram_sorted
    unsafe order = CInt(header.order)
    unsafe unigrams = base + layout.unigrams.lowerBound
    unsafe unigram_stride = UInt64(NGramLayout.unigramStride(header.kind))
    unsafe self.words = UInt64(words)
    var table = unsafe base + layout.quantizer.lowerBound + 8
    for (place, part) in layout.levels.enumerated() {
      let isLongest = place + 2 == header.order
      var level = unsafe quipu_ngram_level()
      unsafe level.base = unsafe base + part.base
      unsafe level.count = UInt64(part.count)
      unsafe level.reciprocal = UInt64.max / UInt64(max(1, part.count))
      unsafe level.stride = UInt64(
        isLongest ? NGramLayout.longestStride : NGramLayout.middleStride(header.kind))
      unsafe level.next_count = isLongest ? 0 : header.counts[place + 2]
      unsafe level.word_bits = UInt8(part.wordBits)
      unsafe level.probability_bits = UInt8(part.probabilityBits)
      unsafe level.backoff_bits = UInt8(part.backoffBits)
      unsafe level.next_bits = UInt8(part.nextBits)
      unsafe level.total_bits = UInt8(part.totalBits)
      if header.kind.isQuantized {
        unsafe level.probabilities = unsafe UnsafePointer(table)
        unsafe table += 4 << part.probabilityBits
        unsafe level.backoffs = unsafe UnsafePointer(table)
        unsafe table += isLongest ? 0 : 4 << part.backoffBits
      }
      if part.offsetCount > 0 {
        unsafe level.offsets = unsafe base + part.offsets
        unsafe level.offset_count = UInt64(part.offsetCount)
        // About two places for each offset, so that few are passed over from there.
        var shift = 0
        while part.count >> shift > 2 * part.offsetCount { shift += 1 }
        unsafe level.index_shift = UInt8(shift)
        let index = UnsafeMutablePointer<UInt32>.allocate(capacity: part.count >> shift + 1)
        unsafe quipu_ngram_index_offsets(&level, index)
        unsafe level.offset_index = UnsafePointer(index)
      }
      unsafe quipu_ngram_level_at(&self, CInt(place)).pointee = unsafe level
    }
  }
}
