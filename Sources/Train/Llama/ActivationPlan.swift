internal import Compute

// Shape suffixes: T tokens of a batch, C channels, X mixed channels (queries, keys, values),
// H hidden channels, N heads, V vocabulary, R rows of logits at a time.

/// Memory by what it is for.
public struct MemoryUse: Equatable, Sendable {
  public let purpose: String
  public let bytes: Int
}

/// The activations of a forward and backward pass, laid out before the first step.
///
/// Kept for each layer: the two inputs of the norms, queries, keys and values, attention's output and
/// gate and up. Normalised rows and the activation between gate, up and down are computed again.
struct ActivationPlan<Scalar: Real> {
  struct Layer {
    let input_TC, inverse_T, mixed_TX, attended_TC, logSum_TN, middle_TC,
      feedInverse_T: View<Scalar>
    let gateUp_T2H: View<Scalar>
  }

  let kept: Arena<Scalar>
  let passing: Arena<Scalar>
  let layers: [Layer]
  let output_TC, outputInverse_T: View<Scalar>
  // Passing: every layer uses these anew.
  let normed_TC, dnormed_TC, dstream_TC, dmixed_TX, active_TH, dactive_TH, normSums: View<Scalar>
  let logits_RV: View<Scalar>
  /// Rows of logits at a time: 64 MiB in f32 at most, and at least 16 rows.
  ///
  /// It depends on the sizes alone.
  let rows: Int

  init(_ config: LlamaConfig, tokens T: Int, layersKept: Bool) {
    let (C, X, H) = (config.dim, config.mixedDim, config.hiddenDim)
    rows = min(T, max(16, (1 << 24) / config.vocabularySize / 16 * 16))
    let layerCount = layersKept ? config.layers : min(1, config.layers)
    let perToken = 3 * C + 2 + X + config.heads + 2 * H
    kept = Arena(count: T * (layerCount * perToken + C + 1))
    let sums = Processor<Scalar>.rmsNormScratch(T: T, C: C)
    passing = Arena(
      count: T * (3 * C + X + 2 * H) + sums + rows * config.vocabularySize)
    var from = kept.all
    func take(_ count: Int) -> View<Scalar> {
      defer { from = from.part(count, from.count - count) }
      return from.part(0, count)
    }
    layers = (0..<layerCount).map { _ in
      Layer(
        input_TC: take(T * C), inverse_T: take(T), mixed_TX: take(T * X), attended_TC: take(T * C),
        logSum_TN: take(T * config.heads), middle_TC: take(T * C), feedInverse_T: take(T),
        gateUp_T2H: take(2 * T * H))
    }
    output_TC = take(T * C)
    outputInverse_T = take(T)
    from = passing.all
    normed_TC = take(T * C)
    dnormed_TC = take(T * C)
    dstream_TC = take(T * C)
    dmixed_TX = take(T * X)
    active_TH = take(T * H)
    dactive_TH = take(T * H)
    normSums = take(sums)
    logits_RV = take(rows * config.vocabularySize)
  }
}
