/// Where the tokenizer comes from: a ready model, or training on a sample of the mix.
public enum TokenizerRecipe: Sendable, Equatable {
  /// A SentencePiece model file, by a path relative to the inputs folder.
  case model(path: String)
  case train(TokenizerTraining)

  /// Stable bytes of this choice, to be hashed together with a ready model's digest.
  public var canonical: [UInt8] { canonicalValue.bytes }
}

/// SentencePiece's settings; the defaults are LLaMA's, read from its published model file.
public struct TokenizerTraining: Sendable, Equatable {
  public var vocabularySize = 32_000
  /// The share of characters that become pieces; the rest is spelled in bytes.
  public var characterCoverage = 0.99995
  /// Bytes of text that are sampled from the mix.
  public var sample = 10_000_000_000
  /// Bytes; longer lines are passed over.
  public var maxSentenceLength = 4192
  /// Characters.
  public var maxPieceLength = 16
  public var splitDigits = true
  public var byteFallback = true
  public var whitespaceOnlyPieces = true
  /// Puts a blank before each text.
  public var dummyPrefix = true
  /// Gives pieces of blanks alone the score -1e9, as in the published model: they merge last.
  public var whitespaceLast = true

  public init() {}
}

extension TokenizerRecipe {
  static let keys = [
    "model", "vocabulary-size", "character-coverage", "sample", "max-sentence-length",
    "max-piece-length", "split-digits", "byte-fallback", "whitespace-only-pieces", "dummy-prefix",
    "whitespace-last",
  ]

  init(_ value: YAMLValue) throws(ManifestError) {
    let section = try value.section(keys: Self.keys)
    if let model = section["model"] {
      if let other = section.entries.first(where: { $0.key != "model" }) {
        throw other.value.error("\(other.value.path) has no meaning beside \(model.path)")
      }
      self = .model(path: try model.text())
      return
    }
    var training = TokenizerTraining()
    training.vocabularySize =
      try section["vocabulary-size"]?.integer(in: 300...1_000_000) ?? training.vocabularySize
    training.characterCoverage =
      try section["character-coverage"]?.number(in: 0.5...1) ?? training.characterCoverage
    training.sample = try section["sample"]?.bytes() ?? training.sample
    training.maxSentenceLength =
      try section["max-sentence-length"]?.integer(in: 1...(1 << 30)) ?? training.maxSentenceLength
    training.maxPieceLength =
      try section["max-piece-length"]?.integer(in: 1...512) ?? training.maxPieceLength
    training.splitDigits = try section["split-digits"]?.flag() ?? training.splitDigits
    training.byteFallback = try section["byte-fallback"]?.flag() ?? training.byteFallback
    training.whitespaceOnlyPieces =
      try section["whitespace-only-pieces"]?.flag() ?? training.whitespaceOnlyPieces
    training.dummyPrefix = try section["dummy-prefix"]?.flag() ?? training.dummyPrefix
    training.whitespaceLast = try section["whitespace-last"]?.flag() ?? training.whitespaceLast
    self = .train(training)
  }

  var canonicalValue: Canonical {
    switch self {
    case .model(let path): .fields(["model": .text(path)])
    case .train(let training):
      .fields([
        "vocabulary-size": .integer(training.vocabularySize),
        "character-coverage": .number(training.characterCoverage),
        "sample": .integer(training.sample),
        "max-sentence-length": .integer(training.maxSentenceLength),
        "max-piece-length": .integer(training.maxPieceLength),
        "split-digits": .flag(training.splitDigits),
        "byte-fallback": .flag(training.byteFallback),
        "whitespace-only-pieces": .flag(training.whitespaceOnlyPieces),
        "dummy-prefix": .flag(training.dummyPrefix),
        "whitespace-last": .flag(training.whitespaceLast),
      ])
    }
  }
}
