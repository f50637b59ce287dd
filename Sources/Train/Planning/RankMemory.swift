public import Compute
public import Llama

/// What a GPU's memory holds: bf16 parameters and activations, f32 gradients and AdamW's state.
public struct RankMemory: Equatable, Sendable {
  public let uses: [MemoryUse]

  public var bytes: Int { uses.reduce(0) { $0 + $1.bytes } }

  /// What of a GPU's memory a plan may fill; 97 %, chosen.
  public static func room(of accelerator: Accelerator) -> Int { accelerator.memory / 100 * 97 }

  /// Less than a layout needs: the largest activation, without any risk of an overflow.
  static func leastBytes(_ layout: Layout, _ workload: Workload, on cluster: Cluster) -> Double {
    let tokens = layout.sequences(of: workload, on: cluster) * workload.context
    let config = workload.config
    return 2 * Double(tokens) * Double(max(config.dim, 2 * config.hiddenDim / layout.tensorRanks))
  }

  /// The memory of a layout that passes `check`; the engine that computes lays out the activations.
  public init<Engine: TrainingBackend>(
    _ layout: Layout, _ workload: Workload, on cluster: Cluster, engine: Engine.Type
  ) {
    let config = workload.config
    let share = TensorShare(rank: 0, ranks: layout.tensorRanks)
    let dataRanks = layout.dataRanks(of: cluster.gpus)
    let tokens = layout.sequences(of: workload, on: cluster) * workload.context
    let scratch = Engine.scratchBytes(
      config.attentionShape(
        tokens: tokens, length: workload.context, ranks: layout.tensorRanks),
      positions: config.context)
    uses =
      config.stateMemory(
        of: Engine.self, share: share, dataRanks: dataRanks, sharesAll: layout.zero == .three)
      + LlamaNetwork<Engine>.activationMemory(
        config, maximumTokens: tokens, share: share, recompute: layout.recompute,
        elementBytes: Engine.elementBytes)
      + [MemoryUse(purpose: "scratch", bytes: scratch)]
  }
}
