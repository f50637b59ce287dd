public import Compute
internal import Ground

/// The model that is trained: f32.
public typealias LlamaModel = LlamaNetwork<Float>

/// The sum of losses over the tokens that count.
public struct Loss: Equatable, Sendable {
  /// Nats.
  public var sum: Double
  /// Targets that were not ignored.
  public var count: Int

  public init(sum: Double = 0, count: Int = 0) {
    self.sum = sum
    self.count = count
  }

  /// Nats a token; NaN for no tokens.
  public var mean: Double { sum / Double(count) }

  public static func + (left: Loss, right: Loss) -> Loss {
    Loss(sum: left.sum + right.sum, count: left.count + right.count)
  }
}

/// LLaMA with explicit forward and backward passes over memory that is planned before the first step.
///
/// Parameters and gradients are two flat buffers in the order of `tensors`, so that an optimizer, a
/// checkpoint or a reduction between machines sees one run of numbers. In `Double` it is the reference
/// that gradients are checked in. Not for use from two threads at a time.
///
/// - SeeAlso: arXiv:2302.13971, section 2.2; `model.py` of the LLaMA-1 release.
public final class LlamaNetwork<Scalar: Real>: Sendable {
  public let config: LlamaConfig
  /// Tokens of the largest batch.
  public let maximumTokens: Int
  public let tensors: [NamedTensor]
  public let processor: Processor<Scalar>
  public let parameters: View<Scalar>
  /// Of the same layout as `parameters`.
  public let gradients: View<Scalar>
  let weights: Weights<Scalar>
  let dweights: Weights<Scalar>
  let rotary: RotaryTable<Scalar>
  let plan: ActivationPlan<Scalar>
  let losses_T: View<Double>

  public var workers: WorkerPool { processor.workers }

  /// - Parameters:
  ///   - config: Valid sizes.
  ///   - maximumTokens: Sequences times their length, of the largest batch.
  ///   - workers: The threads to run on.
  ///   - trains: False leaves out gradients and kept activations, for evaluation and generation.
  ///   - instructions: Of the f32 kernels.
  /// - Precondition: `config.validate()` does not throw.
  public init(
    config: LlamaConfig, maximumTokens: Int, workers: WorkerPool, trains: Bool = true,
    instructions: InstructionSet = .widest
  ) {
    precondition(maximumTokens > 0, "\(maximumTokens) tokens")
    self.config = config
    self.maximumTokens = maximumTokens
    tensors = config.tensors
    processor = Processor(
      workers: workers,
      ownCount: AttentionShape.scratchCount(K: config.context, D: config.headDim),
      instructions: instructions)
    parameters = Arena<Scalar>(count: config.parameterCount).all
    gradients = Arena<Scalar>(count: trains ? config.parameterCount : 0).all
    weights = Weights(config, in: parameters)
    dweights = trains ? Weights(config, in: gradients) : weights
    rotary = RotaryTable(
      positions: config.context, headDim: config.headDim, theta: config.ropeTheta)
    plan = ActivationPlan(config, tokens: maximumTokens, layersKept: trains)
    losses_T = Arena<Double>(count: maximumTokens).all
  }

  /// All memory of the model by purpose; nothing is allocated later.
  public var memory: [MemoryUse] {
    let stride = MemoryLayout<Scalar>.stride
    return [
      MemoryUse(purpose: "parameters", bytes: parameters.count * stride),
      MemoryUse(purpose: "gradients", bytes: gradients.count * stride),
      MemoryUse(purpose: "kept activations", bytes: plan.kept.bytes),
      MemoryUse(purpose: "passing activations", bytes: plan.passing.bytes),
      MemoryUse(purpose: "scratch", bytes: processor.bytes + rotary.bytes + 8 * maximumTokens),
    ]
  }

  public func zeroGradients() {
    let block = 1 << 20
    workers.run((gradients.count + block - 1) / block) { task, _ in
      gradients.part(task * block, min(block, gradients.count - task * block)).set(0)
    }
  }

  /// Sets all parameters from a seed: the same bits on every machine.
  ///
  /// Gains are 1; matrices are normal with `deviation`, divided by √(2 · layers) for the two that
  /// write to the residual stream. The paper says nothing of it; this is GPT-2's choice (Radford et
  /// al. 2019, section 2.3) and keeps the stream's variance independent of depth.
  public func initialize(seed: UInt64, deviation: Double = 0.02) {
    let residual = deviation / Double(2 * config.layers).squareRoot()
    for (number, tensor) in tensors.enumerated() {
      let target = parameters.part(tensor.range)
      guard tensor.shape.count > 1 else {
        target.set(1)
        continue
      }
      let writesToStream =
        tensor.name.hasSuffix("o_proj.weight") || tensor.name.hasSuffix("down_proj.weight")
      let scale = writesToStream ? residual : deviation
      let gaussian = Gaussian(seed: seed, stream: UInt64(number))
      let block = 1 << 16
      workers.run((tensor.count + block - 1) / block) { task, _ in
        for index in task * block..<min((task + 1) * block, tensor.count) {
          target[index] = Scalar(gaussian[index] * scale)
        }
      }
    }
  }
}
