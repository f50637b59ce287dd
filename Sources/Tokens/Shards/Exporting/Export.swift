public import Ground

/// Token files of other trainers that shards can be rewritten as.
public enum ExportFormat: String, Sendable, CaseIterable {
  /// Files for llm.c and modded-nanogpt: 1024-byte header, then tokens.
  case llmc
  /// Files of datatrove: bare tokens, with `.index` and `.metadata` beside them.
  case datatrove
  /// A folder of MosaicML streaming.
  case mds
  /// One NumPy array.
  case npy
}

/// What stands around each document in an export; shards have an end token after each.
public struct Framing: Hashable, Sendable {
  /// A token put before each document, as llm.c expects.
  public var before: UInt32?
  /// A token taken away where a document ends with it.
  public var without: UInt32?

  public init(before: UInt32? = nil, without: UInt32? = nil) {
    self.before = before
    self.without = without
  }

  /// Documents as they lie in the shard.
  public static let unchanged = Framing()
}

/// Documents of many shards one after the other, framed.
struct FramedDocuments {
  let shards: [ShardReader]
  let framing: Framing

  var width: TokenWidth { shards.contains { $0.width == .four } ? .four : .two }

  /// Calls `body` with each document in turn.
  func forEach(_ body: ([UInt32]) throws(Fault) -> Void) throws(Fault) {
    var tokens: [UInt32] = []
    for shard in shards {
      for document in 0..<shard.documentCount {
        tokens.removeAll(keepingCapacity: true)
        if let before = framing.before { tokens.append(before) }
        let range = shard.tokenRange(ofDocument: document)
        shard.append(range, to: &tokens)
        if let without = framing.without, !range.isEmpty, tokens.last == without {
          tokens.removeLast()
        }
        try body(tokens)
      }
    }
  }

  /// Tokens of all documents, framed.
  func count() throws(Fault) -> Int {
    if framing == .unchanged { return shards.reduce(0) { $0 + $1.tokenCount } }
    var count = 0
    try forEach { (tokens) throws(Fault) in count += tokens.count }
    return count
  }
}

/// Little-endian tokens on their way into a file.
struct TokenBytes {
  let width: TokenWidth
  private(set) var bytes: [UInt8] = []

  init(width: TokenWidth) { self.width = width }

  mutating func replace(with tokens: ArraySlice<UInt32>) {
    bytes.removeAll(keepingCapacity: true)
    for token in tokens {
      switch width {
      case .two: bytes.append(littleEndian: UInt16(truncatingIfNeeded: token))
      case .four: bytes.append(littleEndian: token)
      }
    }
  }
}

/// Rewrites shards as another trainer's files.
///
/// - Parameters:
///   - shards: Read one after the other.
///   - format: Whose files.
///   - folder: Made if it is not there.
///   - name: The beginning of the files' names.
///   - split: Part of the files' names.
///   - framing: What stands around each document.
///   - tokensPerFile: Only for llm.c, whose files hold less than 2³¹ tokens; 10⁸ is its own choice.
/// - Returns: The paths written.
/// - Throws: `Fault` where a file cannot be written or a framing token does not fit.
@discardableResult
public func export(
  _ shards: [ShardReader], as format: ExportFormat, to folder: String, name: String,
  split: Split = .train, framing: Framing = .unchanged, tokensPerFile: Int = 100_000_000
) throws(Fault) -> [String] {
  let documents = FramedDocuments(shards: shards, framing: framing)
  if let before = framing.before, before > documents.width.largest {
    throw Fault(folder, at: 0, .unusable("token \(before) does not fit the shards' element type"))
  }
  try makeFolder(folder)
  let stem = "\(folder)/\(name)"
  return switch format {
  case .llmc: try exportLLMC(documents, to: stem, split: split, tokensPerFile: tokensPerFile)
  case .datatrove: try exportDatatrove(documents, to: "\(stem)_\(split.rawValue)", name: name)
  case .mds: try exportMDS(documents, to: "\(stem)_\(split.rawValue)")
  case .npy: try exportNPY(documents, to: "\(stem)_\(split.rawValue).npy")
  }
}
