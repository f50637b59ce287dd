import Compute
import Llama
import TestSupport
import Testing

/// Seeded tokens below `limit`.
func randomTokens(_ count: Int, below limit: Int, seed: UInt64) -> [Int32] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { _ in Int32.random(in: 0..<Int32(limit), using: &generator) }
}

let small = LlamaConfig(
  vocabularySize: 61, dim: 24, layers: 2, heads: 4, keyValueHeads: 2, hiddenDim: 40, context: 16)

@Suite struct ModelTests {
  /// The whole chain of backward passes against central differences of the loss, in f64.
  @Test func gradientsOfEveryTensor() throws {
    let (batch, length) = (3, 13)
    let model = ReferenceModel(
      config: small, maximumTokens: 50, workers: WorkerPool(threads: 2))
    model.initialize(seed: 3)
    for index in 0..<model.parameters.count { model.parameters[index] *= 10 }
    let tokens = randomTokens(batch * length, below: 61, seed: 1)
    var targets = randomTokens(batch * length, below: 61, seed: 2)
    targets[4] = -1
    let scale = 0.01
    _ = try model.forwardBackward(
      tokens: tokens, targets: targets, batch: batch, length: length, lossScale: scale)
    func objective() throws -> Double {
      try scale * model.loss(tokens: tokens, targets: targets, batch: batch, length: length).sum
    }
    for tensor in model.tensors {
      let gradient = model.gradients.part(tensor.range)
      let values = model.parameters.part(tensor.range)
      let largest = gradient.array.reduce(1e-30) { max($0, abs($1)) }
      #expect(largest > 1e-9, "\(tensor.name) has a gradient")
      for index in stride(from: 0, to: tensor.count, by: max(1, tensor.count / 7)) {
        let (kept, step) = (values[index], 1e-5)
        values[index] = kept + step
        let above = try objective()
        values[index] = kept - step
        let below = try objective()
        values[index] = kept
        let error = abs((above - below) / (2 * step) - gradient[index]) / largest
        // Rounding over the step, and its square: both below 1e-8 here; see gradientTolerance.
        #expect(error < 1e-6, "\(tensor.name)[\(index)]")
      }
    }
  }

  @Test func threadsChangeNoBit() throws {
    let config = LlamaConfig(
      vocabularySize: 301, dim: 64, layers: 2, heads: 4, hiddenDim: 96, context: 80)
    let tokens = randomTokens(160, below: 301, seed: 4)
    let targets = randomTokens(160, below: 301, seed: 5)
    var results: [([Float], Loss)] = []
    for threads in [1, 2, 3] {
      let model = LlamaModel(
        config: config, maximumTokens: 160, workers: WorkerPool(threads: threads))
      model.initialize(seed: 6)
      let loss = try model.forwardBackward(
        tokens: tokens, targets: targets, batch: 2, length: 80, lossScale: 1.0 / 160)
      results.append((model.parameters.array + model.gradients.array, loss))
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test func gradientsAddUpOverBatches() throws {
    let model = ReferenceModel(
      config: small, maximumTokens: 32, workers: WorkerPool(threads: 1))
    model.initialize(seed: 1)
    let tokens = randomTokens(32, below: 61, seed: 7),
      targets = randomTokens(32, below: 61, seed: 8)
    let whole = try model.forwardBackward(
      tokens: tokens, targets: targets, batch: 2, length: 16, lossScale: 1)
    let right = model.gradients.array
    model.zeroGradients()
    #expect(model.gradients.array.allSatisfy { $0 == 0 })
    var sum = Loss()
    for half in [0..<16, 16..<32] {
      sum =
        sum
        + (try model.forwardBackward(
          tokens: Array(tokens[half]), targets: Array(targets[half]), batch: 1, length: 16,
          lossScale: 1))
    }
    #expect(abs(sum.sum - whole.sum) < 1e-10)
    #expect(sum.count == 32)
    let furthest = zip(right, model.gradients.array).reduce(0) { max($0, abs($1.0 - $1.1)) }
    #expect(furthest < 1e-12)
  }

  @Test func ignoredTargetsChangeNothing() throws {
    let model = LlamaModel(config: small, maximumTokens: 16, workers: WorkerPool(threads: 1))
    model.initialize(seed: 1)
    let loss = try model.forwardBackward(
      tokens: randomTokens(16, below: 61, seed: 9), targets: [Int32](repeating: -1, count: 16),
      batch: 1, length: 16, lossScale: 1)
    #expect(loss == Loss(sum: 0, count: 0))
    #expect(model.gradients.array.allSatisfy { $0 == 0 })
  }

  @Test func aModelThatDoesNotTrainScoresTheSame() throws {
    let tokens = randomTokens(16, below: 61, seed: 10)
    let losses = try [true, false].map { trains in
      let model = LlamaModel(
        config: small, maximumTokens: 16, workers: WorkerPool(threads: 1), trains: trains)
      model.initialize(seed: 1)
      return try model.loss(tokens: tokens, targets: tokens, batch: 1, length: 16)
    }
    #expect(losses[0] == losses[1])
  }

  @Test func lossesOfTargetsAddUp() throws {
    let model = LlamaModel(
      config: small, maximumTokens: 32, workers: WorkerPool(threads: 1), trains: false)
    model.initialize(seed: 1, deviation: 0.3)
    let tokens = randomTokens(32, below: 61, seed: 15)
    var targets = randomTokens(32, below: 61, seed: 16)
    targets[7] = -1
    let whole = try model.loss(tokens: tokens, targets: targets, batch: 2, length: 16)
    let losses = try model.losses(tokens: tokens, targets: targets, batch: 2, length: 16)
    #expect(losses.count == 32)
    #expect(losses[7] == 0)
    #expect(abs(losses.reduce(0, +) - whole.sum) < 1e-12 * whole.sum)
    // The first sequence's do not depend on the second.
    let first = try model.losses(
      tokens: Array(tokens[..<16]), targets: Array(targets[..<16]), batch: 1, length: 16)
    #expect(zip(first, losses).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  @Test func initialLossIsThatOfGuessing() throws {
    let config = LlamaConfig(vocabularySize: 512, dim: 64, layers: 2, heads: 4, context: 64)
    let model = LlamaModel(config: config, maximumTokens: 128, workers: WorkerPool(threads: 2))
    model.initialize(seed: 11)
    let tokens = randomTokens(128, below: 512, seed: 12)
    let loss = try model.loss(tokens: tokens, targets: tokens.reversed(), batch: 2, length: 64)
    // log 512 = 6.238; logits of deviation 0.02 · √64 = 0.16 add 0.013 on average.
    #expect(abs(loss.mean - 6.25) < 0.05)
  }

  @Test func memoryIsKnownBeforeTheFirstStep() {
    func kept(_ recompute: Recompute?) -> Int {
      LlamaModel.activationMemory(small, maximumTokens: 16, recompute: recompute)[0].bytes / 4
    }
    // For 16 tokens of dim 24: rows of input, middle and attended (24 each), mixed 48, gate and up 80,
    // heads 4 and two inverses; the last output with its inverse; one norm and one activation.
    let layer = 16 * (3 * 24 + 48 + 80 + 4 + 2)
    #expect(kept(.cheap) == 2 * layer + 16 * (24 + 1) + 16 * (24 + 40))
    // The same and two norms and an activation for each layer.
    #expect(kept(.nothing) == 2 * (layer + 16 * (2 * 24 + 40)) + 16 * (24 + 1))
    // One layer's, and the input of the other.
    #expect(kept(.full) == layer + 16 * (2 * 24 + 40) + 16 * 24 + 16 * (24 + 1))
    #expect(kept(nil) == kept(.full) - 16 * 24)
  }

  @Test(arguments: [1, 3]) func recomputationChangesNoBit(threads: Int) throws {
    let config = LlamaConfig(
      vocabularySize: 301, dim: 64, layers: 3, heads: 4, keyValueHeads: 2, hiddenDim: 96,
      context: 80)
    let tokens = randomTokens(160, below: 301, seed: 4)
    let targets = randomTokens(160, below: 301, seed: 5)
    var results: [([Float], Loss)] = []
    for recompute in Recompute.allCases {
      let model = LlamaModel(
        config: config, maximumTokens: 200, workers: WorkerPool(threads: threads),
        recompute: recompute)
      model.initialize(seed: 6)
      // Twice: what one batch leaves behind must not show in the next.
      for _ in 0..<2 {
        model.zeroGradients()
        let loss = try model.forwardBackward(
          tokens: tokens, targets: targets, batch: 2, length: 80, lossScale: 1.0 / 160)
        results.append((model.gradients.array, loss))
      }
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  /// A handful of steps on one batch must learn it: the parts work together.
  @Test func learnsABatchByHeart() throws {
    let model = LlamaModel(config: small, maximumTokens: 32, workers: WorkerPool(threads: 2))
    model.initialize(seed: 13)
    let tokens = randomTokens(33, below: 61, seed: 14)
    let first = Arena<Float>(count: model.parameters.count).all
    let second = Arena<Float>(count: model.parameters.count).all
    var loss = Loss()
    for step in 1...100 {
      model.zeroGradients()
      loss = try model.forwardBackward(
        tokens: Array(tokens[..<32]), targets: Array(tokens[1...]), batch: 2, length: 16,
        lossScale: 1.0 / 32)
      let norm = squaredNorm(model.gradients, workers: model.workers).squareRoot()
      adamW(
        model.parameters, gradients: model.gradients, firstMoments: first, secondMoments: second,
        settings: AdamW(learningRate: 1e-2, weightDecay: 0), step: step,
        gradientScale: clippingScale(norm: norm, limit: 1), workers: model.workers)
    }
    #expect(loss.mean < 0.1)
  }
}
