public import Compute
internal import Llama

/// How long a step takes, and on what: a written model, not a measurement.
public struct StepEstimate: Equatable, Sendable {
  /// Of one GPU, all parts of its share of the batch.
  public let work: Work
  /// Gradients set to zero, their norm, AdamW.
  public let optimizer: Double
  /// Waiting for ranks that have the same part of every layer.
  public let dataExchange: Double

  public var seconds: Double { work.seconds + optimizer + dataExchange }

  /// Tokens a second that each GPU deals with.
  public let tokensPerSecond: Double
  /// Share of the peak, for six operations a parameter and token.
  public let utilisation: Double
  /// The same with attention's causal half, and without the embedding, which is no product.
  public let utilisationWithAttention: Double
  /// Of the whole run, without validation, pauses and what fails.
  public let days: Double

  /// The step of a layout that passes `check`; the engine that computes chooses how many logits there
  /// are at a time.
  ///
  /// - Complexity: O(layers · accumulation).
  public init<Engine: TrainingBackend>(
    _ layout: Layout, _ workload: Workload, on cluster: Cluster, engine: Engine.Type,
    efficiency: Efficiency = Efficiency()
  ) {
    let (config, accelerator) = (workload.config, cluster.accelerator)
    let kernels = KernelTimes(accelerator: accelerator, efficiency: efficiency)
    let ranks = layout.tensorRanks, dataRanks = layout.dataRanks(of: cluster.gpus)
    func ring(_ ranks: Int, perNode: Int) -> Ring {
      Ring(ranks: ranks, perNode: perNode, accelerator, efficiency)
    }
    let pass = PassWork(
      workload, sequences: layout.sequences(of: workload, on: cluster),
      recompute: layout.recompute, logitCount: Engine.logitCount, kernels: kernels,
      team: ring(ranks, perNode: ranks))
    let layer = pass.layer
    var units =
      [pass.embedding] + Array(repeating: layer, count: config.layers) + [pass.head]
    let counts = workload.unitCounts(tensorRanks: ranks)
    let isShared = layout.zero == .three && dataRanks > 1
    if isShared {
      // A unit's gradients begin at 0 with every part of the batch.
      for unit in units.indices {
        units[unit].backward.elementWise += kernels.stream(4 * counts[unit])
      }
    }
    let data = ring(dataRanks, perNode: max(1, min(cluster.gpus, cluster.perNode) / ranks))
    let timeline = StepTimeline(
      forward: units.map(\.forward.seconds), backward: units.map(\.backward.seconds),
      gather: counts.map { data.pass(2 * $0) }, scatter: counts.map { data.pass(4 * $0) },
      parts: layout.accumulation, occupied: data.occupied)
    let passSeconds = isShared ? timeline.withSharedParameters : timeline.withWholeParameters

    let own = counts.reduce(0) { $0 + ($1 + dataRanks - 1) / dataRanks }
    let zeroed = isShared ? own : counts.reduce(0, +)
    let zeros = kernels.stream(4 * zeroed)
    // Gradients are read twice; AdamW reads and writes master parameters and both moments, and writes
    // parameters of bf16.
    let update = kernels.stream(4 * own) + kernels.stream((4 + 2 * 12 + 2) * own)

    let part = units.reduce(Work()) { $0 + $1.forward + $1.backward }
    let step = Double(layout.accumulation) * part
    // All wait for the slowest, whatever they do.
    let slowness = 1 / efficiency.sustained / (cluster.gpus > 1 ? efficiency.slowest : 1)
    work = slowness * step
    optimizer = slowness * (zeros + update)
    dataExchange = slowness * max(0, passSeconds - step.seconds)
    let seconds = work.seconds + optimizer + dataExchange
    let speed = Double(workload.tokensPerStep) / seconds / Double(cluster.gpus)
    tokensPerSecond = speed
    utilisation = 6 * Double(config.parameterCount) * speed / accelerator.peak
    utilisationWithAttention =
      config.operationsPerToken(length: workload.context) * speed / accelerator.peak
    days = Double(workload.steps) * seconds / 86_400
  }
}
