/// A model's shape and how it is trained, read from `Manifests/models/*.yaml`.
public struct ModelManifest: Sendable, Equatable {
  public var name: String
  public var shape: ModelShape
  public var training: TrainingRecipe

  /// Reads the manifest at `path`.
  public init(path: String) throws(ManifestError) {
    try self.init(yaml: contents(of: path), file: path)
  }

  /// Reads a manifest's text; `file` is the name that errors give.
  public init(yaml: String, file: String) throws(ManifestError) {
    let root = try parse(yaml: yaml, file: file).section(keys: ["name", "model", "training"])
    name = try root.required("name").text()
    shape = try ModelShape(root.required("model"))
    training = try TrainingRecipe(root.required("training"), context: shape.context)
  }

  /// Stable bytes of the whole manifest, to be hashed.
  public var canonical: [UInt8] {
    Canonical.fields([
      "name": .text(name), "model": shape.canonicalValue, "training": training.canonicalValue,
    ]).bytes
  }
}

/// The numbers of a LLaMA model.
public struct ModelShape: Sendable, Equatable {
  public var dim: Int
  public var layers: Int
  public var heads: Int
  /// Divides `heads`; equal to it in LLaMA-1.
  public var keyValueHeads: Int
  /// The width of the feed-forward layer.
  public var hidden: Int
  /// Tokens of a training sequence.
  public var context: Int
  public var vocabularySize: Int
  public var normEpsilon: Double
  public var ropeTheta: Double

  /// Weights in total; embedding and output are not tied.
  public var parameters: Int {
    let keyValue = dim / heads * keyValueHeads
    let attention = 2 * dim * dim + 2 * dim * keyValue
    return 2 * vocabularySize * dim + layers * (attention + 3 * dim * hidden + 2 * dim) + dim
  }
}

extension ModelShape {
  static let keys = [
    "dim", "layers", "heads", "key-value-heads", "hidden", "context", "vocabulary-size",
    "norm-epsilon", "rope-theta",
  ]

  init(_ value: YAMLValue) throws(ManifestError) {
    let section = try value.section(keys: Self.keys)
    dim = try section.required("dim").integer(in: 2...65_536)
    layers = try section.required("layers").integer(in: 1...1000)
    heads = try section.required("heads").integer(in: 1...1024)
    keyValueHeads = try section["key-value-heads"]?.integer(in: 1...1024) ?? heads
    // The released code: 2/3 of 4 dim, rounded up to a multiple of 256.
    hidden = try section["hidden"]?.integer(in: 1...1_048_576) ?? (8 * dim / 3 + 255) / 256 * 256
    context = try section["context"]?.integer(in: 2...1_048_576) ?? 2048
    vocabularySize = try section["vocabulary-size"]?.integer(in: 2...1_000_000) ?? 32_000
    normEpsilon = try section["norm-epsilon"]?.number(in: 1e-12...0.1) ?? 1e-6
    ropeTheta = try section["rope-theta"]?.number(in: 1...1e9) ?? 10_000
    guard dim % heads == 0, dim / heads % 2 == 0 else {
      throw value.error(
        "\(value.path).dim is \(dim); it must be an even multiple of heads, \(heads)")
    }
    guard heads % keyValueHeads == 0 else {
      throw value.error(
        "\(value.path).key-value-heads is \(keyValueHeads); it must divide heads, \(heads)")
    }
  }

  var canonicalValue: Canonical {
    .fields([
      "dim": .integer(dim), "layers": .integer(layers), "heads": .integer(heads),
      "key-value-heads": .integer(keyValueHeads), "hidden": .integer(hidden),
      "context": .integer(context), "vocabulary-size": .integer(vocabularySize),
      "norm-epsilon": .number(normEpsilon), "rope-theta": .number(ropeTheta),
    ])
  }
}
