import Compute
public import Llama
import Ranks

extension Training {
  /// All memory that a rank will take at most, by purpose; nothing is allocated for it later.
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
    let share = TensorShare(rank: 0, ranks: parallelism.tensorRanks)
    let units = config.units(share)
    let dataRanks = ranks / parallelism.tensorRanks
    let own = units.ranges.reduce(0) { $0 + ($1.count + dataRanks - 1) / dataRanks }
    let largest = units.ranges.map(\.count).max() ?? 0
    let isShared = parallelism.sharding == .everything && dataRanks > 1
    let tokens = settings.batch / dataRanks / settings.accumulation * settings.context
    var uses = [
      MemoryUse(purpose: "parameters", bytes: 4 * (isShared ? own : units.count)),
      MemoryUse(purpose: "gradients", bytes: 4 * (isShared ? own : units.count)),
      MemoryUse(purpose: "moments", bytes: 8 * own),
    ]
    if isShared {
      uses.append(MemoryUse(purpose: "gathered layers", bytes: 2 * 4 * largest))
      uses.append(MemoryUse(purpose: "gradients on their way", bytes: 2 * 4 * largest))
    }
    if settings.savesInBackground {
      uses.append(MemoryUse(purpose: "copy to save from", bytes: 12 * own))
    }
    uses += LlamaModel.activationMemory(
      config, maximumTokens: tokens, share: share, recompute: parallelism.recompute)
    let scratch = Processor<Float>.scratchBytes(
      config: config, threads: threads, products: settings.products)
    return uses + [
      MemoryUse(purpose: "scratch", bytes: scratch),
      // Pages of a file that is read back or resumed from; the system takes them when it needs them.
      MemoryUse(purpose: "mapped checkpoint", bytes: 12 * own),
    ]
  }
}
