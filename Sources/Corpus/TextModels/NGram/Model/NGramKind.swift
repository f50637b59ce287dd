/// How an n-gram model is stored; the numbers are those of KenLM's files.
public enum NGramKind: UInt32, Sendable, CaseIterable {
  /// A hash table for each order: the fastest and the largest.
  case probing = 0
  /// The same, with a lower bound for n-grams that can grow to the left, which scoring does not need.
  case restProbing = 1
  /// Bit-packed sorted lists, each n-gram below the one without its first word.
  case trie = 2
  /// A trie whose weights are numbers of bins.
  case quantizedTrie = 3
  /// A trie whose pointers are stored in part, the rest as an array of where it grows.
  case arrayTrie = 4
  case quantizedArrayTrie = 5

  /// True where n-grams are found by hashing.
  public var isHashed: Bool { self == .probing || self == .restProbing }
  public var isQuantized: Bool { self == .quantizedTrie || self == .quantizedArrayTrie }
  public var hasPointerArrays: Bool { self == .arrayTrie || self == .quantizedArrayTrie }

  /// What KenLM calls it.
  public var name: String {
    switch self {
    case .probing: "probing hash tables"
    case .restProbing: "probing hash tables with rest costs"
    case .trie: "trie"
    case .quantizedTrie: "trie with quantization"
    case .arrayTrie: "trie with array-compressed pointers"
    case .quantizedArrayTrie: "trie with quantization and array-compressed pointers"
    }
  }

  /// The version of the tables that this code knows.
  var tableVersion: UInt32 { isHashed ? 0 : 1 }
}
