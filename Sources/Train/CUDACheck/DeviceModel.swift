public import CUDA
public import Compute
public import Llama
internal import Ranks

/// A model on a device with its optimizer: weights with their f32, gradients and moments in f32.
public struct DeviceModel: Sendable {
  public let network: LlamaNetwork<CUDAEngine>
  public let parameters: CUDAMemory
  /// The parameters in f32, which AdamW keeps.
  private let masters: CUDAMemory
  public let gradients: CUDAMemory
  private let firstMoments: CUDAMemory
  private let secondMoments: CUDAMemory

  /// Bytes for each parameter: 2 and 4 of the weight, 4 of its gradient, 8 of its moments.
  public static let bytesPerParameter = 18

  public init(
    _ engine: CUDAEngine, _ config: LlamaConfig, maximumTokens: Int, recompute: Recompute
  ) throws(CUDAError) {
    let units = config.units(.whole)
    parameters = try engine.allocate(units.count, .bf16)
    masters = try engine.allocate(units.count, .f32)
    gradients = try engine.allocate(units.count, .f32)
    firstMoments = try engine.allocate(units.count, .f32)
    secondMoments = try engine.allocate(units.count, .f32)
    network = LlamaNetwork(
      config: config, maximumTokens: maximumTokens, engine: engine, team: Solo(),
      keeper: ResidentParameters(units, parameters: parameters, gradients: gradients),
      recompute: recompute)
  }

  /// Sets the parameters.
  public func set(_ values: View<Float>) {
    network.engine.load(values, into: masters)
    network.engine.round(masters, into: parameters)
  }

  /// Random parameters for measurements, made on the device: gains 1, matrices with `deviation`.
  public func setNoise(deviation: Double, seed: UInt64) {
    let engine = network.engine
    engine.setNoise(masters, deviation: deviation, seed: seed)
    for tensor in network.tensors where !tensor.decays {
      let ones = [Float](repeating: 1, count: tensor.count)
      engine.upload(ones.span, to: masters.part(tensor.range))
    }
    engine.round(masters, into: parameters)
  }

  /// Forward, backward, clipping to norm 1, AdamW: a step on one batch.
  ///
  /// - Parameters:
  ///   - number: Of the step, from 1.
  ///   - batch: Tokens and what should follow them.
  ///   - rate: The learning rate.
  /// - Returns: The loss of a token before the step, and the norm of the gradients.
  /// - Throws: Never, on one rank.
  public func step(
    _ number: Int, _ batch: TokenBatch, rate: Double
  ) throws -> (loss: Double, norm: Double) {
    let engine = network.engine
    engine.zero(gradients)
    let loss = try network.forwardBackward(
      tokens: batch.tokens, targets: batch.targets, batch: batch.sequences, length: batch.length,
      lossScale: 1 / Double(batch.tokens.count))
    let norm = engine.squaredNorm(gradients).squareRoot()
    var settings = AdamW(learningRate: rate)
    for run in Self.decayRuns(network.tensors) {
      settings.weightDecay = run.decays ? 0.1 : 0
      engine.adamW(
        parameters.part(run.range), master: masters.part(run.range),
        gradients: gradients.part(run.range),
        firstMoments: firstMoments.part(run.range), secondMoments: secondMoments.part(run.range),
        settings: settings, step: number, gradientScale: clippingScale(norm: norm, limit: 1))
    }
    return (loss.mean, norm)
  }

  /// Neighbouring tensors with the same decay, as ranges of the flat buffers.
  private static func decayRuns(
    _ tensors: [NamedTensor]
  ) -> [(range: Range<Int>, decays: Bool)] {
    var runs: [(range: Range<Int>, decays: Bool)] = []
    for tensor in tensors {
      if let last = runs.last, last.decays == tensor.decays {
        runs[runs.count - 1].range = last.range.lowerBound..<tensor.range.upperBound
      } else {
        runs.append((tensor.range, tensor.decays))
      }
    }
    return runs
  }
}

/// Sequences one after another, and the token that should follow each.
public struct TokenBatch: Sendable {
  public let sequences: Int
  public let length: Int
  public let tokens: [Int32]
  public let targets: [Int32]

  /// Tokens that look like nothing, the same on every run; the last has no target.
  public init(sequences: Int, length: Int, vocabulary: Int, seed: UInt64) {
    self.sequences = sequences
    self.length = length
    var state = seed
    tokens = (0..<sequences * length).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int32(Int(state >> 33) % vocabulary)
    }
    targets = tokens.dropFirst() + [-1]
  }
}
