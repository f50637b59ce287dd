internal import Compute

// Shape suffixes: T tokens of a batch, C channels, X mixed channels (queries, keys, values),
// H hidden channels, V vocabulary.

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
  /// - Returns: The sum of losses, not scaled.
  /// - Precondition: `batch · length` is at most `maximumTokens`, and the model was made to train.
  /// - Complexity: some 6 · parameters operations for each token; allocates nothing that grows.
  public func forwardBackward(
    tokens: [Int32], targets: [Int32], batch: Int, length: Int, lossScale: Double
  ) -> Loss {
    check(tokens, targets, batch, length)
    precondition(gradients.count == parameters.count, "this model was made without gradients")
    let output_TC = forward(tokens.span, batch: batch, length: length)
    let loss = score(output_TC, targets.span, scale: lossScale, wantsGradient: true)
    let T = batch * length, C = config.dim
    let dstream_TC = plan.dstream_TC.part(0, T * C)
    dstream_TC.set(0)
    processor.rmsNormBackward(
      plan.dnormed_TC.part(0, T * C), output_TC, gain: weights.norm,
      inverse: plan.outputInverse_T.part(0, T), into: dstream_TC, gain: dweights.norm,
      scratch: plan.normSums)
    for layer in (0..<config.layers).reversed() {
      goBack(through: layer, dstream_TC, batch: batch, length: length)
    }
    processor.embedBackward(tokens.span, dstream_TC, into: dweights.embedding, C: C)
    return loss
  }

  /// Turns the gradient of a layer's output into that of its input, in place.
  private func goBack(
    through layer: Int, _ dstream_TC: View<Scalar>, batch: Int, length: Int
  ) {
    let T = batch * length, kept = plan.layers[layer]
    let w = weights.layers[layer], dw = dweights.layers[layer]
    let (C, X, H) = (config.dim, config.mixedDim, config.hiddenDim)
    let input_TC = kept.input_TC.part(0, T * C), inverse_T = kept.inverse_T.part(0, T)
    let middle_TC = kept.middle_TC.part(0, T * C), feedInverse_T = kept.feedInverse_T.part(0, T)
    let mixed_TX = kept.mixed_TX.part(0, T * X), attended_TC = kept.attended_TC.part(0, T * C)
    let gateUp_T2H = kept.gateUp_T2H.part(0, 2 * T * H)
    let normed_TC = plan.normed_TC.part(0, T * C), dnormed_TC = plan.dnormed_TC.part(0, T * C)
    let active_TH = plan.active_TH.part(0, T * H), dactive_TH = plan.dactive_TH.part(0, T * H)
    let dmixed_TX = plan.dmixed_TX.part(0, T * X)

    processor.multiply(dstream_TC, by: w.down, into: dactive_TH, T: T, I: H, O: C)
    processor.swiGLUBackward(dactive_TH, gateUp_T2H, again: active_TH, T: T, H: H)
    processor.addProduct(transposed: dstream_TC, active_TH, to: dw.down, T: T, I: H, O: C)
    processor.rmsNormAgain(middle_TC, gain: w.feedNorm, inverse: feedInverse_T, into: normed_TC)
    processor.addProduct(transposed: gateUp_T2H, normed_TC, to: dw.gateUp, T: T, I: C, O: 2 * H)
    processor.multiply(gateUp_T2H, by: w.gateUp, into: dnormed_TC, T: T, I: C, O: 2 * H)
    processor.rmsNormBackward(
      dnormed_TC, middle_TC, gain: w.feedNorm, inverse: feedInverse_T, into: dstream_TC,
      gain: dw.feedNorm, scratch: plan.normSums)

    let dattended_TC = dnormed_TC
    processor.multiply(dstream_TC, by: w.output, into: dattended_TC, T: T, I: C, O: C)
    processor.addProduct(transposed: dstream_TC, attended_TC, to: dw.output, T: T, I: C, O: C)
    let (q, k, v) = parts(of: mixed_TX), (dq, dk, dv) = parts(of: dmixed_TX)
    processor.attendBackward(
      dattended_TC, q, k, v, attended_TC, logSum: kept.logSum_TN.part(0, T * config.heads),
      into: dq, dk, dv, attention(batch: batch, length: length))
    processor.rotate(
      dmixed_TX, T: T, R: X, heads: config.heads + config.keyValueHeads, table: rotary,
      length: length, backward: true)
    processor.rmsNormAgain(input_TC, gain: w.attentionNorm, inverse: inverse_T, into: normed_TC)
    processor.addProduct(transposed: dmixed_TX, normed_TC, to: dw.mixed, T: T, I: C, O: X)
    processor.multiply(dmixed_TX, by: w.mixed, into: dnormed_TC, T: T, I: C, O: X)
    processor.rmsNormBackward(
      dnormed_TC, input_TC, gain: w.attentionNorm, inverse: inverse_T, into: dstream_TC,
      gain: dw.attentionNorm, scratch: plan.normSums)
  }
}
