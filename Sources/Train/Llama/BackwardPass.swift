internal import Compute
public import Ground
internal import Ranks

// Shape suffixes: T tokens of a batch, S those whose stream this rank has, C channels, X mixed
// channels (queries, keys, values), A attention's output, H hidden channels, V vocabulary.

extension LlamaNetwork {
  /// The loss of a batch; adds the gradients of `lossScale` times the sum of losses.
  ///
  /// For the mean over a step's batches, pass 1 / (all targets of the step that count).
  ///
  /// - Parameters:
  ///   - tokens: Sequences one after another, `batch · length` tokens.
  ///   - targets: The token that should follow each; negative ones are ignored.
  ///   - batch: Sequences.
  ///   - length: Tokens of each, at most the context.
  ///   - lossScale: The weight of one target's loss in the objective.
  /// - Returns: The sum of losses, not scaled; the same on all ranks that share the layers.
  /// - Throws: `Fault` where another rank is lost; never for a whole model.
  /// - Precondition: `batch · length` is at most `maximumTokens`, and the model was made to train.
  /// - Complexity: some 6 · parameters operations for each token; allocates nothing that grows.
  public func forwardBackward(
    tokens: [Int32], targets: [Int32], batch: Int, length: Int, lossScale: Double
  ) throws(Fault) -> Loss {
    guard let recompute else { preconditionFailure("this model was made without gradients") }
    let shape = begin(tokens, targets, batch, length)
    let name = PassName(batch: batch, length: length, scale: lossScale, kind: keeper.kind)
    try engine.perform(name) { () throws(Fault) in
      try keeper.begin()
      try forward(tokens.span, shape)
      try score(shape, targets.span, scale: lossScale, wantsGradient: true)
      try backward(tokens.span, shape, recompute)
      try keeper.end()
    }
    return settledLoss(targets)
  }

  /// Adds all gradients, from that of the normalised output on, which `score` left.
  private func backward(
    _ tokens: Span<Int32>, _ shape: Batch<Memory>, _ recompute: Recompute
  ) throws(Fault) {
    let passing = shape.passing, last = config.layers + 1
    try team.reduceScatter(passing.dnormed_TC)
    engine.zero(passing.stream_TC)
    try normBackward(
      passing.output_SC, HeadWeights(sizes, in: try keeper.parameters(of: last, .backward)).norm_C,
      passing.outputInverse_S, HeadWeights(sizes, in: try keeper.gradients(of: last)).norm_C, shape)
    try keeper.finish(last)
    for layer in (0..<config.layers).reversed() {
      try goBack(through: layer, shape, recompute)
      try keeper.finish(layer + 1)
    }
    try team.allGather(passing.stream_TC)
    let dtable_VC = try keeper.gradients(of: 0)
    if team.ranks == 1 {
      engine.embedBackward(tokens, passing.stream_TC, into: dtable_VC, C: sizes.C)
    } else {
      engine.embedBackward(local(tokens).span, passing.stream_TC, into: dtable_VC, C: sizes.C)
    }
    try keeper.finish(0)
  }

  /// Adds a norm's gradients: `dnormed_TC`'s own rows to those of the stream, and the gain's.
  private func normBackward(
    _ x_SC: Memory, _ gain_C: Memory, _ inverse_S: Memory, _ dgain_C: Memory,
    _ shape: Batch<Memory>
  ) throws(Fault) {
    let passing = shape.passing, isShared = team.ranks > 1
    let sum_C = isShared ? partialGain_C : dgain_C
    if isShared { engine.zero(sum_C) }
    engine.rmsNormBackward(
      own(passing.dnormed_TC, shape), x_SC, gain: gain_C, inverse: inverse_S,
      into: own(passing.stream_TC, shape), gain: sum_C, scratch: passing.normSums)
    if isShared {
      // Each rank saw its rows only, and all keep the gain.
      try team.allReduce(sum_C)
      engine.add(sum_C, to: dgain_C)
    }
  }

  /// Turns the gradient of a layer's output into that of its input, in place.
  private func goBack(
    through layer: Int, _ shape: Batch<Memory>, _ recompute: Recompute
  ) throws(Fault) {
    let w = LayerWeights(sizes, in: try keeper.parameters(of: layer + 1, .backward))
    let dw = LayerWeights(sizes, in: try keeper.gradients(of: layer + 1))
    let a = activations(of: layer, shape), passing = shape.passing
    let (T, C, X, A, H) = (shape.T, sizes.C, sizes.X, sizes.A, sizes.H)
    let (dstream_TC, dnormed_TC) = (passing.stream_TC, passing.dnormed_TC)
    if recompute == .full { try run(w, a, shape) }

    try team.allGather(dstream_TC)
    engine.multiply(
      dstream_TC, by: w.down_CH, into: passing.dactive_TH, T: T, I: H, O: C, adding: false)
    engine.swiGLUBackward(passing.dactive_TH, a.gateUp_T2H, again: a.active_TH, T: T, H: H)
    engine.addProduct(transposed: dstream_TC, a.active_TH, to: dw.down_CH, T: T, I: H, O: C)
    if recompute == .cheap {
      engine.rmsNormAgain(
        a.middle_SC, gain: w.feedNorm_C, inverse: a.feedInverse_S,
        into: own(a.feedNormed_TC, shape))
      try team.allGather(a.feedNormed_TC)
    }
    engine.addProduct(
      transposed: a.gateUp_T2H, a.feedNormed_TC, to: dw.gateUp_2HC, T: T, I: C, O: 2 * H)
    engine.multiply(
      a.gateUp_T2H, by: w.gateUp_2HC, into: dnormed_TC, T: T, I: C, O: 2 * H, adding: false)
    try team.reduceScatter(dnormed_TC)
    try normBackward(a.middle_SC, w.feedNorm_C, a.feedInverse_S, dw.feedNorm_C, shape)

    try team.allGather(dstream_TC)
    let dattended_TA = dnormed_TC.part(0, T * A)
    engine.multiply(
      dstream_TC, by: w.output_CA, into: dattended_TA, T: T, I: A, O: C, adding: false)
    engine.addProduct(transposed: dstream_TC, a.attended_TA, to: dw.output_CA, T: T, I: A, O: C)
    let (q, k, v) = parts(of: a.mixed_TX), (dq, dk, dv) = parts(of: passing.dmixed_TX)
    engine.attendBackward(
      dattended_TA, q, k, v, a.attended_TA, logSum: a.logSum_TN, into: dq, dk, dv,
      attention(shape))
    engine.rotate(
      passing.dmixed_TX, T: T, R: X, heads: sizes.N + sizes.M, table: angles,
      length: shape.length, start: 0, backward: true)
    if recompute == .cheap {
      engine.rmsNormAgain(
        a.input_SC, gain: w.attentionNorm_C, inverse: a.inverse_S, into: own(a.normed_TC, shape))
      try team.allGather(a.normed_TC)
    }
    engine.addProduct(
      transposed: passing.dmixed_TX, a.normed_TC, to: dw.mixed_XC, T: T, I: C, O: X)
    engine.multiply(
      passing.dmixed_TX, by: w.mixed_XC, into: dnormed_TC, T: T, I: C, O: X, adding: false)
    try team.reduceScatter(dnormed_TC)
    try normBackward(a.input_SC, w.attentionNorm_C, a.inverse_S, dw.attentionNorm_C, shape)
  }
}
