public import Ground

/// The sizes of a LLaMA: all that its tensors and its arithmetic depend on.
public struct LlamaConfig: Equatable, Sendable {
  public var vocabularySize: Int
  /// Channels of the residual stream.
  public var dim: Int
  public var layers: Int
  public var heads: Int
  /// Heads of keys and values; as many as `heads` in LLaMA-1.
  public var keyValueHeads: Int
  /// Channels between the two products of the feed-forward part.
  public var hiddenDim: Int
  /// Positions that a sequence may have.
  public var context: Int
  /// 1e-6 as in the `params.json` of the published LLaMA-1 checkpoints; the code's default is 1e-5.
  public var normEpsilon: Double
  /// RoFormer, section 3.4 (arXiv:2104.09864).
  public var ropeTheta: Double

  /// Where nil, there are as many key-value heads as heads, and the hidden width is `hiddenDim(for:)`.
  public init(
    vocabularySize: Int = 32_000, dim: Int, layers: Int, heads: Int, keyValueHeads: Int? = nil,
    hiddenDim: Int? = nil, context: Int = 2048, normEpsilon: Double = 1e-6,
    ropeTheta: Double = 10_000
  ) {
    self.vocabularySize = vocabularySize
    self.dim = dim
    self.layers = layers
    self.heads = heads
    self.keyValueHeads = keyValueHeads ?? heads
    self.hiddenDim = hiddenDim ?? Self.hiddenDim(for: dim)
    self.context = context
    self.normEpsilon = normEpsilon
    self.ropeTheta = ropeTheta
  }

  /// The four sizes of the paper, table 2 (arXiv:2302.13971).
  public static let llama7B = LlamaConfig(dim: 4096, layers: 32, heads: 32)
  public static let llama13B = LlamaConfig(dim: 5120, layers: 40, heads: 40)
  public static let llama33B = LlamaConfig(dim: 6656, layers: 60, heads: 52)
  public static let llama65B = LlamaConfig(dim: 8192, layers: 80, heads: 64)

  /// The width of the feed-forward part: two thirds of 4 · dim, rounded up to a multiple.
  ///
  /// - SeeAlso: `model.py` of the LLaMA-1 release, `FeedForward`; 256 is its `multiple_of`.
  public static func hiddenDim(for dim: Int, multipleOf: Int = 256) -> Int {
    (8 * dim / 3 + multipleOf - 1) / multipleOf * multipleOf
  }

  /// Channels of one head.
  public var headDim: Int { dim / heads }

  /// The exact number of parameters; embedding and output are not tied.
  public var parameterCount: Int {
    let attention = 2 * (heads + keyValueHeads) * headDim * dim
    return 2 * vocabularySize * dim + layers * (attention + 3 * dim * hiddenDim + 2 * dim) + dim
  }

  /// Floating-point operations of a training step for each token: 6 for every weight of a product,
  /// and the causal half of attention's 12 · layers · dim · length.
  ///
  /// - SeeAlso: PaLM, appendix B (arXiv:2204.02311), there without the half.
  public func operationsPerToken(length: Int) -> Double {
    let weights = parameterCount - vocabularySize * dim - (2 * layers + 1) * dim
    return 6 * Double(weights) + 6 * Double(layers * heads * headDim) * Double(length)
  }

  /// The same with attention's whole square, as the paper of PaLM counts it.
  public func operationsPerTokenWithWholeAttention(length: Int) -> Double {
    operationsPerToken(length: length) + 6 * Double(layers * heads * headDim) * Double(length)
  }

  /// Throws what is wrong with the sizes, such as heads that do not divide the channels.
  public func validate() throws(Fault) {
    let sizes = [
      ("vocabulary", vocabularySize, 1 << 24), ("dim", dim, 1 << 20), ("layers", layers, 1 << 12),
      ("heads", heads, 1 << 14), ("key-value heads", keyValueHeads, 1 << 14),
      ("hidden dim", hiddenDim, 1 << 22), ("context", context, 1 << 24),
    ]
    for (name, size, limit) in sizes where size < 1 || size > limit {
      throw Fault("model", at: 0, .unusable("\(name) is \(size); it must be 1 to \(limit)"))
    }
    guard dim % heads == 0, headDim % 2 == 0 else {
      throw Fault("model", at: 0, .unusable("\(heads) heads do not cut \(dim) into even parts"))
    }
    guard heads % keyValueHeads == 0 else {
      throw Fault(
        "model", at: 0,
        .unusable("\(heads) heads cannot share \(keyValueHeads) key-value heads evenly"))
    }
    guard normEpsilon > 0, ropeTheta > 1 else {
      throw Fault(
        "model", at: 0, .unusable("norm epsilon \(normEpsilon) or rope theta \(ropeTheta)"))
    }
  }
}
