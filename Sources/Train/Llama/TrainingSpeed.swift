public import Compute
public import Ground

/// How fast a backend trains a model on random tokens, and what with.
public struct TrainingSpeed: Sendable {
  public let config: LlamaConfig
  public let sequences: Int
  public let length: Int
  public let recompute: Recompute
  /// What the measured steps took, in their order.
  public let steps: [Elapsed]
  /// Of each step, warming up included, before it: it must fall, for the batch is always the same.
  public let losses: [Double]
  /// Further steps, operation by operation; nil where none were asked for.
  public let profile: Profile?
  /// The model's memory as it is planned, without what the engine takes.
  public let planned: [MemoryUse]
  /// Bytes that were taken where the engine computes: before there was a model, and at the end.
  public let taken: (before: Int, after: Int)

  /// Seconds of the median step.
  public var seconds: Double { median(steps.map(\.wall)) }

  public var tokensPerSecond: Double { tokens / seconds }

  /// By the time of all threads of the host together.
  public var tokensPerProcessorSecond: Double { tokens / median(steps.map(\.cpu)) }

  /// The same of the slowest and the fastest step.
  public var processorRates: (slowest: Double, fastest: Double) {
    let sorted = steps.map(\.cpu).sorted()
    return (tokens / sorted[sorted.count - 1], tokens / sorted[0])
  }

  private var tokens: Double { Double(sequences * length) }

  /// The shorter of two in the middle.
  private func median(_ seconds: [Double]) -> Double { seconds.sorted()[(seconds.count - 1) / 2] }

  /// Operations a second; attention counted as causal: half its square.
  public var operationsPerSecond: Double {
    config.operationsPerToken(length: length) * tokensPerSecond
  }

  /// The same with attention's whole square counted, as PaLM's appendix B has it.
  public var operationsWithWholeAttention: Double {
    config.operationsPerTokenWithWholeAttention(length: length) * tokensPerSecond
  }

  /// Some 1.1 billion parameters, with LLaMA's proportions.
  public static func llama1B(context: Int) -> LlamaConfig {
    LlamaConfig(dim: 2048, layers: 22, heads: 16, hiddenDim: 5632, context: context)
  }

  /// Trains and measures.
  ///
  /// - Parameters:
  ///   - engine: Trains.
  ///   - config: Valid sizes.
  ///   - sequences: Of a step.
  ///   - length: Tokens of each, at most the context.
  ///   - warmUp: Steps before those that are measured: plans are made and passes recorded in them.
  ///   - count: Steps to measure, at least 1.
  ///   - profiled: Steps after them whose operations are measured one by one.
  ///   - recompute: What the backward pass computes again.
  /// - Returns: What was measured.
  /// - Throws: Never, on one rank.
  public static func measure<Engine: TimedBackend>(
    _ engine: Engine, _ config: LlamaConfig, sequences: Int, length: Int, warmUp: Int,
    steps count: Int, profiled: Int, recompute: Recompute
  ) throws(Fault) -> TrainingSpeed {
    precondition(warmUp >= 0 && count > 0 && profiled >= 0, "\(count) steps")
    let before = engine.memoryTaken
    let log = ProfileLog(engine)
    let model = OptimizedModel(
      Profiled(log), config, maximumTokens: sequences * length, recompute: recompute)
    model.setNoise(seed: 1)
    let batch = TokenBatch(
      sequences: sequences, length: length, vocabulary: config.vocabularySize, seed: 3)
    var times: [Elapsed] = []
    var losses: [Double] = []
    func step() throws(Fault) {
      losses.append(try model.step(losses.count + 1, batch, rate: 3e-4).loss)
    }
    for _ in 0..<warmUp { try step() }
    engine.synchronise()
    for _ in 0..<count {
      let (time, _) = try elapsed { () throws(Fault) in
        try step()
        engine.synchronise()
      }
      times.append(time)
    }
    for _ in 0..<profiled {
      log.begin()
      try step()
      log.end()
    }
    return TrainingSpeed(
      config: config, sequences: sequences, length: length, recompute: recompute, steps: times,
      losses: losses, profile: profiled > 0 ? log.profile() : nil,
      planned: OptimizedModel<Engine>.memory(
        config, maximumTokens: sequences * length, recompute: recompute),
      taken: (before, engine.memoryTaken))
  }
}
