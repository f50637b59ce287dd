import Documents
import Ground
import Ledger
import Manifest
import Shards
import Tokenizer

/// The kept documents of one unit → tokens, each document with its marks, and the ids beside them.
struct TokensUnit: UnitOfWork {
  let stage = "tokens"
  let key: String
  let documents: KeptDocuments
  let input: String
  let tokenizer: LoadedTokenizer
  let shards: ShardRecipe

  var source: String { documents.source }

  init(
    _ documents: KeptDocuments, input: String, tokenizer: LoadedTokenizer, shards: ShardRecipe
  ) {
    self.documents = documents
    self.input = input
    self.tokenizer = tokenizer
    self.shards = shards
    var key = Key(stage: stage, version: 1)
    key.add(documents.unit)
    key.add(documents.duplicates.key)
    key.add("\(documents.index)")
    key.add(tokenizer.digest)
    key.add("\(shards.beginsDocuments) \(shards.endsDocuments)")
    self.key = key.text
  }

  func run(in work: WorkFolder) throws -> Commit {
    let stem = WorkFolder.tokens(source, key)
    let encoder = tokenizer.encoder
    let width = TokenWidth(vocabulary: encoder.count)
    let marks = try tokenizer.marks(shards)
    var writer = try ShardWriter(path: work.prepared(stem), width: width, end: marks.end)
    var ids = try AtomicFile(path: work(stem + ".ids"))
    var scratch = EncoderScratch()
    var encoded: [Int32] = []
    var tokens: [UInt32] = []
    var tally = Tally()
    try documents.forEach(in: work) { document in
      encoded.removeAll(keepingCapacity: true)
      encoder.encode(document.text, into: &encoded, scratch: &scratch)
      tokens.removeAll(keepingCapacity: true)
      if let begin = marks.begin { tokens.append(begin) }
      for token in encoded { tokens.append(UInt32(bitPattern: token)) }
      try writer.write(tokens)
      try ids.write(document.id.bytes)
      tally.keep(bytes: document.text.count)
    } dropped: {
      tally.drop($0)
    }
    try ids.commit()
    let summary = try writer.commit()
    var commit = begunCommit
    commit.counts = tally.counts + [.init("tokens", summary.tokens)]
    for end in [".bin", ".idx", ".ids"] { try commit.add(artifact: stem + end, in: work) }
    return commit
  }
}

/// A tokenizer in memory, with what names it.
struct LoadedTokenizer: Sendable {
  var encoder: TokenEncoder
  /// SHA-256 of the model file.
  var digest: String

  init(path: String) throws(Fault) {
    encoder = try TokenEncoder(TokenizerModel(path: path), file: path)
    digest = try sha256(file: path)
  }

  /// The tokens that the recipe wants around each document.
  func marks(_ recipe: ShardRecipe) throws(Fault) -> (begin: UInt32?, end: UInt32?) {
    (
      recipe.beginsDocuments ? try mark(encoder.beginID, "beginning") : nil,
      recipe.endsDocuments ? try mark(encoder.endID, "end") : nil
    )
  }

  private func mark(_ id: Int32?, _ name: String) throws(Fault) -> UInt32 {
    guard let id, id >= 0 else {
      throw Fault(
        WorkFolder.tokenizer, at: 0,
        .unusable("the tokenizer has no token for the \(name) of a document"))
    }
    return UInt32(id)
  }
}

extension Hash128 {
  /// Sixteen bytes, most significant first.
  var bytes: [UInt8] {
    [high, low].flatMap { word in
      stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
    }
  }

  init(bytes: some Collection<UInt8>) {
    let words = [bytes.prefix(8), bytes.dropFirst(8)].map { $0.reduce(0) { $0 << 8 | UInt64($1) } }
    self.init(high: words[0], low: words[1])
  }
}
