import CUDA
import Compute
import Ground
import Llama
import Synchronization
import TestSupport
import Testing
import Trainer

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

    /// Steps 1, 2 and 6 are noted, and no part of a recording; the others are as if nothing were.
    @Test(arguments: [true, false]) func notedStepsHaveTheSameBits(isFused: Bool) throws {
      let plain = try EmulatedDevice.engine(isFused: isFused)
      let reference = try train(plain) { _ in }
      let parameters = plain.download(reference.parameters)

      let engine = try EmulatedDevice.engine(isFused: isFused), log = ProfileLog(engine)
      let noted = try train(Profiled(log)) { step in
        if step == 2 || step == 3 { log.end() }
        if [1, 2, 6].contains(step) { log.begin() }
        // The first pass that is not noted is carried out, the second recorded.
        if step == 4 { #expect(engine.recordingCount == 0) }
        if step == 5 { #expect(engine.recordingCount == 1) }
      }
      log.end()
      #expect(noted.losses == reference.losses)
      #expect(engine.download(noted.parameters) == parameters)
      #expect(engine.recordingCount == 1)

      let profile = log.profile()
      #expect(profile.steps.count == 3)
      #expect(
        Set(profile.spans.map(\.kind))
          == Set(OperationClass.allCases).subtracting([.communication]))
      let first = profile.spans.prefix { $0.start < profile.steps[1].start }
      #expect(first.map(\.name) == profile.spans.suffix(first.count).map(\.name))
      #expect(first.count * 3 == profile.spans.count)
      var end = 0.0
      for span in profile.spans {
        // The device's clock has f32 milliseconds.
        #expect(span.start >= end - 1e-6 * max(1, end) && span.seconds >= 0)
        end = span.start + span.seconds
      }
      #expect(profile.gaps >= 0 && profile.gaps < profile.seconds)
    }

    static let layouts: [(tensor: Int, zero: Sharding)] = [(1, .moments), (2, .everything)]

    /// Four ranks that note the same steps learn what they learn without, and rank 0 sees NCCL.
    @Test(.timeLimit(.minutes(1)), arguments: layouts)
    func ranksNoteAlike(tensor: Int, zero: Sharding) throws {
      let folder = try TemporaryFolder(), path = "\(folder.path)/trace.json"
      try writeToyShards(to: "\(folder.path)/data")
      var settings = TrainingSettings(steps: 5, batch: 4, context: 8, peakLearningRate: 1e-2)
      settings.warmUp = 2
      settings.products = .bf16
      var config = ModelTests.config
      config.keyValueHeads = 4
      func run(_ name: String, _ profile: ProfileRequest?) throws -> [Double] {
        var training = Training(
          folder: RunFolder(path: "\(folder.path)/\(name)"), config: config, settings: settings,
          data: try TrainingData(folder: "\(folder.path)/data"))
        training.parallelism.tensorRanks = tensor
        training.parallelism.sharding = zero
        training.profile = profile
        let done = training, losses = Mutex<[Double]>([])
        _ = try EmulatedRanks.run(4, seed: 2) { engine, members in
          _ = try done.train(
            as: members, on: engine, NCCLCarrier(engine), workers: WorkerPool(threads: 1)
          ) { event in
            if case .step(let step) = event { losses.withLock { $0.append(step.loss) } }
          }
        }
        return losses.withLock { $0 }
      }
      let plain = try run("plain", nil)
      #expect(plain.count == 5)
      #expect(try run("noted", ProfileRequest(path: path, steps: 2)) == plain)
      let text = String(decoding: try openDecoded(path).readToEnd(), as: UTF8.self)
      #expect(text.contains("step 3") && text.contains("step 4") && !text.contains("step 5"))
      #expect(text.contains("wait for reduce-scatter") && text.contains("wait for all-gather"))
      #expect(text.contains("\"all-gather ") == (tensor > 1))
    }
  }
}
