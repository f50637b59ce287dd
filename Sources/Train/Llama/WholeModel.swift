public import Compute
internal import Ranks

extension LlamaNetwork {
  /// A whole model in the memory of one rank, on the CPU.
  ///
  /// - Parameters:
  ///   - config: Valid sizes.
  ///   - maximumTokens: Sequences times their length, of the largest batch.
  ///   - workers: The threads to run on.
  ///   - trains: False leaves out gradients and kept activations, for evaluation and generation.
  ///   - recompute: What the backward pass computes again.
  ///   - instructions: Of the f32 kernels.
  /// - Precondition: `config.validate()` does not throw.
  public convenience init<Scalar>(
    config: LlamaConfig, maximumTokens: Int, workers: WorkerPool, trains: Bool = true,
    recompute: Recompute = .cheap, instructions: InstructionSet = .widest
  ) where Engine == Processor<Scalar> {
    let engine = Processor<Scalar>(
      config: config, workers: workers, instructions: instructions)
    let units = config.units(.whole)
    let keeper = ResidentParameters(
      units, parameters: engine.allocate(units.count),
      gradients: engine.allocate(trains ? units.count : 0))
    self.init(
      config: config, maximumTokens: maximumTokens, engine: engine, team: Solo(), keeper: keeper,
      recompute: trains ? recompute : nil)
  }

  /// All parameters, where they are in memory at once.
  ///
  /// - Precondition: The model keeps them itself.
  public var parameters: Memory { resident.parameters }

  /// The gradients, of the same layout as `parameters`; empty for a model that does not train.
  public var gradients: Memory { resident.gradients }

  private var resident: ResidentParameters<Memory> {
    guard let resident = keeper as? ResidentParameters<Memory> else {
      preconditionFailure("the parameters of this model are gathered unit by unit")
    }
    return resident
  }

  public func zeroGradients() { engine.zero(gradients) }
}

extension LlamaNetwork {
  /// Sets all parameters from a seed: the same bits on every machine.
  public func initialize<Scalar>(seed: UInt64, deviation: Double = 0.02)
  where Engine == Processor<Scalar> {
    let initial = InitialValues(config, seed: seed, deviation: deviation)
    for (number, tensor) in tensors.enumerated() {
      initial.set(
        parameters.part(tensor.range), to: 0..<tensor.count, of: tensor, number: number,
        workers: engine.workers)
    }
  }
}

extension LlamaNetwork where Engine == Processor<Float> {
  public var workers: WorkerPool { engine.workers }
}

extension Processor {
  /// A processor with the scratch that a model's attention needs.
  public convenience init(
    config: LlamaConfig, workers: WorkerPool, instructions: InstructionSet = .widest,
    products: Products = .f32
  ) {
    self.init(
      workers: workers,
      ownCount: AttentionShape.scratchCount(K: config.context, D: config.headDim),
      instructions: instructions, products: products)
  }

  /// Bytes that such a processor and a model's angles take.
  public static func scratchBytes(config: LlamaConfig, threads: Int, products: Products) -> Int {
    let alone = Processor(
      config: config, workers: WorkerPool(threads: 1), products: products)
    let own = AttentionShape.scratchCount(K: config.context, D: config.headDim)
    return alone.bytes
      + ((threads - 1) * own + config.context * config.headDim) * MemoryLayout<Scalar>.stride
  }
}
