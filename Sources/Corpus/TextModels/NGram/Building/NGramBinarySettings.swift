/// What kind of KenLM binary to build; names and defaults are those of KenLM's `build_binary`.
public struct NGramBinarySettings: Equatable, Sendable {
  public enum Structure: String, Sendable, CaseIterable {
    /// Hash tables: fast and large.
    case probing
    /// Sorted lists: smaller, slower.
    case trie
  }

  public var structure = Structure.probing
  /// `-p`: buckets of a hash table for each n-gram; above 1.
  public var multiplier: Float = 1.5
  /// `-q`: bits of a logarithm in a trie, 1 to 25; nil to keep it whole.
  public var probabilityBits: Int?
  /// `-b`: bits of a weight for backing off, 2 to 25; as `probabilityBits` where it is nil.
  public var backoffBits: Int?
  /// `-a`: the most bits of a trie's pointers that an array may stand for, 0 to 255; nil for no array.
  public var pointerBits: Int?
  /// Keep the strings of the words; `-v` leaves them out.
  public var includesWords = true
  /// `-S`: bytes that sorting a trie's n-grams may use; what is beyond goes to a file beside the output.
  public var memory = 1 << 30
  public var rules = ArpaRules()

  public init(_ structure: Structure = .probing) { self.structure = structure }

  var kind: NGramKind {
    switch (structure, probabilityBits != nil, pointerBits != nil) {
    case (.probing, _, _): .probing
    case (.trie, false, false): .trie
    case (.trie, true, false): .quantizedTrie
    case (.trie, false, true): .arrayTrie
    case (.trie, true, true): .quantizedArrayTrie
    }
  }

  var bits: NGramLayout.Bits {
    NGramLayout.Bits(
      probability: probabilityBits ?? 0, backoff: backoffBits ?? probabilityBits ?? 0,
      pointer: pointerBits ?? 0)
  }

  /// Why no model can be built so; nil where one can.
  public var objection: String? {
    if structure == .probing {
      if !(multiplier > 1 && multiplier < 1000) { return "the probing multiplier must be above 1" }
      let isPlain = probabilityBits == nil && backoffBits == nil && pointerBits == nil
      return isPlain ? nil : "only tries can be quantised or have pointer arrays"
    }
    if probabilityBits == nil && backoffBits != nil {
      return "bits of backing off need bits of probability"
    }
    if probabilityBits != nil {
      if !(1...25).contains(bits.probability) { return "bits of probability are 1 to 25" }
      if !(2...25).contains(bits.backoff) { return "bits of backing off are 2 to 25" }
    }
    return (0...255).contains(bits.pointer) ? nil : "bits of pointers are 0 to 255"
  }
}
