import CUDA
import Compute
import Llama
import Testing

extension EmulatedTests {
  /// A step's operations between events of the emulated device.
  @Suite struct ProfileTests {
    private func train<Engine: TrainingBackend>(
      _ engine: Engine, between: (Int) -> Void
    ) throws -> (losses: [Double], parameters: Engine.Memory)
    where Engine.Memory == CUDAMemory, Engine: TimedBackend {
      let model = OptimizedModel(engine, ModelTests.config, maximumTokens: 32, recompute: .cheap)
      model.setNoise(seed: 1, deviation: 0.1)
      var losses: [Double] = []
      for step in 1...6 {
        between(step)
        let batch = TokenBatch(sequences: 2, length: 16, vocabulary: 96, seed: UInt64(step))
        losses.append(try model.step(step, batch, rate: 1e-2).loss)
      }
      return (losses, model.parameters)
    }

    /// Steps 1 and 6 are noted; those between are recorded and repeated as if nothing were.
    @Test(arguments: [true, false]) func notedStepsHaveTheSameBits(isFused: Bool) throws {
      let plain = try EmulatedDevice.engine(isFused: isFused)
      let reference = try train(plain) { _ in }
      let parameters = plain.download(reference.parameters)

      let engine = try EmulatedDevice.engine(isFused: isFused), log = ProfileLog(engine)
      let noted = try train(Profiled(log)) { step in
        if step == 2 { log.end() }
        if step == 1 || step == 6 { log.begin() }
      }
      log.end()
      #expect(noted.losses == reference.losses)
      #expect(engine.download(noted.parameters) == parameters)
      #expect(engine.recordingCount == 1)

      let profile = log.profile()
      #expect(profile.steps.count == 2)
      #expect(
        Set(profile.spans.map(\.kind))
          == Set(OperationClass.allCases).subtracting([.communication]))
      #expect(
        profile.spans.filter { $0.start < profile.steps[1].start }.count * 2
          == profile.spans.count)
      var end = 0.0
      for span in profile.spans {
        // The device's clock has f32 milliseconds.
        #expect(span.start >= end - 1e-6 * max(1, end) && span.seconds >= 0)
        end = span.start + span.seconds
      }
      #expect(profile.gaps >= 0 && profile.gaps < profile.seconds)
    }
  }
}
