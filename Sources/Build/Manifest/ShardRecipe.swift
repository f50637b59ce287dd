/// How tokens are cut into shards.
public struct ShardRecipe: Sendable, Equatable {
  /// Tokens in a shard, about; 100 million is the size of llm.c's.
  public var tokens = 100_000_000
  /// The share of documents that is set aside, never to be trained on.
  public var validation = 0.001
  /// A BOS token before each document.
  public var beginsDocuments = false
  /// An EOS token after each document.
  public var endsDocuments = true

  public init() {}

  /// Stable bytes of these choices, to be hashed.
  public var canonical: [UInt8] { canonicalValue.bytes }
}

extension ShardRecipe {
  static let keys = ["tokens", "validation", "begin-of-document", "end-of-document"]

  init(_ value: YAMLValue) throws(ManifestError) {
    let section = try value.section(keys: Self.keys)
    tokens = try section["tokens"]?.integer(in: 1000...(1 << 40)) ?? tokens
    validation = try section["validation"]?.number(in: 0...0.5) ?? validation
    if let begin = section["begin-of-document"] {
      beginsDocuments = try begin.choice(of: ["bos", "none"]) == "bos"
    }
    if let end = section["end-of-document"] {
      endsDocuments = try end.choice(of: ["eos", "none"]) == "eos"
    }
    guard beginsDocuments || endsDocuments else {
      throw value.error(
        "\(value.path): documents would run into one another; "
          + "set begin-of-document: bos or end-of-document: eos")
    }
  }

  var canonicalValue: Canonical {
    .fields([
      "tokens": .integer(tokens), "validation": .number(validation),
      "begin-of-document": .text(beginsDocuments ? "bos" : "none"),
      "end-of-document": .text(endsDocuments ? "eos" : "none"),
    ])
  }
}
