import CUDA
import CUDACheck
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

    @Test func stepsLowerTheLoss() throws {
      let speed = try TrainingSpeed.measure(
        try EmulatedDevice.engine(), Self.config, sequences: 1, length: 16, steps: 4,
        recompute: .cheap)
      #expect(speed.losses[3] < speed.losses[0] - 0.01, "\(speed.losses)")
    }
  }
}
