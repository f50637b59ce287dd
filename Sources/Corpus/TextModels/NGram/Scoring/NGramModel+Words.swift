internal import CTextModels
import Glibc
import Ground

extension NGramModel {
  /// The number of a word; 0 where the model does not know it.
  ///
  /// - Complexity: O(length of the word).
  public func wordID(_ word: Span<UInt8>) -> UInt32 {
    let hash = unsafe word.withUnsafeBufferPointer { unsafe Self.hash($0) }
    return Self.find(hash, layout, memory)
  }

  public func wordID(_ word: some Collection<UInt8>) -> UInt32 { wordID(Array(word).span) }

  /// The hash by which KenLM knows a word.
  static func hash(_ word: UnsafeBufferPointer<UInt8>) -> UInt64 {
    guard let base = word.baseAddress else { return 0 }
    return unsafe quipu_ngram_word_hash(base, word.count)
  }

  static func find(
    _ word: String, _ layout: NGramLayout, _ memory: NGramMemory
  ) -> UInt32 {
    let hash = unsafe Array(word.utf8).withUnsafeBufferPointer { unsafe Self.hash($0) }
    return find(hash, layout, memory)
  }

  private static func find(
    _ hash: UInt64, _ layout: NGramLayout, _ memory: NGramMemory
  ) -> UInt32 {
    var hash = hash
    var word: UInt32 = 0
    unsafe find(&hash, count: 1, into: &word, layout, memory)
    return word
  }

  /// The numbers of words, by their hashes.
  static func find(
    _ hashes: UnsafePointer<UInt64>, count: Int, into words: UnsafeMutablePointer<UInt32>,
    _ layout: NGramLayout, _ memory: NGramMemory
  ) {
    let start =
      unsafe memory.base.assumingMemoryBound(to: UInt8.self) + layout.vocabulary.lowerBound
    if layout.kind.isHashed {
      let bound = unsafe memory.base.loadUnaligned(
        fromByteOffset: layout.vocabulary.lowerBound + 4, as: UInt32.self)
      let buckets = UInt64((layout.vocabulary.count - 8) / NGramLayout.vocabularyStride)
      unsafe quipu_ngram_find_hashed(
        start + 8, buckets, .max / buckets, bound, hashes, count, words)
    } else {
      let known = unsafe memory.base.loadUnaligned(
        fromByteOffset: layout.vocabulary.lowerBound, as: UInt64.self)
      unsafe quipu_ngram_find_sorted(start + 8, known, hashes, count, words)
    }
  }

  /// True where the file holds the strings of its words.
  public var hasWords: Bool { header.hasWords }

  /// Every word by its number, the unknown one first; empty where the file lacks them.
  ///
  /// - Complexity: O(size of the strings).
  public func words() -> [[UInt8]] {
    guard hasWords else { return [] }
    return unsafe memory.bytes[layout.end...].dropLast().split(
      separator: 0, omittingEmptySubsequences: false
    ).map { unsafe Array($0) }
  }

  /// Compares the strings with what the vocabulary says.
  func checkWords() throws(Fault) {
    let strings = unsafe memory.bytes[layout.end...]
    guard unsafe strings.starts(with: Array("<unk>\0".utf8)) else {
      throw Fault(
        path, at: UInt64(layout.end),
        .malformed("the words do not begin with <unk>: the counts of n-grams are wrong"))
    }
    var found = 0
    var place = layout.end
    while place < memory.count {
      let rest = unsafe memory.base + place
      guard let hit = unsafe memchr(rest, 0, memory.count - place) else {
        throw Fault(
          path, at: UInt64(place), .truncated(expected: memory.count + 1, found: memory.count))
      }
      place += unsafe (UnsafeRawPointer(hit) - rest) + 1
      found += 1
    }
    guard found == wordCount else {
      throw Fault(
        path, at: UInt64(layout.end),
        .malformed("\(found) words are listed, but the vocabulary has \(wordCount)"))
    }
  }
}
