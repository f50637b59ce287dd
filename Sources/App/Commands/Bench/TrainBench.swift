import Compute
import Ground
import Llama
import Ranks

/// Something done in a second: of the clock, and of processor time of all threads together.
struct Rate {
  var wall: Double
  var cpu: Double
}

/// Training steps of a model on random tokens, and its large products alone.
struct TrainBench {
  /// A product of a forward or backward pass.
  struct Product {
    enum Kind { case forward, inputs, weights }
    let name: String
    let kind: Kind
    let T, I, O: Int
  }

  struct Outcome {
    /// Medians of tokens.
    let rate: Rate
    /// Tokens a CPU-second.
    let slowest, fastest: Double
    let loss: Double
    let memory: [MemoryUse]
    let residentBytes: Int
  }

  let config: LlamaConfig
  let batch: Int
  let workers: WorkerPool
  let products: Products

  private var tokens: Int { batch * config.context }

  /// The linear layers, each in its three products; the head with the rows of logits of a chunk.
  var largeProducts: [Product] {
    let (C, H, V) = (config.dim, config.hiddenDim, config.vocabularySize)
    let mixed = (config.heads + 2 * config.keyValueHeads) * config.headDim
    let layers = [
      ("queries, keys, values", tokens, C, mixed), ("output", tokens, C, C),
      ("gate and up", tokens, C, 2 * H), ("down", tokens, H, C),
      ("head", min(tokens, max(16, (1 << 24) / V / 16 * 16)), C, V),
    ]
    return layers.flatMap { name, T, I, O in
      [("", Product.Kind.forward), (", d inputs", .inputs), (", d weights", .weights)].map {
        Product(name: name + $0.0, kind: $0.1, T: T, I: I, O: O)
      }
    }
  }

  private var engine: Processor<Float> {
    Processor(
      workers: workers,
      ownCount: AttentionShape.scratchCount(K: config.context, D: config.headDim),
      products: products)
  }

  /// Floating-point operations a second: the best of nine runs.
  func rate(of product: Product) -> Rate {
    let (T, I, O) = (product.T, product.I, product.O), engine = engine
    let x_TI = random(T * I), w_OI = random(O * I), y_TO = random(T * O)
    let operations = 2 * Double(T) * Double(I) * Double(O)
    var best = Rate(wall: 0, cpu: 0)
    for _ in 0..<9 {
      let rate = measure(operations) {
        switch product.kind {
        case .forward: engine.multiply(x_TI, transposed: w_OI, into: y_TO, T: T, I: I, O: O)
        case .inputs: engine.multiply(y_TO, by: w_OI, into: x_TI, T: T, I: I, O: O)
        case .weights: engine.addProduct(transposed: y_TO, x_TI, to: w_OI, T: T, I: I, O: O)
        }
      }
      best = Rate(wall: max(best.wall, rate.wall), cpu: max(best.cpu, rate.cpu))
    }
    return best
  }

  /// Whole steps: gradients set to zero, forward, backward, clipping and AdamW.
  func train(steps: Int) throws(Fault) -> Outcome {
    let engine = engine, units = config.units(.whole)
    let parameters = engine.allocate(units.count), gradients = engine.allocate(units.count)
    let first = engine.allocate(units.count), second = engine.allocate(units.count)
    let model = LlamaModel(
      config: config, maximumTokens: tokens, engine: engine, team: Solo(),
      keeper: ResidentParameters(units, parameters: parameters, gradients: gradients),
      recompute: .cheap)
    model.initialize(seed: 1)
    let inputs = randomTokens(seed: 1), targets = randomTokens(seed: 2)
    var rates: [Rate] = []
    var loss = Loss()
    for step in 1...steps + 1 {
      let rate = try measure(Double(tokens)) { () throws(Fault) in
        engine.zero(gradients)
        loss = try model.forwardBackward(
          tokens: inputs, targets: targets, batch: batch, length: config.context,
          lossScale: 1 / Double(tokens))
        let norm = engine.squaredNorm(gradients).squareRoot()
        engine.adamW(
          parameters, master: nil, gradients: gradients, firstMoments: first, secondMoments: second,
          settings: AdamW(learningRate: 3e-4), step: step,
          gradientScale: clippingScale(norm: norm, limit: 1))
      }
      if step > 1 { rates.append(rate) }
    }
    let cpu = rates.map(\.cpu).sorted(), wall = rates.map(\.wall).sorted()
    let memory =
      [
        MemoryUse(purpose: "parameters", bytes: 4 * units.count),
        MemoryUse(purpose: "gradients", bytes: 4 * units.count),
        MemoryUse(purpose: "moments", bytes: 8 * units.count),
        MemoryUse(purpose: "scratch", bytes: engine.bytes),
      ] + LlamaModel.activationMemory(config, maximumTokens: tokens, recompute: .cheap)
    return Outcome(
      rate: Rate(wall: wall[wall.count / 2], cpu: cpu[cpu.count / 2]),
      slowest: cpu[0], fastest: cpu[cpu.count - 1], loss: loss.mean,
      memory: memory, residentBytes: mostResidentMemory())
  }

  private func measure<Failure: Error>(
    _ amount: Double, _ body: () throws(Failure) -> Void
  ) throws(Failure) -> Rate {
    let (time, _) = try elapsed(body)
    return Rate(wall: amount / time.wall, cpu: amount / time.cpu)
  }

  private func randomTokens(seed: UInt64) -> [Int32] {
    let gaussian = Gaussian(seed: seed, stream: 0)
    return (0..<tokens).map { index in
      Int32(abs(gaussian[index]) * 1e6) % Int32(config.vocabularySize)
    }
  }

  private func random(_ count: Int) -> View<Float> {
    let view = Arena<Float>(count: count).all
    let block = 4096
    let gaussian = Gaussian(seed: 1, stream: 1)
    let numbers = (0..<min(block, count)).map { Float(gaussian[$0]) }
    for first in stride(from: 0, to: count, by: block) {
      let part = view.part(first, min(block, count - first))
      part.copy(from: Array(numbers.prefix(part.count)))
    }
    return view
  }
}
