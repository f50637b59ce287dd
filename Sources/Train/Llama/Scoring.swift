internal import Compute
internal import Ground
internal import Ranks

// Shape suffixes: T tokens of a batch, S those whose stream this rank has, C channels,
// V vocabulary, R rows of logits at a time.

extension LlamaNetwork {
  /// The last norm of all ranks' rows, where the gradient of the stream will be.
  func normOutput(
    _ shape: Batch<Memory>, _ head: HeadWeights<Memory>
  ) throws(Fault) -> Memory {
    let normed_TC = shape.passing.stream_TC
    engine.rmsNorm(
      shape.passing.output_SC, gain: head.norm_C, into: own(normed_TC, shape),
      inverse: shape.passing.outputInverse_S, epsilon: config.normEpsilon)
    try team.allGather(normed_TC)
    return normed_TC
  }

  /// Computes the losses of the last layer's output, the same on all ranks of the team.
  ///
  /// With gradients, adds those of the head and puts the gradient of the normalised output, this
  /// rank's part of the sum, into `dnormed_TC`.
  func score(
    _ shape: Batch<Memory>, _ targets: Span<Int32>, scale: Double, wantsGradient: Bool
  ) throws(Fault) {
    let (T, C, V) = (shape.T, sizes.C, sizes.V)
    let head = HeadWeights(sizes, in: try keeper.parameters(of: config.layers + 1, .forward))
    let normed_TC = try normOutput(shape, head)
    let dhead_VC =
      wantsGradient
      ? HeadWeights(sizes, in: try keeper.gradients(of: config.layers + 1)).head_VC : nil
    for first in stride(from: 0, to: T, by: plan.rows) {
      let R = min(plan.rows, T - first)
      let x_RC = normed_TC.part(first * C, R * C)
      let logits_RV = shape.passing.logits_RV.part(0, R * V)
      engine.multiply(
        x_RC, transposed: head.head_VC, into: logits_RV, T: R, I: C, O: V, adding: false)
      try crossEntropy(
        logits_RV, shape, targets.extracting(first..<first + R), losses_T.part(first, R),
        scale: scale,
        wantsGradient: wantsGradient)
      guard let dhead_VC else { continue }
      engine.multiply(
        logits_RV, by: head.head_VC, into: shape.passing.dnormed_TC.part(first * C, R * C), T: R,
        I: C, O: V, adding: false)
      engine.addProduct(transposed: logits_RV, x_RC, to: dhead_VC, T: R, I: C, O: V)
    }
  }

  /// The sum of losses, once they are there.
  func settledLoss(_ targets: [Int32]) -> Loss {
    engine.settle()
    var loss = Loss()
    for t in targets.indices where targets[t] >= 0 {
      loss.sum += losses_T[t]
      loss.count += 1
    }
    return loss
  }

  /// Losses and gradients of rows of logits, of which each rank has the columns of its vocabulary.
  private func crossEntropy(
    _ logits_RV: Memory, _ shape: Batch<Memory>, _ targets: Span<Int32>,
    _ losses_R: View<Double>, scale: Double, wantsGradient: Bool
  ) throws(Fault) {
    guard team.ranks > 1 else {
      return engine.crossEntropy(
        logits_RV, targets: targets, losses: losses_R, V: sizes.V, scale: scale,
        wantsGradient: wantsGradient)
    }
    let columns = local(targets), own = Engine.softmaxParts(T: targets.count)
    let parts = shape.passing.parts.part(0, team.ranks * own)
    engine.softmaxShard(
      logits_RV, columns: columns.span, V: sizes.V, into: parts.part(team.rank * own, own))
    try team.allGather(parts)
    engine.joinSoftmaxShards(
      logits_RV, parts: parts, rank: team.rank, targets: targets, columns: columns.span,
      losses: losses_R, V: sizes.V, scale: scale, wantsGradient: wantsGradient)
  }
}
