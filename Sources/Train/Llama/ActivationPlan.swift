internal import Compute

// Shape suffixes: T tokens of a batch, S those whose stream this rank has (all, unless ranks share
// layers), C channels, X mixed channels (queries, keys, values), A attention's output,
// H hidden channels, N heads, V vocabulary, R rows of logits at a time.

/// Memory by what it is for.
public struct MemoryUse: Equatable, Sendable {
  public let purpose: String
  public let bytes: Int

  public init(purpose: String, bytes: Int) {
    self.purpose = purpose
    self.bytes = bytes
  }
}

/// Which activations of a layer the backward pass finds in memory, and which it computes again.
///
/// None changes a bit of any gradient.
///
/// - SeeAlso: LLaMA, section 2.4 (arXiv:2302.13971): outputs of linear layers are kept.
public enum Recompute: String, CaseIterable, Sendable {
  /// Everything is kept.
  case nothing = "none"
  /// Outputs of the products and of attention are kept; norms and the gated activation, which cost
  /// little, are computed again.
  case cheap
  /// Only each layer's input is kept: a third more arithmetic.
  case full
}

/// One layer's activations.
struct LayerActivations<Memory: DeviceMemory> {
  let input_SC, inverse_S, normed_TC, mixed_TX, attended_TA, logSum_TN: Memory
  let middle_SC, feedInverse_S, feedNormed_TC, gateUp_T2H, active_TH: Memory
}

/// All activations of a forward and backward pass, laid out in one buffer before the first step.
struct ActivationPlan {
  private struct Layer {
    var input, inverse, normed, mixed, attended, logSum: Int
    var middle, feedInverse, feedNormed, gateUp, active: Int
  }

  let sizes: Sizes
  /// Places of a sum that must be f32.
  private let wide: Int
  private var layers: [Layer] = []
  private var output = 0, outputInverse = 0
  // Passing: every layer uses these anew.
  private var stream = 0, dnormed = 0, partial = 0, dmixed = 0, dactive = 0
  private var normSums = 0, logits = 0, parts = 0
  private let partsCount: Int
  private let normSumsCount: Int
  /// Rows of logits at a time: what the backend has room for, and at least 16 rows.
  ///
  /// It depends on the sizes alone.
  let rows: Int
  /// Elements that live from the forward to the backward pass.
  private(set) var keptCount = 0
  /// Elements of the whole buffer.
  private(set) var count = 0

  /// - Parameters:
  ///   - sizes: Of this rank's part.
  ///   - T: Tokens of the largest batch.
  ///   - ranks: That share each layer.
  ///   - layerCount: Layers.
  ///   - recompute: What is kept; nil for a forward pass only.
  ///   - normSumsCount: Elements that a norm's backward pass needs.
  ///   - wide: Places that a sum takes where it must be f32.
  ///   - logitCount: Logits to store at a time.
  ///   - softmaxParts: Elements of what ranks that share the vocabulary tell of a row of logits.
  init(
    _ sizes: Sizes, tokens T: Int, ranks: Int, layerCount: Int, recompute: Recompute?,
    normSumsCount: Int, sumPlaces wide: Int, logitCount: Int, softmaxParts: Int
  ) {
    self.sizes = sizes
    self.wide = wide
    self.normSumsCount = normSumsCount
    rows = min(T, max(16, logitCount / (sizes.V * ranks) / 16 * 16))
    partsCount = ranks > 1 ? ranks * rows * softmaxParts : 0
    let (C, H, S) = (sizes.C, sizes.H, T / ranks)
    var count = 0
    func take(_ elements: Int) -> Int {
      defer { count += (elements + 15) / 16 * 16 }  // whole cache lines
      return count
    }
    func takeLayer(_ old: Layer? = nil) -> Layer {
      Layer(
        input: take(S * C), inverse: old?.inverse ?? take(S * wide),
        normed: old?.normed ?? take(T * C),
        mixed: old?.mixed ?? take(T * sizes.X), attended: old?.attended ?? take(T * sizes.A),
        logSum: old?.logSum ?? take(T * sizes.N * wide), middle: old?.middle ?? take(S * C),
        feedInverse: old?.feedInverse ?? take(S * wide), feedNormed: old?.feedNormed ?? take(T * C),
        gateUp: old?.gateUp ?? take(2 * T * H), active: old?.active ?? take(T * H))
    }
    // What is computed again lies in one place for all layers.
    switch recompute {
    case nil: layers = [takeLayer()]
    case .nothing: layers = (0..<layerCount).map { _ in takeLayer() }
    case .full:
      let first = takeLayer()
      layers = [first] + (1..<layerCount).map { _ in takeLayer(first) }
    case .cheap:
      let normed = take(T * C), active = take(T * H)
      layers = (0..<layerCount).map { _ in
        Layer(
          input: take(S * C), inverse: take(S * wide), normed: normed, mixed: take(T * sizes.X),
          attended: take(T * sizes.A), logSum: take(T * sizes.N * wide), middle: take(S * C),
          feedInverse: take(S * wide), feedNormed: normed, gateUp: take(2 * T * H), active: active)
      }
    }
    output = take(S * C)
    outputInverse = take(S * wide)
    keptCount = count
    stream = take(T * C)
    partial = ranks > 1 ? take(T * C) : 0
    logits = take(rows * sizes.V)
    parts = take(partsCount)
    if recompute != nil {
      dnormed = take(T * C)
      dmixed = take(T * sizes.X)
      dactive = take(T * H)
      normSums = take(normSumsCount)
    }
    self.count = count
  }

  /// The views that a batch of `T` tokens has of a layer.
  func layer<Memory: DeviceMemory>(
    _ number: Int, of memory: Memory, T: Int, S: Int
  ) -> LayerActivations<Memory> {
    let layer = layers.count == 1 ? layers[0] : layers[number]
    let (C, H) = (sizes.C, sizes.H)
    return LayerActivations(
      input_SC: memory.part(layer.input, S * C), inverse_S: memory.part(layer.inverse, S * wide),
      normed_TC: memory.part(layer.normed, T * C), mixed_TX: memory.part(layer.mixed, T * sizes.X),
      attended_TA: memory.part(layer.attended, T * sizes.A),
      logSum_TN: memory.part(layer.logSum, T * sizes.N * wide),
      middle_SC: memory.part(layer.middle, S * C),
      feedInverse_S: memory.part(layer.feedInverse, S * wide),
      feedNormed_TC: memory.part(layer.feedNormed, T * C),
      gateUp_T2H: memory.part(layer.gateUp, 2 * T * H), active_TH: memory.part(layer.active, T * H))
  }

  /// The views that belong to no layer; those a plan has not overlap others and are not used.
  func passing<Memory: DeviceMemory>(of memory: Memory, T: Int, S: Int) -> Passing<Memory> {
    Passing(
      output_SC: memory.part(output, S * sizes.C),
      outputInverse_S: memory.part(outputInverse, S * wide),
      stream_TC: memory.part(stream, T * sizes.C), dnormed_TC: memory.part(dnormed, T * sizes.C),
      partial_TC: memory.part(partial, T * sizes.C), dmixed_TX: memory.part(dmixed, T * sizes.X),
      dactive_TH: memory.part(dactive, T * sizes.H),
      normSums: memory.part(normSums, normSumsCount),
      logits_RV: memory.part(logits, min(T, rows) * sizes.V),
      parts: memory.part(parts, partsCount))
  }
}

/// Activations that every layer uses anew.
struct Passing<Memory: DeviceMemory> {
  let output_SC, outputInverse_S: Memory
  /// The gradient of the residual stream, all ranks' rows; before that, the last norm's output.
  let stream_TC: Memory
  let dnormed_TC, partial_TC, dmixed_TX, dactive_TH, normSums, logits_RV: Memory
  /// What ranks that share the vocabulary know of rows of logits, rank by rank; empty without them.
  let parts: Memory
}
