import Compute
import Foundation
import Llama
import Testing

/// Measurements, not tests: `QUIPU_SPEED=1 swift test -c release --filter SpeedTests`.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["QUIPU_SPEED"] != nil))
struct SpeedTests {
  static func processorSeconds() -> Double { Double(clock()) / Double(CLOCKS_PER_SEC) }

  /// Whole training steps, AdamW and clipping included, of a 21 M model: 8 sequences of 256 tokens.
  @Test(arguments: [1, 2])
  func trainingSteps(threads: Int) {
    let config = LlamaConfig(dim: 256, layers: 6, heads: 8, hiddenDim: 688, context: 256)
    let model = LlamaModel(
      config: config, maximumTokens: 2048, workers: WorkerPool(threads: threads))
    model.initialize(seed: 1)
    let tokens = randomTokens(2048, below: 32_000, seed: 1)
    let targets = randomTokens(2048, below: 32_000, seed: 2)
    let first = Arena<Float>(count: model.parameters.count).all
    let second = Arena<Float>(count: model.parameters.count).all
    var best = (cpu: 0.0, wall: 0.0)
    var loss = Loss()
    for step in 1...6 {
      let start = ContinuousClock.now, cpu = Self.processorSeconds()
      model.zeroGradients()
      loss = model.forwardBackward(
        tokens: tokens, targets: targets, batch: 8, length: 256, lossScale: 1.0 / 2048)
      let norm = squaredNorm(model.gradients, workers: model.workers).squareRoot()
      adamW(
        model.parameters, gradients: model.gradients, firstMoments: first, secondMoments: second,
        settings: AdamW(learningRate: 3e-4), step: step,
        gradientScale: clippingScale(norm: norm, limit: 1), workers: model.workers)
      best.cpu = max(best.cpu, 2048 / (Self.processorSeconds() - cpu))
      best.wall = max(best.wall, 2048 / ((ContinuousClock.now - start) / .seconds(1)))
    }
    let operations = best.cpu * config.operationsPerToken(length: 256) / 1e9
    print(
      "\(threads) threads: \(Int(best.cpu)) tokens a CPU-second (\(Int(operations)) GFLOP), ",
      terminator: "")
    print("\(Int(best.wall)) a second, loss \(loss.mean)")
    for use in model.memory { print("  \(use.purpose): \(use.bytes >> 20) MiB") }
  }

  @Test func generation() {
    let config = LlamaConfig(dim: 256, layers: 6, heads: 8, hiddenDim: 688, context: 512)
    let model = LlamaModel(
      config: config, maximumTokens: 64, workers: WorkerPool(threads: 2), trains: false)
    model.initialize(seed: 1)
    let generator = Generator(model: model)
    let start = ContinuousClock.now
    let written = generator.write(after: [1], count: 400)
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    print("generation: \(Int(Double(written.count) / seconds)) tokens a second")
  }
}
