public import Compute
public import Llama
import Ranks

/// What a rank keeps in memory, by where it lies.
public struct MemoryPlan: Sendable {
  /// Of what the model is computed on.
  public var device: [MemoryUse]
  /// Of the host besides; empty where the host computes.
  public var host: [MemoryUse]
  /// Pages of a checkpoint that is read back or resumed from; the system takes them when it needs them.
  public var mapped: [MemoryUse]

  /// Bytes of a list of uses.
  public static func sum(_ uses: [MemoryUse]) -> Int { uses.reduce(0) { $0 + $1.bytes } }
}

extension Training {
  /// All memory that a rank on the CPU will take at most; nothing is allocated for it later.
  ///
  /// What is not in it: the program itself, the shards' pages that the system keeps, a few numbers a
  /// tensor.
  ///
  /// - Parameters:
  ///   - ranks: Of the run.
  ///   - threads: Of a rank.
  /// - Returns: Bytes by purpose.
  /// - Precondition: The ranks can share the model; see `Parallelism.check`.
  public func memoryPlan(ranks: Int, threads: Int) -> [MemoryUse] {
    let scratch = Processor<Float>.scratchBytes(
      config: config, threads: threads, products: settings.products)
    let plan = memoryPlan(of: Processor<Float>.self, ranks: ranks, scratch: scratch)
    return plan.device + plan.host + plan.mapped
  }

  /// All memory that a rank will take at most on a backend, and on the host beside it.
  ///
  /// - Parameters:
  ///   - engine: The kind of backend.
  ///   - ranks: Of the run.
  ///   - scratch: Bytes that the backend itself takes.
  /// - Returns: Bytes by place and purpose.
  /// - Precondition: The ranks can share the model; see `Parallelism.check`.
  public func memoryPlan<Engine: TrainingBackend>(
    of engine: Engine.Type, ranks: Int, scratch: Int
  ) -> MemoryPlan {
    let share = TensorShare(rank: 0, ranks: parallelism.tensorRanks)
    let dataRanks = ranks / parallelism.tensorRanks
    let own = UnitRooms(config.units(share), ranks: dataRanks).shareCount
    var device = config.stateMemory(
      of: Engine.self, share: share, dataRanks: dataRanks,
      sharesAll: parallelism.sharding == .everything, keepsMaster: settings.keepsMaster)
    device += LlamaNetwork<Engine>.activationMemory(
      config, maximumTokens: tokensAtATime(ranks: ranks), share: share,
      recompute: parallelism.recompute, elementBytes: Engine.elementBytes)
    device.append(MemoryUse(purpose: "scratch", bytes: scratch))
    let isCopied = settings.savesInBackground || Engine.roundsParameters
    return MemoryPlan(
      device: device,
      host: isCopied ? [MemoryUse(purpose: "copy to save from", bytes: 12 * own)] : [],
      mapped: [MemoryUse(purpose: "mapped checkpoint", bytes: 12 * own)])
  }

  /// Tokens of the largest batch that a rank computes at a time.
  public func tokensAtATime(ranks: Int) -> Int {
    settings.batch / (ranks / parallelism.tensorRanks) / settings.accumulation * settings.context
  }
}
