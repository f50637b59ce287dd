public import CUDA
internal import Compute
public import Llama

/// How fast a device trains a model on random tokens.
public struct TrainingSpeed: Sendable {
  public let config: LlamaConfig
  public let sequences: Int
  public let length: Int
  public let recompute: Recompute
  /// Seconds of the median step, the first two left out.
  public let seconds: Double
  /// Of each step, before it: it must fall, for the batch is always the same.
  public let losses: [Double]
  /// Bytes of the device that were free while training.
  public let freeMemory: Int

  public var tokensPerSecond: Double { Double(sequences * length) / seconds }

  /// The share of `peak` operations a second, attention counted as causal: half its square.
  public func share(of peak: Double) -> Double {
    config.operationsPerToken(length: length) * tokensPerSecond / peak
  }

  /// The same with attention's whole square counted, as PaLM's appendix B has it.
  public func shareWithWholeAttention(of peak: Double) -> Double {
    let whole =
      config.operationsPerToken(length: length)
      + 6 * Double(config.layers * config.dim) * Double(length)
    return whole * tokensPerSecond / peak
  }

  /// Some 1.1 billion parameters, with LLaMA's proportions.
  public static func llama1B(context: Int) -> LlamaConfig {
    LlamaConfig(dim: 2048, layers: 22, heads: 16, hiddenDim: 5632, context: context)
  }

  /// Trains for `steps` steps, at least 3, and measures them.
  public static func measure(
    _ engine: CUDAEngine, _ config: LlamaConfig, sequences: Int, length: Int, steps: Int,
    recompute: Recompute
  ) throws -> TrainingSpeed {
    precondition(steps > 2, "\(steps) steps; the first two do not count")
    let model = try DeviceModel(
      engine, config, maximumTokens: sequences * length, recompute: recompute)
    model.setNoise(deviation: 0.02, seed: 1)
    let batch = TokenBatch(
      sequences: sequences, length: length, vocabulary: config.vocabularySize, seed: 3)
    var times: [Double] = []
    var losses: [Double] = []
    for step in 1...steps {
      let start = ContinuousClock.now
      losses.append(try model.step(step, batch, rate: 3e-4).loss)
      engine.synchronise()
      let spent = (ContinuousClock.now - start).components
      times.append(Double(spent.seconds) + Double(spent.attoseconds) * 1e-18)
    }
    let counted = times.dropFirst(2).sorted()
    return TrainingSpeed(
      config: config, sequences: sequences, length: length, recompute: recompute,
      seconds: counted[counted.count / 2], losses: losses, freeMemory: engine.device.freeMemory)
  }
}
