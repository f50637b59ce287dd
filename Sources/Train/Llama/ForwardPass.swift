public import Compute
public import Ground
internal import Ranks

// Shape suffixes: T tokens of a batch, S those whose stream this rank has, C channels, X mixed
// channels (queries, keys, values), A attention's output, H hidden channels, N heads, V vocabulary,
// R rows of logits at a time. Without a team of ranks, S is T.

extension LlamaConfig {
  /// The attention of whole sequences, of the heads that one of `ranks` has.
  public func attentionShape(tokens: Int, length: Int, ranks: Int) -> AttentionShape {
    let sizes = Sizes(self, TensorShare(rank: 0, ranks: ranks))
    return AttentionShape(
      B: max(1, tokens / length), Q: length, K: length, N: sizes.N, M: sizes.M, D: sizes.D,
      queryStride: sizes.X, keyStride: sizes.X)
  }
}

/// A batch's shape, and the views that it has of the activations.
struct Batch<Memory: DeviceMemory> {
  let batch, length, T: Int
  /// This rank's rows of the residual stream.
  let own: Range<Int>
  let passing: Passing<Memory>
  var S: Int { own.count }
}

extension LlamaNetwork {
  /// The loss of a batch, without gradients.
  ///
  /// - Parameters: As for `forwardBackward`.
  /// - Throws: `Fault` where another rank is lost; never for a whole model.
  public func loss(
    tokens: [Int32], targets: [Int32], batch: Int, length: Int
  ) throws(Fault) -> Loss {
    let shape = begin(tokens, targets, batch, length)
    try keeper.begin()
    try forward(tokens.span, shape)
    try score(shape, targets.span, scale: 0, wantsGradient: false)
    try keeper.end()
    return settledLoss(targets)
  }

  /// The loss of every target, in nats; 0 for those that are ignored.
  ///
  /// - Parameters: As for `forwardBackward`.
  /// - Throws: `Fault` where another rank is lost; never for a whole model.
  public func losses(
    tokens: [Int32], targets: [Int32], batch: Int, length: Int
  ) throws(Fault) -> [Double] {
    _ = try loss(tokens: tokens, targets: targets, batch: batch, length: length)
    return targets.indices.map { losses_T[$0] }
  }

  /// The logits of every position, a row of the vocabulary's size for each.
  ///
  /// For tests and small models: nothing else stores them all.
  ///
  /// - Precondition: No ranks share the layers.
  public func logits<Scalar>(
    tokens: [Int32], batch: Int, length: Int
  ) throws(Fault) -> [Scalar] where Engine == Processor<Scalar> {
    precondition(team.ranks == 1, "logits of a model that \(team.ranks) ranks share")
    let shape = begin(tokens, tokens, batch, length)
    try keeper.begin()
    try forward(tokens.span, shape)
    let head = HeadWeights(sizes, in: try keeper.parameters(of: config.layers + 1, .forward))
    let normed_TC = try normOutput(shape, head)
    let logits_TV = engine.allocate(shape.T * sizes.V)
    engine.multiply(
      normed_TC, transposed: head.head_VC, into: logits_TV, T: shape.T, I: sizes.C, O: sizes.V,
      adding: false)
    try keeper.end()
    return logits_TV.array
  }

  func begin(
    _ tokens: [Int32], _ targets: [Int32], _ batch: Int, _ length: Int
  ) -> Batch<Memory> {
    let T = batch * length
    precondition(
      batch > 0 && length > 0 && length <= config.context && T <= maximumTokens
        && T % team.ranks == 0,
      "\(batch) sequences of \(length) for \(team.ranks) ranks; planned for \(maximumTokens) tokens"
    )
    precondition(
      tokens.count == T && targets.count == T,
      "\(tokens.count) tokens and \(targets.count) targets; need \(T)")
    precondition(
      tokens.allSatisfy { $0 >= 0 && $0 < config.vocabularySize }
        && targets.allSatisfy { $0 < config.vocabularySize },
      "a token beyond the vocabulary of \(config.vocabularySize)")
    let S = T / team.ranks
    return Batch(
      batch: batch, length: length, T: T, own: team.rank * S..<(team.rank + 1) * S,
      passing: plan.passing(of: activations, T: T, S: S))
  }

  /// This rank's rows of what all ranks have together.
  func own(_ all_TC: Memory, _ shape: Batch<Memory>) -> Memory {
    all_TC.part(shape.own.lowerBound * sizes.C, shape.S * sizes.C)
  }

  func activations(of layer: Int, _ shape: Batch<Memory>) -> LayerActivations<Memory> {
    plan.layer(layer, of: activations, T: shape.T, S: shape.S)
  }

  func attention(_ shape: Batch<Memory>) -> AttentionShape {
    AttentionShape(
      B: shape.batch, Q: shape.length, K: shape.length, N: sizes.N, M: sizes.M, D: sizes.D,
      queryStride: sizes.X, keyStride: sizes.X)
  }

  /// Queries, keys and values: three views of one buffer of rows.
  func parts(of mixed_TX: Memory) -> (q: Memory, k: Memory, v: Memory) {
    let keys = sizes.M * sizes.D, count = mixed_TX.count
    return (
      mixed_TX, mixed_TX.part(sizes.A..<count), mixed_TX.part(sizes.A + keys..<count)
    )
  }

  /// Tokens, or targets, as rows of this rank's part of the vocabulary: -1 for those of others.
  func local(_ tokens: Span<Int32>) -> [Int32] {
    let first = Int32(team.rank * sizes.V)
    return tokens.indices.map { t in
      let row = tokens[t] - first
      return tokens[t] >= 0 && row >= 0 && row < sizes.V ? row : -1
    }
  }

  /// Runs all layers and leaves the residual stream after the last in `output_SC`.
  func forward(_ tokens: Span<Int32>, _ shape: Batch<Memory>) throws(Fault) {
    func input(of layer: Int) -> Memory {
      layer == config.layers
        ? shape.passing.output_SC : activations(of: layer, shape).input_SC
    }
    let table_VC = try keeper.parameters(of: 0, .forward)
    if team.ranks == 1 {
      engine.embed(tokens, from: table_VC, into: input(of: 0), C: sizes.C)
    } else {
      let partial_TC = shape.passing.partial_TC
      engine.embed(local(tokens).span, from: table_VC, into: partial_TC, C: sizes.C)
      try team.reduceScatter(partial_TC)
      engine.copy(own(partial_TC, shape), to: input(of: 0))
    }
    for layer in 0..<config.layers {
      let w = LayerWeights(sizes, in: try keeper.parameters(of: layer + 1, .forward))
      let a = activations(of: layer, shape)
      try run(w, a, shape)
      engine.swiGLU(a.gateUp_T2H, into: a.active_TH, T: shape.T, H: sizes.H)
      let output_SC = input(of: layer + 1)
      engine.copy(a.middle_SC, to: output_SC)
      try project(a.active_TH, w.down_CH, onto: output_SC, I: sizes.H, shape)
    }
  }

  /// A layer up to gate and up: all that its backward pass looks at.
  func run(
    _ w: LayerWeights<Memory>, _ a: LayerActivations<Memory>, _ shape: Batch<Memory>
  ) throws(Fault) {
    let (T, C, X) = (shape.T, sizes.C, sizes.X)
    engine.rmsNorm(
      a.input_SC, gain: w.attentionNorm_C, into: own(a.normed_TC, shape), inverse: a.inverse_S,
      epsilon: config.normEpsilon)
    try team.allGather(a.normed_TC)
    engine.multiply(
      a.normed_TC, transposed: w.mixed_XC, into: a.mixed_TX, T: T, I: C, O: X, adding: false)
    engine.rotate(
      a.mixed_TX, T: T, R: X, heads: sizes.N + sizes.M, table: angles, length: shape.length,
      start: 0, backward: false)
    let (q, k, v) = parts(of: a.mixed_TX)
    engine.attend(q, k, v, into: a.attended_TA, logSum: a.logSum_TN, attention(shape))
    engine.copy(a.input_SC, to: a.middle_SC)
    try project(a.attended_TA, w.output_CA, onto: a.middle_SC, I: sizes.A, shape)

    engine.rmsNorm(
      a.middle_SC, gain: w.feedNorm_C, into: own(a.feedNormed_TC, shape), inverse: a.feedInverse_S,
      epsilon: config.normEpsilon)
    try team.allGather(a.feedNormed_TC)
    engine.multiply(
      a.feedNormed_TC, transposed: w.gateUp_2HC, into: a.gateUp_T2H, T: T, I: C, O: 2 * sizes.H,
      adding: false)
  }

  /// Adds a product to the residual stream, of which each rank has some rows, and of the product's
  /// inputs some columns.
  private func project(
    _ x_TI: Memory, _ w_CI: Memory, onto stream_SC: Memory, I: Int, _ shape: Batch<Memory>
  ) throws(Fault) {
    let (T, C) = (shape.T, sizes.C)
    if team.ranks == 1 {
      engine.multiply(x_TI, transposed: w_CI, into: stream_SC, T: T, I: I, O: C, adding: true)
    } else {
      let partial_TC = shape.passing.partial_TC
      engine.multiply(x_TI, transposed: w_CI, into: partial_TC, T: T, I: I, O: C, adding: false)
      try team.reduceScatter(partial_TC)
      engine.add(own(partial_TC, shape), to: stream_SC)
    }
  }
}
