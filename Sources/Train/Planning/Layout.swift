public import Ground
public import Llama

/// What the ranks that have the same part of every layer share (ZeRO, arXiv:1910.02054).
public enum ZeROStage: Int, CaseIterable, Sendable {
  /// AdamW's state.
  case one = 1
  /// AdamW's state, gradients and parameters.
  case three = 3
}

/// How a run is spread over GPUs: the numbers that `quipu train` takes.
public struct Layout: Hashable, Sendable {
  /// GPUs of a node that share every layer and its sequences.
  public var tensorRanks: Int
  public var zero: ZeROStage
  public var recompute: Recompute
  /// In how many parts a rank takes its share of a batch.
  public var accumulation: Int

  public init(
    tensorRanks: Int = 1, zero: ZeROStage = .one, recompute: Recompute = .cheap,
    accumulation: Int = 1
  ) {
    self.tensorRanks = tensorRanks
    self.zero = zero
    self.recompute = recompute
    self.accumulation = accumulation
  }

  /// Ranks that have the same part of every layer, for other sequences.
  public func dataRanks(of gpus: Int) -> Int { gpus / tensorRanks }

  /// Sequences that a rank computes at a time.
  public func sequences(of workload: Workload, on cluster: Cluster) -> Int {
    workload.batch / dataRanks(of: cluster.gpus) / accumulation
  }

  /// Checks that a cluster's GPUs can share the model and its batch so.
  ///
  /// - Throws: `Fault` with a sentence that says what would be right.
  public func check(_ workload: Workload, on cluster: Cluster) throws(Fault) {
    func need(_ isRight: Bool, _ what: @autoclosure () -> String) throws(Fault) {
      guard isRight else { throw Fault("plan", at: 0, .unusable(what())) }
    }
    try need(tensorRanks > 0 && accumulation > 0, "ranks and parts are counted from 1")
    try need(
      tensorRanks <= cluster.perNode && cluster.perNode % tensorRanks == 0,
      "\(tensorRanks) GPUs cannot share a layer in nodes of \(cluster.perNode); "
        + "choose a divisor of \(cluster.perNode)")
    try need(
      cluster.gpus % tensorRanks == 0,
      "\(cluster.gpus) GPUs are no groups of \(tensorRanks) for tensor parallelism; "
        + "choose a divisor of \(cluster.gpus)")
    try workload.config.validate(tensorRanks: tensorRanks)
    // The device's kernels read eight numbers of bf16 at a time.
    let config = workload.config
    for (name, size) in [
      ("channels", config.dim), ("hidden channels", config.hiddenDim / tensorRanks),
      ("vocabulary entries", config.vocabularySize / tensorRanks),
    ] {
      try need(
        size % 8 == 0,
        "a GPU would have \(size) \(name), which must be a multiple of 8; "
          + "choose another number of tensor ranks, or other sizes")
    }
    try need(
      workload.context % tensorRanks == 0,
      "\(tensorRanks) GPUs cannot share sequences of \(workload.context) tokens evenly; "
        + "choose a number that divides it")
    let shares = dataRanks(of: cluster.gpus) * accumulation
    try need(
      workload.batch % shares == 0,
      "a batch of \(workload.batch) sequences cannot be shared by \(dataRanks(of: cluster.gpus)) "
        + "groups of GPUs in \(accumulation) parts; choose a batch that is a multiple of \(shares)")
  }
}
