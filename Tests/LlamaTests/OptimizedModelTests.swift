import Compute
import Llama
import TestSupport
import Testing

/// A whole model with its optimizer: what it learns, and what its steps spend their time on.
@Suite struct OptimizedModelTests {
  private struct Outcome: Equatable {
    var losses: [Double] = []
    var norms: [Double] = []
    var parameters: [Float] = []
  }

  /// Four steps on any engine.
  private func train<Engine: TimedBackend>(
    _ engine: Engine, _ recompute: Recompute, between: (Int) -> Void = { _ in }
  ) throws -> Outcome where Engine.Memory == View<Float> {
    let model = OptimizedModel(engine, small, maximumTokens: 32, recompute: recompute)
    model.setNoise(seed: 2, deviation: 0.1)
    let batch = TokenBatch(sequences: 2, length: 16, vocabulary: 61, seed: 3)
    var outcome = Outcome()
    for step in 1...4 {
      between(step)
      let done = try model.step(step, batch, rate: 1e-2)
      outcome.losses.append(done.loss)
      outcome.norms.append(done.norm)
    }
    outcome.parameters = model.parameters.array
    return outcome
  }

  private func engine(threads: Int = 2) -> Processor<Float> {
    Processor<Float>(config: small, workers: WorkerPool(threads: threads))
  }

  @Test(arguments: Recompute.allCases) func profiledStepsHaveTheSameBits(
    _ recompute: Recompute
  ) throws {
    let plain = try train(engine(threads: 1), recompute)
    let log = ProfileLog(engine())
    let profiled = try train(Profiled(log), recompute) { step in
      if step > 2 { log.end() }
      if step > 1 { log.begin() }
    }
    log.end()
    #expect(profiled == plain)
    #expect(plain.losses[3] < plain.losses[0] - 0.1)

    let profile = log.profile()
    #expect(profile.steps.count == 3)
    let kinds = Set(profile.spans.map(\.kind))
    #expect(kinds == Set(OperationClass.allCases).subtracting([.communication]))
    // Four products a layer and the head's, each in three; three a layer where all is computed again.
    let again = recompute == .full ? 3 * small.layers : 0
    let products = profile.classes.first { $0.name == "products" }
    #expect(products?.count == 3 * (3 * (4 * small.layers + 1) + again))
    let all = profile.classes.reduce(0) { $0 + $1.seconds }
    #expect(abs(all + profile.gaps - profile.seconds) < 1e-6)
    #expect(profile.gaps < profile.seconds)
    #expect(profile.operations.reduce(0) { $0 + $1.count } == profile.spans.count)
  }

  @Test func noiseIsWhatTrainingBeginsWith() {
    let model = OptimizedModel(engine(), small, maximumTokens: 16, recompute: .cheap)
    model.setNoise(seed: 5)
    let trained = LlamaModel(
      config: small, maximumTokens: 16, workers: WorkerPool(threads: 1), trains: false)
    trained.initialize(seed: 5)
    #expect(model.parameters.array == trained.parameters.array)
  }

  @Test func speedCountsItsStepsAndItsMemory() throws {
    let speed = try TrainingSpeed.measure(
      engine(), small, sequences: 2, length: 16, warmUp: 1, steps: 3, profiled: 2,
      recompute: .cheap)
    #expect(speed.steps.count == 3 && speed.losses.count == 6)
    #expect(speed.losses[5] < speed.losses[0])
    #expect(speed.profile?.steps.count == 2)
    #expect(speed.tokensPerSecond == 32 / speed.seconds)
    #expect(speed.processorRates.slowest <= speed.tokensPerProcessorSecond)
    #expect(speed.processorRates.fastest >= speed.tokensPerProcessorSecond)
    let planned = Dictionary(uniqueKeysWithValues: speed.planned.map { ($0.purpose, $0.bytes) })
    // Each of the four units has room for a multiple of 64 elements.
    let counts = small.parameterCount...small.parameterCount + 4 * 63
    #expect(counts.contains(try #require(planned["parameters"]) / 4))
    #expect(counts.contains(try #require(planned["moments"]) / 8))
    #expect(planned["parameters in f32"] == nil)
    #expect(speed.taken.after >= speed.taken.before)
    // Attention's half square is 6 · layers · dim · length operations a token.
    let half = 6.0 * 2 * 24 * 16 * speed.tokensPerSecond
    let difference = speed.operationsWithWholeAttention - speed.operationsPerSecond
    #expect(abs(difference / half - 1) < 1e-9)
  }
}
