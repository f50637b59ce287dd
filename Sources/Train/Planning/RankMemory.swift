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

  /// The driver's context, loaded kernels, and NCCL's buffers; chosen.
  static let programBytes = 2 << 30
  /// What cuBLASLt is given; `Multiplier` of the CUDA room.
  static let productRoomBytes = 32 << 20

  /// The memory of a layout that passes `check`; the engine that computes lays out the activations.
  public init<Engine: Backend>(
    _ layout: Layout, _ workload: Workload, on cluster: Cluster, engine: Engine.Type
  ) {
    let config = workload.config
    let share = TensorShare(rank: 0, ranks: layout.tensorRanks)
    let counts = workload.unitCounts(tensorRanks: layout.tensorRanks)
    let dataRanks = layout.dataRanks(of: cluster.gpus)
    let all = counts.reduce(0, +)
    let own = counts.reduce(0) { $0 + ($1 + dataRanks - 1) / dataRanks }
    let largest = counts.max() ?? 0
    let isShared = layout.zero == .three && dataRanks > 1
    let tokens = layout.sequences(of: workload, on: cluster) * workload.context
    var uses = [
      MemoryUse(purpose: "parameters", bytes: 2 * (isShared ? own : all)),
      MemoryUse(purpose: "gradients", bytes: 4 * (isShared ? own : all)),
      MemoryUse(purpose: "master parameters", bytes: 4 * own),
      MemoryUse(purpose: "moments", bytes: 8 * own),
    ]
    if isShared {
      uses.append(MemoryUse(purpose: "gathered layers", bytes: 2 * 2 * largest))
      uses.append(MemoryUse(purpose: "gradients on their way", bytes: 2 * 4 * largest))
    }
    uses += LlamaNetwork<Engine>.activationMemory(
      config, maximumTokens: tokens, share: share, recompute: layout.recompute, elementBytes: 2)
    // Attention's backward pass has a number for each row and its queries' gradients in f32; with
    // grouped heads, as much again for keys and values.
    let heads = config.heads / layout.tensorRanks
    let queries = 4 * tokens * heads * config.headDim
    let grouped = config.heads == config.keyValueHeads ? 0 : queries
    self.uses =
      uses + [
        MemoryUse(
          purpose: "room of products and attention",
          bytes: Self.productRoomBytes + 4 * tokens * heads + queries + grouped),
        MemoryUse(purpose: "driver and libraries", bytes: Self.programBytes),
      ]
  }
}
