import CUDA
import CUDACheck
import CUDAEmulator
import Llama
import Testing

extension EmulatedTests {
  /// A whole step on the emulated device against the CPU's, from the same weights in bf16.
  @Suite struct ModelTests {
    static let config = LlamaConfig(
      vocabularySize: 96, dim: 64, layers: 2, heads: 4, keyValueHeads: 2, hiddenDim: 96,
      context: 16)
    static let cases: [(isFused: Bool, recompute: Recompute)] = [
      (true, .nothing), (true, .cheap), (true, .full), (false, .cheap),
    ]

    @Test(arguments: cases) func lossAndGradientsAreTheCPUs(
      isFused: Bool, recompute: Recompute
    ) throws {
      var rows: [CheckRow] = []
      let bench = CheckBench(try EmulatedDevice.engine(isFused: isFused), threads: 1) {
        rows.append($0)
      }
      try ModelChecks.run(bench, Self.config, recompute: recompute, sequences: 2)
      #expect(rows.count == 3)
      for row in rows { #expect(row.isPassed, "\(row.line)") }
    }

    /// The same bits, whether a pass is carried out or a recording of it repeated on other tokens.
    @Test(arguments: [true, false]) func recordedPassesAreThePassesThemselves(
      isFused: Bool
    ) throws {
      func run(records: Bool) throws -> (losses: [Double], norms: [Double], parameters: [Float]) {
        let engine = try EmulatedDevice.engine(isFused: isFused)
        engine.recordsPasses = records
        let model = OptimizedModel(engine, Self.config, maximumTokens: 32, recompute: .cheap)
        model.setNoise(seed: 1, deviation: 0.1)
        var losses: [Double] = [], norms: [Double] = []
        for step in 1...5 {
          let batch = TokenBatch(sequences: 2, length: 16, vocabulary: 96, seed: UInt64(step))
          let done = try model.step(step, batch, rate: 1e-2)
          losses.append(done.loss)
          norms.append(done.norm)
        }
        #expect(engine.recordingCount == (records ? 1 : 0))
        return (losses, norms, engine.download(model.parameters))
      }
      let direct = try run(records: false), recorded = try run(records: true)
      #expect(recorded.losses == direct.losses)
      #expect(recorded.norms == direct.norms)
      #expect(recorded.parameters == direct.parameters)
      #expect(Set(direct.losses).count == 5)
    }

    /// Also where the device pauses between operations: it changes no bit.
    @Test func stepsLowerTheLoss() throws {
      func losses(seed: UInt64) throws -> [Double] {
        quipu_emulate_delays(seed)
        defer { quipu_emulate_delays(0) }
        return try TrainingSpeed.measure(
          try EmulatedDevice.engine(), Self.config, sequences: 1, length: 16, warmUp: 2, steps: 2,
          profiled: 1, recompute: .cheap
        ).losses
      }
      let found = try losses(seed: 0)
      #expect(found[4] < found[0] - 0.01, "\(found)")
      #expect(try losses(seed: 1) == found)
    }
  }
}
