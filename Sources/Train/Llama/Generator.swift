internal import Compute

// Shape suffixes: T tokens at a time, C channels, X mixed channels (queries, keys, values),
// M channels of all keys of a token, H hidden channels, V vocabulary, P positions.

/// Writes on from a prompt, one token after another, keeping the keys and values of all before.
///
/// Uses the parameters of a model that must not change meanwhile.
public final class Generator {
  /// Tokens of a prompt that are worked on at a time.
  private static let block = 64

  private let model: LlamaModel
  private let embedding_VC: View<Float>
  private let layers: [LayerWeights<View<Float>>]
  private let head: HeadWeights<View<Float>>
  private let keys_PM: [View<Float>]
  private let values_PM: [View<Float>]
  private let stream_TC, normed_TC, mixed_TX, attended_TC, gateUp_T2H, active_TH: View<Float>
  private let inverse_T, logSum, logits_V: View<Float>
  /// Tokens that have been read.
  public private(set) var position = 0

  public init(model: LlamaModel) {
    self.model = model
    let config = model.config, T = Self.block
    let units = model.units.ranges.map { model.parameters.part($0) }
    embedding_VC = units[0]
    layers = units[1...config.layers].map { LayerWeights(model.sizes, in: $0) }
    head = HeadWeights(model.sizes, in: units[config.layers + 1])
    let keys = config.keyValueHeads * config.headDim
    let cache = Arena<Float>(count: 2 * config.layers * config.context * keys)
    let size = config.context * keys
    keys_PM = (0..<config.layers).map { cache.view(2 * $0 * size, size) }
    values_PM = (0..<config.layers).map { cache.view((2 * $0 + 1) * size, size) }
    func take(_ count: Int) -> View<Float> { Arena<Float>(count: count).all }
    stream_TC = take(T * config.dim)
    normed_TC = take(T * config.dim)
    mixed_TX = take(T * model.sizes.X)
    attended_TC = take(T * config.dim)
    gateUp_T2H = take(2 * T * config.hiddenDim)
    active_TH = take(T * config.hiddenDim)
    inverse_T = take(T)
    logSum = take(T * config.heads)
    logits_V = take(config.vocabularySize)
  }

  /// Forgets all tokens.
  public func reset() { position = 0 }

  /// Reads tokens and gives the logits for the one that follows them.
  ///
  /// - Precondition: There is a token, and all that were read fit into the context.
  public func read(_ tokens: [Int32]) -> [Float] {
    precondition(
      !tokens.isEmpty && position + tokens.count <= model.config.context,
      "\(tokens.count) tokens after \(position) in a context of \(model.config.context)")
    for first in stride(from: 0, to: tokens.count, by: Self.block) {
      let count = min(Self.block, tokens.count - first)
      run(tokens.span.extracting(first..<first + count))
      position += count
    }
    let last = (tokens.count - 1) % Self.block, C = model.config.dim
    let x_C = normed_TC.part(0, C)
    model.engine.rmsNorm(
      stream_TC.part(last * C, C), gain: head.norm_C, into: x_C,
      inverse: inverse_T.part(0, 1), epsilon: model.config.normEpsilon)
    model.engine.multiply(
      x_C, transposed: head.head_VC, into: logits_V, T: 1, I: C,
      O: model.config.vocabularySize)
    return logits_V.array
  }

  /// Reads `prompt` and writes at most `count` tokens: fewer where `end` comes or the context is full.
  ///
  /// - Parameters:
  ///   - prompt: At least one token, such as the beginning-of-sequence token.
  ///   - count: The most tokens to write.
  ///   - sampling: How tokens are chosen.
  ///   - end: The token that ends the text; it is not part of the result.
  ///   - accept: Sees each token as it comes.
  /// - Returns: The tokens after the prompt.
  public func write(
    after prompt: [Int32], count: Int, sampling: Sampling = .greedy, end: Int32? = nil,
    accept: (Int32) -> Void = { _ in }
  ) -> [Int32] {
    var written: [Int32] = []
    var next = prompt
    while written.count < count && position + next.count <= model.config.context {
      let token = sampling.choose(from: read(next), position: position)
      if token == end { break }
      written.append(token)
      accept(token)
      next = [token]
    }
    return written
  }

  private func run(_ tokens: Span<Int32>) {
    let config = model.config, engine = model.engine, T = tokens.count
    let (C, X, H) = (config.dim, model.sizes.X, config.hiddenDim)
    let stream_TC = stream_TC.part(0, T * C), normed_TC = normed_TC.part(0, T * C)
    let mixed_TX = mixed_TX.part(0, T * X), inverse_T = inverse_T.part(0, T)
    let attended_TC = attended_TC.part(0, T * C)
    let gateUp_T2H = gateUp_T2H.part(0, 2 * T * H), active_TH = active_TH.part(0, T * H)
    engine.embed(tokens, from: embedding_VC, into: stream_TC, C: C)
    for (layer, w) in layers.enumerated() {
      engine.rmsNorm(
        stream_TC, gain: w.attentionNorm_C, into: normed_TC, inverse: inverse_T,
        epsilon: config.normEpsilon)
      engine.multiply(normed_TC, transposed: w.mixed_XC, into: mixed_TX, T: T, I: C, O: X)
      engine.rotate(
        mixed_TX, T: T, R: X, heads: config.heads + config.keyValueHeads, table: model.angles,
        length: T, start: position)
      remember(mixed_TX, of: layer, T)
      engine.attend(
        mixed_TX, keys_PM[layer], values_PM[layer], into: attended_TC,
        logSum: logSum.part(0, T * config.heads),
        AttentionShape(
          B: 1, Q: T, K: position + T, N: config.heads, M: config.keyValueHeads, D: config.headDim,
          queryStride: X, keyStride: config.keyValueHeads * config.headDim))
      engine.multiply(
        attended_TC, transposed: w.output_CA, into: stream_TC, T: T, I: C, O: C, adding: true)
      engine.rmsNorm(
        stream_TC, gain: w.feedNorm_C, into: normed_TC, inverse: inverse_T,
        epsilon: config.normEpsilon)
      engine.multiply(normed_TC, transposed: w.gateUp_2HC, into: gateUp_T2H, T: T, I: C, O: 2 * H)
      engine.swiGLU(gateUp_T2H, into: active_TH, T: T, H: H)
      engine.multiply(
        active_TH, transposed: w.down_CH, into: stream_TC, T: T, I: H, O: C, adding: true)
    }
  }

  /// Copies the keys and values of new tokens behind those of earlier ones.
  private func remember(_ mixed_TX: View<Float>, of layer: Int, _ T: Int) {
    let config = model.config
    let queries = config.heads * config.headDim, M = config.keyValueHeads * config.headDim
    for t in 0..<T {
      let row = mixed_TX.part(t * model.sizes.X, model.sizes.X), place = (position + t) * M
      keys_PM[layer].part(place, M).copy(from: row.part(queries, M))
      values_PM[layer].part(place, M).copy(from: row.part(queries + M, M))
    }
  }
}
