/// What a person asks of a language model's file.
public struct NGramSummary: Equatable, Sendable {
  /// A part of the file, or of the memory that ARPA text was read into.
  public struct Part: Equatable, Sendable {
    public var name: String
    public var bytes: Int
  }

  public var kind: NGramKind
  /// True where the file is ARPA text, which was read into hash tables.
  public var isText: Bool
  public var order: Int
  /// N-grams of each order, from 1 on; with the blanks that a trie has.
  public var counts: [Int]
  /// Words with the unknown one.
  public var words: Int
  /// True where the words' strings are there.
  public var hasWords: Bool
  /// Buckets of a hash table for each n-gram; nil for a trie.
  public var multiplier: Float?
  /// Bits of logarithms and of weights for backing off; nil where they are floats.
  public var probabilityBits: Int?
  public var backoffBits: Int?
  /// The most bits of a pointer that an array may stand for; nil without arrays.
  public var pointerBits: Int?
  /// True where n-grams have a bound of what is to their left besides their weights.
  public var hasRestCosts: Bool
  public var parts: [Part]
  /// All parts together.
  public var bytes: Int { parts.reduce(0) { $0 + $1.bytes } }
}

extension NGramModel {
  /// What is in the file.
  public var summary: NGramSummary {
    var parts = [
      NGramSummary.Part(name: "header", bytes: layout.header.count),
      NGramSummary.Part(name: "vocabulary", bytes: layout.vocabulary.count),
    ]
    if kind.isQuantized {
      parts.append(NGramSummary.Part(name: "quantization", bytes: layout.quantizer.count))
    }
    parts.append(NGramSummary.Part(name: "1-grams", bytes: layout.unigrams.count))
    for (place, level) in layout.levels.enumerated() where place + 2 <= order {
      parts.append(NGramSummary.Part(name: "\(place + 2)-grams", bytes: level.bytes.count))
    }
    let strings = memory.count - layout.end
    if strings > 0 { parts.append(NGramSummary.Part(name: "strings of words", bytes: strings)) }
    return NGramSummary(
      kind: kind, isText: isText, order: order, counts: counts, words: wordCount,
      hasWords: hasWords, multiplier: kind.isHashed ? header.multiplier : nil,
      probabilityBits: kind.isQuantized ? layout.bits.probability : nil,
      backoffBits: kind.isQuantized ? layout.bits.backoff : nil,
      pointerBits: kind.hasPointerArrays && order > 2 ? layout.bits.pointer : nil,
      hasRestCosts: kind == .restProbing, parts: parts)
  }
}
