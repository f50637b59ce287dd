public import Llama

/// What is to be trained: a model, and how many tokens it sees at a time and in all.
public struct Workload: Equatable, Sendable {
  public var config: LlamaConfig
  /// Sequences a step, on all GPUs together.
  public var batch: Int
  /// Tokens of a sequence.
  public var context: Int
  /// Of the whole run.
  public var steps: Int

  public init(config: LlamaConfig, batch: Int, context: Int, steps: Int) {
    self.config = config
    self.batch = batch
    self.context = context
    self.steps = steps
  }

  /// Parameters that a rank has of each unit, where so many share a layer.
  func unitCounts(tensorRanks: Int) -> [Int] {
    // Layers are alike.
    var single = config
    single.layers = 1
    let units = single.units(TensorShare(rank: 0, ranks: tensorRanks)).ranges.map(\.count)
    return [units[0]] + Array(repeating: units[1], count: config.layers) + [units[2]]
  }

  public var tokensPerStep: Int { batch * context }
}
