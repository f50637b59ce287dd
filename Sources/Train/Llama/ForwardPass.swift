internal import Compute

// Shape suffixes: T tokens of a batch, C channels, X mixed channels (queries, keys, values),
// H hidden channels, N heads, V vocabulary, R rows of logits at a time.

extension LlamaNetwork {
  /// The loss of a batch, without gradients.
  ///
  /// - Parameters: As for `forwardBackward`.
  public func loss(tokens: [Int32], targets: [Int32], batch: Int, length: Int) -> Loss {
    check(tokens, targets, batch, length)
    let output_TC = forward(tokens.span, batch: batch, length: length)
    return score(output_TC, targets.span, scale: 0, wantsGradient: false)
  }

  /// The logits of every position, a row of the vocabulary's size for each.
  ///
  /// For tests and small models: nothing else stores them all.
  public func logits(tokens: [Int32], batch: Int, length: Int) -> [Scalar] {
    check(tokens, tokens, batch, length)
    let output_TC = forward(tokens.span, batch: batch, length: length)
    let (T, C, V) = (tokens.count, config.dim, config.vocabularySize)
    let normed_TC = plan.normed_TC.part(0, T * C)
    processor.rmsNorm(
      output_TC, gain: weights.norm, into: normed_TC, inverse: plan.outputInverse_T.part(0, T),
      epsilon: config.normEpsilon)
    let logits_TV = Arena<Scalar>(count: T * V).all
    processor.multiply(normed_TC, transposed: weights.head, into: logits_TV, T: T, I: C, O: V)
    return logits_TV.array
  }

  func check(_ tokens: [Int32], _ targets: [Int32], _ batch: Int, _ length: Int) {
    precondition(
      batch > 0 && length > 0 && length <= config.context && batch * length <= maximumTokens,
      "\(batch) sequences of \(length); planned for \(maximumTokens) tokens")
    precondition(
      tokens.count == batch * length && targets.count == tokens.count,
      "\(tokens.count) tokens and \(targets.count) targets; need \(batch * length)")
  }

  func attention(batch: Int, length: Int) -> AttentionShape {
    AttentionShape(
      B: batch, Q: length, K: length, N: config.heads, M: config.keyValueHeads, D: config.headDim,
      queryStride: config.mixedDim, keyStride: config.mixedDim)
  }

  /// Queries, keys and values: three views of one buffer of rows.
  func parts(of mixed_TX: View<Scalar>) -> (q: View<Scalar>, k: View<Scalar>, v: View<Scalar>) {
    let queries = config.heads * config.headDim, keys = config.keyValueHeads * config.headDim
    let count = mixed_TX.count
    return (
      mixed_TX, mixed_TX.part(queries..<count), mixed_TX.part(queries + keys..<count)
    )
  }

  /// Runs all layers and gives the residual stream after the last.
  func forward(_ tokens: Span<Int32>, batch: Int, length: Int) -> View<Scalar> {
    let T = batch * length, C = config.dim
    let isKept = plan.layers.count == config.layers
    func input(of layer: Int) -> View<Scalar> {
      layer == config.layers
        ? plan.output_TC.part(0, T * C)
        : plan.layers[isKept ? layer : 0].input_TC.part(0, T * C)
    }
    processor.embed(tokens, from: weights.embedding, into: input(of: 0), C: C)
    for layer in 0..<config.layers {
      run(
        layer, in: plan.layers[isKept ? layer : 0], into: input(of: layer + 1), batch: batch,
        length: length)
    }
    return input(of: config.layers)
  }

  private func run(
    _ layer: Int, in kept: ActivationPlan<Scalar>.Layer, into output_TC: View<Scalar>, batch: Int,
    length: Int
  ) {
    let T = batch * length, w = weights.layers[layer]
    let (C, X, H) = (config.dim, config.mixedDim, config.hiddenDim)
    let input_TC = kept.input_TC.part(0, T * C), middle_TC = kept.middle_TC.part(0, T * C)
    let mixed_TX = kept.mixed_TX.part(0, T * X), normed_TC = plan.normed_TC.part(0, T * C)
    let attended_TC = kept.attended_TC.part(0, T * C)
    let gateUp_T2H = kept.gateUp_T2H.part(0, 2 * T * H), active_TH = plan.active_TH.part(0, T * H)

    processor.rmsNorm(
      input_TC, gain: w.attentionNorm, into: normed_TC, inverse: kept.inverse_T.part(0, T),
      epsilon: config.normEpsilon)
    processor.multiply(normed_TC, transposed: w.mixed, into: mixed_TX, T: T, I: C, O: X)
    processor.rotate(
      mixed_TX, T: T, R: X, heads: config.heads + config.keyValueHeads, table: rotary,
      length: length)
    let (q, k, v) = parts(of: mixed_TX)
    processor.attend(
      q, k, v, into: attended_TC, logSum: kept.logSum_TN.part(0, T * config.heads),
      attention(batch: batch, length: length))
    middle_TC.copy(from: input_TC)
    processor.multiply(
      attended_TC, transposed: w.output, into: middle_TC, T: T, I: C, O: C, adding: true)

    processor.rmsNorm(
      middle_TC, gain: w.feedNorm, into: normed_TC, inverse: kept.feedInverse_T.part(0, T),
      epsilon: config.normEpsilon)
    processor.multiply(normed_TC, transposed: w.gateUp, into: gateUp_T2H, T: T, I: C, O: 2 * H)
    processor.swiGLU(gateUp_T2H, into: active_TH, T: T, H: H)
    output_TC.copy(from: middle_TC)
    processor.multiply(
      active_TH, transposed: w.down, into: output_TC, T: T, I: H, O: C, adding: true)
  }

  /// The loss of the last layer's output; with gradients, adds those of the head and puts the
  /// gradient of the normalised output into `plan.dnormed_TC`.
  func score(
    _ output_TC: View<Scalar>, _ targets: Span<Int32>, scale: Double, wantsGradient: Bool
  ) -> Loss {
    let (T, C, V) = (targets.count, config.dim, config.vocabularySize)
    let normed_TC = plan.normed_TC.part(0, T * C)
    processor.rmsNorm(
      output_TC, gain: weights.norm, into: normed_TC, inverse: plan.outputInverse_T.part(0, T),
      epsilon: config.normEpsilon)
    for first in stride(from: 0, to: T, by: plan.rows) {
      let R = min(plan.rows, T - first)
      let x_RC = normed_TC.part(first * C, R * C), logits_RV = plan.logits_RV.part(0, R * V)
      processor.multiply(x_RC, transposed: weights.head, into: logits_RV, T: R, I: C, O: V)
      processor.crossEntropy(
        logits_RV, targets: targets.extracting(first..<first + R),
        losses: losses_T.part(first, R), V: V, scale: scale, wantsGradient: wantsGradient)
      guard wantsGradient else { continue }
      processor.multiply(
        logits_RV, by: weights.head, into: plan.dnormed_TC.part(first * C, R * C), T: R, I: C, O: V)
      processor.addProduct(transposed: logits_RV, x_RC, to: dweights.head, T: R, I: C, O: V)
    }
    var loss = Loss()
    for t in targets.indices where targets[t] >= 0 {
      loss.sum += losses_T[t]
      loss.count += 1
    }
    return loss
  }
}
