internal import Llama

// Shape suffixes: T tokens of a batch, S those whose stream this rank has, C channels, X mixed
// channels (queries, keys, values), A attention's output, H hidden channels, V vocabulary, R rows of
// logits at a time. Bytes: 2 for a number of bf16, 4 of f32.

/// What `LlamaNetwork` does with one batch, kernel by kernel, in seconds.
struct PassWork {
  let T, S, C, X, A, H, V: Int
  /// Channels that rotary embedding turns: queries and keys.
  let turned: Int
  let rows: Int
  let length: Int
  let recompute: Recompute
  let kernels: KernelTimes
  let team: Ring

  private var isShared: Bool { team.ranks > 1 }

  /// A batch of so many sequences, `logitCount` of whose logits are stored at a time by all ranks
  /// together.
  init(
    _ workload: Workload, sequences: Int, recompute: Recompute, logitCount: Int,
    kernels: KernelTimes, team: Ring
  ) {
    let config = workload.config, ranks = team.ranks
    T = sequences * workload.context
    S = T / ranks
    C = config.dim
    A = config.heads / ranks * config.headDim
    let keys = config.keyValueHeads / ranks * config.headDim
    X = A + 2 * keys
    turned = A + keys
    H = config.hiddenDim / ranks
    V = config.vocabularySize / ranks
    rows = min(T, max(16, logitCount / config.vocabularySize / 16 * 16))
    length = workload.context
    self.recompute = recompute
    self.kernels = kernels
    self.team = team
  }

  /// The embedding.
  var embedding: UnitWork {
    var unit = UnitWork()
    unit.forward.elementWise = kernels.stream(2 * 2 * T * C)
    if isShared {
      unit.forward.tensorExchange = exchange
      unit.forward.elementWise += kernels.stream(2 * 2 * S * C)
      unit.backward.tensorExchange = exchange
    }
    // The gradient's rows are read, and those of the table added to in f32.
    unit.backward.elementWise = kernels.stream((2 + 8 / team.ranks) * T * C)
    return unit
  }

  /// A layer.
  var layer: UnitWork {
    var unit = UnitWork(forward: upToGate, backward: layerBackward)
    unit.forward.elementWise += kernels.stream(2 * 3 * T * H) + ontoStream
    unit.forward.products += projection(from: H)
    if isShared { unit.forward.tensorExchange += exchange }
    if recompute == .full { unit.backward = unit.backward + upToGate }
    return unit
  }

  /// The last norm, the logits, the loss and all their gradients but the norm's.
  var head: UnitWork {
    var unit = UnitWork(forward: norm, backward: normBackward)
    unit.backward.elementWise += kernels.stream(2 * T * C)
    for first in stride(from: 0, to: T, by: rows) {
      let R = min(rows, T - first)
      unit.forward.products +=
        kernels.product(R, V, C, resultBytes: 2) + kernels.product(R, C, V, resultBytes: 2)
        + kernels.product(V, C, R, resultBytes: 8)
      // Read for the sum, read again and overwritten by the gradient.
      unit.forward.elementWise += kernels.stream(2 * 3 * R * V)
      // The largest logits of all ranks, then the sums and the targets' logits, in f64.
      unit.forward.tensorExchange += team.sum(8 * R) + team.sum(8 * 2 * R)
    }
    if isShared { unit.backward.tensorExchange += exchange }
    return unit
  }

  /// All ranks' rows, to or from their own.
  private var exchange: Double { team.pass(2 * T * C) }

  /// A norm of own rows, gathered.
  private var norm: Work {
    var work = Work()
    work.elementWise = kernels.stream(2 * 2 * S * C)
    if isShared { work.tensorExchange = exchange }
    return work
  }

  /// Reads two gradients and an input, writes one; ranks sum the gain's.
  private var normBackward: Work {
    var work = Work()
    work.elementWise = kernels.stream(2 * 4 * S * C)
    if isShared {
      work.tensorExchange = team.sum(2 * C)
      work.elementWise += kernels.stream(2 * C) + kernels.stream(2 * 2 * C)
    }
    return work
  }

  /// The copy of the stream that a product adds to; a shared one's sum is added apart.
  private var ontoStream: Double {
    kernels.stream(2 * 2 * S * C) + (isShared ? kernels.stream(2 * 3 * S * C) : 0)
  }

  /// A product that adds to the stream, or whose results the ranks sum.
  private func projection(from inputs: Int) -> Double {
    kernels.product(T, C, inputs, resultBytes: isShared ? 2 : 4)
  }

  /// A layer's forward pass up to gate and up: what a full recomputation does again.
  private var upToGate: Work {
    var work = 2 * norm
    work.products +=
      kernels.product(T, X, C, resultBytes: 2) + projection(from: A)
      + kernels.product(T, 2 * H, C, resultBytes: 2)
    work.attention = kernels.attention(tokens: T, length: length, channels: A)
    work.elementWise += kernels.stream(2 * 2 * T * turned) + ontoStream
    if isShared { work.tensorExchange += exchange }
    return work
  }

  private var layerBackward: Work {
    var work = 2 * normBackward
    work.products = [(C, H), (2 * H, C), (C, A), (X, C)].reduce(0) { sum, matrix in
      let (outputs, inputs) = matrix
      return sum + kernels.product(T, inputs, outputs, resultBytes: 2)
        + kernels.product(outputs, inputs, T, resultBytes: 8)
    }
    work.attention = kernels.attentionBackward(tokens: T, length: length, channels: A)
    // The gated activation and its gradients; angles; attention's sums of queries, which begin at 0.
    work.elementWise +=
      kernels.stream(2 * 6 * T * H) + kernels.stream(2 * 2 * T * turned) + kernels.stream(4 * T * A)
    if isShared { work.tensorExchange += 4 * exchange }
    if recompute == .cheap { work = work + 2 * norm }
    return work
  }
}
