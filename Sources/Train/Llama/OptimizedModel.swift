public import Compute
public import Ground
internal import Ranks

/// A whole model with its optimizer in the memory of one rank: for measurements and checks.
public struct OptimizedModel<Engine: TrainingBackend>: Sendable {
  public typealias Memory = Engine.Memory

  public let network: LlamaNetwork<Engine>
  public let parameters: Memory
  public let gradients: Memory
  /// The parameters in f32, which AdamW keeps where the passes' are rounded.
  private let masters: Memory?
  private let firstMoments: Memory
  private let secondMoments: Memory

  /// - Parameters:
  ///   - engine: Computes.
  ///   - config: Valid sizes.
  ///   - maximumTokens: Sequences times their length, of the largest batch.
  ///   - recompute: What the backward pass computes again.
  public init(
    _ engine: Engine, _ config: LlamaConfig, maximumTokens: Int, recompute: Recompute
  ) {
    let units = config.units(.whole)
    parameters = engine.allocate(units.count)
    masters = Engine.roundsParameters ? engine.allocateWide(units.count) : nil
    gradients = engine.allocateWide(units.count)
    firstMoments = engine.allocateWide(units.count)
    secondMoments = engine.allocateWide(units.count)
    network = LlamaNetwork(
      config: config, maximumTokens: maximumTokens, engine: engine, team: Solo(),
      keeper: ResidentParameters(units, parameters: parameters, gradients: gradients),
      recompute: recompute)
  }

  /// All its memory by purpose, at most; what the engine itself takes is not in it.
  public static func memory(
    _ config: LlamaConfig, maximumTokens: Int, recompute: Recompute
  ) -> [MemoryUse] {
    config.stateMemory(of: Engine.self, share: .whole, dataRanks: 1, sharesAll: false)
      + LlamaNetwork<Engine>.activationMemory(
        config, maximumTokens: maximumTokens, recompute: recompute,
        elementBytes: Engine.elementBytes)
  }

  private var engine: Engine { network.engine }

  /// Sets the parameters.
  public func set(_ values: View<Float>) {
    engine.load(values, into: masters ?? parameters)
    roundMasters()
  }

  private func roundMasters() {
    if let masters { engine.round(masters, into: parameters) }
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
  ) throws(Fault) -> (loss: Double, norm: Double) {
    engine.zero(gradients)
    let loss = try network.forwardBackward(
      tokens: batch.tokens, targets: batch.targets, batch: batch.sequences, length: batch.length,
      lossScale: 1 / Double(batch.tokens.count))
    let norm = engine.squaredNorm(gradients).squareRoot()
    var settings = AdamW(learningRate: rate)
    for run in decayRuns {
      settings.weightDecay = run.decays ? 0.1 : 0
      engine.adamW(
        parameters.part(run.range), master: masters?.part(run.range),
        gradients: gradients.part(run.range), firstMoments: firstMoments.part(run.range),
        secondMoments: secondMoments.part(run.range), settings: settings, step: number,
        gradientScale: clippingScale(norm: norm, limit: 1))
    }
    return (loss.mean, norm)
  }

  /// Neighbouring tensors with the same decay, as ranges of the flat buffers.
  private var decayRuns: [(range: Range<Int>, decays: Bool)] {
    var runs: [(range: Range<Int>, decays: Bool)] = []
    for tensor in network.tensors {
      if let last = runs.last, last.decays == tensor.decays {
        runs[runs.count - 1].range = last.range.lowerBound..<tensor.range.upperBound
      } else {
        runs.append((tensor.range, tensor.decays))
      }
    }
    return runs
  }
}

extension OptimizedModel where Engine: TimedBackend {
  /// Random parameters, made where they lie, with the deviations that training begins with.
  public func setNoise(seed: UInt64, deviation: Double = 0.02) {
    let kept = masters ?? parameters
    let initial = InitialValues(network.config, seed: seed, deviation: deviation)
    for (number, tensor) in network.tensors.enumerated() {
      if tensor.decays {
        engine.setNoise(
          kept.part(tensor.range), deviation: initial.deviation(of: tensor), seed: seed,
          stream: UInt64(number))
      } else {
        let ones = Arena<Float>(count: tensor.count).all
        ones.set(1)
        engine.load(ones, into: kept.part(tensor.range))
      }
    }
    roundMasters()
  }
}
