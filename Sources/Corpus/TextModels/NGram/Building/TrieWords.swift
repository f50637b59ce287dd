internal import CTextModels
import Ground

/// The vocabulary of a trie: words are numbered by the order of their hashes.
struct TrieWords {
  /// Ascending; word i + 1 has hash i.
  private(set) var hashes: [UInt64] = []
  /// By number, the unknown word first.
  private(set) var logarithms: [Float] = [0]
  private(set) var backoffs: [Float] = [0]
  private(set) var hasUnknown = false
  /// The words' strings by number, each with a zero behind it.
  private(set) var strings = Array("<unk>\0".utf8)

  /// Words with the unknown one.
  var count: Int { logarithms.count }

  /// Reads the unigrams.
  init(_ reader: ArpaReader, _ rules: ArpaRules, hasStrings: Bool) throws(Fault) {
    try reader.readHeading(1)
    var unsorted: [UInt64] = []
    var weights: [(Float, Float)] = []
    var text: [UInt8] = []
    var starts: [Int] = []
    for _ in 0..<reader.counts[0] {
      try reader.readGram(1)
      let hash = reader.hash(0)
      if ArpaReader.unknownHashes.contains(hash) {
        hasUnknown = true
        (logarithms[0], backoffs[0]) = (reader.line.logarithm, reader.line.backoff)
        continue
      }
      unsorted.append(hash)
      weights.append((reader.line.logarithm, reader.line.backoff))
      guard hasStrings else { continue }
      starts.append(text.count)
      text += reader.word(0)
      text.append(0)
    }
    starts.append(text.count)
    let order = unsorted.indices.sorted { unsorted[$0] < unsorted[$1] }
    hashes.reserveCapacity(order.count)
    for old in order {
      if hashes.last == unsorted[old] {
        let word = hasStrings ? text[starts[old]..<starts[old + 1] - 1] : []
        throw reader.fault("the word \"\(String(decoding: word, as: UTF8.self))\" comes twice")
      }
      hashes.append(unsorted[old])
      logarithms.append(weights[old].0)
      backoffs.append(weights[old].1)
      if hasStrings { strings += text[starts[old]..<starts[old + 1]] }
    }
    try reader.checkSpecials(hasUnknown: hasUnknown, rules) { find($0) != 0 }
  }

  /// The number of a word; 0 where it is unknown.
  func find(_ hash: UInt64) -> UInt32 {
    var word: UInt32 = 0
    var key = hash
    unsafe hashes.withUnsafeBytes { list in
      guard let start = list.baseAddress else { return }
      unsafe quipu_ngram_find_sorted(
        start.assumingMemoryBound(to: UInt8.self), UInt64(hashes.count), &key, 1, &word)
    }
    return word
  }

  /// Says that something follows a word.
  mutating func markContext(_ word: Int) {
    if backoffs[word] == 0 { backoffs[word] = 0 }
  }
}
