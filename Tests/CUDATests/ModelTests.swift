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

    /// Also where the device pauses between operations: it changes no bit.
    @Test func stepsLowerTheLoss() throws {
      func losses(seed: UInt64) throws -> [Double] {
        quipu_emulate_delays(seed)
        defer { quipu_emulate_delays(0) }
        return try TrainingSpeed.measure(
          try EmulatedDevice.engine(), Self.config, sequences: 1, length: 16, steps: 4,
          recompute: .cheap
        ).losses
      }
      let found = try losses(seed: 0)
      #expect(found[3] < found[0] - 0.01, "\(found)")
      #expect(try losses(seed: 1) == found)
    }
  }
}
