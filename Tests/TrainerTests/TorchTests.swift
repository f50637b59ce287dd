import Testing
import Trainer

/// Thirty steps of the tiny model beside PyTorch 2.15 in f64.
///
/// The numbers come from an independent script: weights from the documented generator, sequences by the
/// order of `Docs/Formats/shards.md`, `scaled_dot_product_attention`, `clip_grad_norm_` at 0.5, and
/// `torch.optim.AdamW` with two groups, matrices decayed by 0.1 and gains not.
@Suite struct TorchTests {
  static let losses = [
    4.170792, 4.093144, 4.004708, 3.847973, 3.780503, 3.714533, 3.565498, 3.472852, 3.388869,
    3.256528, 3.156453, 3.036259, 2.97556, 2.91331, 2.87956, 2.823533, 2.710295, 2.680407,
    2.631214, 2.48897, 2.500335, 2.45965, 2.421407, 2.410861, 2.362349, 2.369605, 2.366499,
    2.304148, 2.293953, 2.2796,
  ]
  /// Before clipping.
  static let norms = [
    0.74244, 0.7454, 0.79729, 0.67664, 0.74182, 0.76438, 0.72617, 0.76534, 0.76215, 0.73799,
    0.87378, 0.79224, 0.68727, 0.76224, 0.83959, 0.80313, 0.6858, 0.91103, 0.7938, 0.79149,
    0.74581, 0.76222, 0.75547, 0.80062, 0.77253, 0.76159, 0.7527, 0.93548, 0.87194, 0.7304,
  ]

  @Test func lossesAndNormsAreThoseOfTorch() throws {
    let bench = try Bench()
    var settings = tinySettings(steps: 30)
    settings.clip = 0.5
    try bench.training("a", settings).run(report: bench.note)
    let steps = bench.taken().steps
    #expect(steps.count == Self.losses.count)
    // f32 against f64 for thirty steps: some 1e-6; the constants are rounded to 1e-6 and 1e-5.
    for (step, loss) in zip(steps, Self.losses) {
      #expect(abs(step.loss - loss) < 2e-5, "step \(step.step)")
    }
    for (step, norm) in zip(steps, Self.norms) {
      #expect(abs(step.gradientNorm - norm) < 1e-4, "step \(step.step)")
    }
  }
}
