import CUDA
import Compute
import Ground
import Llama
import Ranks
import Synchronization
import TestSupport
import Testing
import Trainer

extension EmulatedTests {
  /// Runs of the trainer on the emulated device.
  @Suite struct TrainingTests {
    let folder: TemporaryFolder
    let data: TrainingData

    init() throws {
      folder = try TemporaryFolder()
      try writeToyShards(to: "\(folder.path)/data")
      data = try TrainingData(folder: "\(folder.path)/data")
    }

    private var settings: TrainingSettings {
      var settings = TrainingSettings(steps: 6, batch: 4, context: 8, peakLearningRate: 1e-2)
      settings.warmUp = 2
      settings.seed = 5
      settings.products = .bf16
      settings.initialDeviation = 0.1
      return settings
    }

    private func training(_ name: String, _ settings: TrainingSettings) -> Training {
      Training(
        folder: RunFolder(path: "\(folder.path)/\(name)"), config: ModelTests.config,
        settings: settings, data: data)
    }

    /// Runs it on a device of its own; gives the steps' reports.
    @discardableResult
    private func run(
      _ training: Training, records: Bool = true, recordings: Int? = nil
    ) throws -> [StepReport] {
      let engine = try EmulatedDevice.engine(isDeterministic: true)
      engine.recordsPasses = records
      let steps = Mutex<[StepReport]>([])
      _ = try training.train(
        as: Solo(), on: engine, NCCLCarrier(engine), workers: WorkerPool(threads: 1)
      ) { event in
        if case .step(let step) = event { steps.withLock { $0.append(step) } }
      }
      if let recordings { #expect(engine.recordingCount == recordings) }
      return steps.withLock { $0 }
    }

    private func checkpoint(_ name: String, _ step: Int) throws -> [UInt8] {
      let number = String(String(1_000_000 + step).dropFirst())
      let file = try MappedFile(path: "\(folder.path)/\(name)/checkpoint-\(number).safetensors")
      return unsafe file.withBytes { unsafe Array($0) }
    }

    @Test(arguments: Recompute.allCases)
    func learnsWhatTheCPULearns(recompute: Recompute) throws {
      var settings = settings
      settings.evaluateEvery = 3
      settings.evaluationSequences = 4
      var device = training("device", settings)
      device.parallelism.recompute = recompute
      let ours = try run(device, recordings: 1)
      settings.products = .f32
      let losses = Mutex<[StepReport]>([])
      try training("cpu", settings).run(threads: 1) { event in
        if case .step(let step) = event { losses.withLock { $0.append(step) } }
      }
      let theirs = losses.withLock { $0 }
      #expect(ours.count == 6 && theirs.count == 6)
      for (our, their) in zip(ours, theirs) {
        #expect(abs(our.loss - their.loss) < 2e-2 * their.loss, "step \(our.step)")
        #expect(abs(our.gradientNorm - their.gradientNorm) < 5e-2 * their.gradientNorm)
      }
      let (our, their) = (try #require(ours[5].validationLoss), theirs[5].validationLoss ?? 0)
      #expect(abs(our - their) < 2e-2 * their)
      #expect(ours[5].loss < ours[0].loss - 0.05)
    }

    @Test(arguments: [true, false])
    func stoppedAndResumedIsTheSameAsInOneGo(keepsMaster: Bool) throws {
      var settings = settings
      settings.keepsMaster = keepsMaster
      settings.accumulation = 2
      let whole = try run(training("whole", settings))
      var first = training("parts", settings)
      first.lastStep = 3
      var parts = try run(first)
      var rest = training("parts", settings)
      rest.resume = true
      parts += try run(rest)
      #expect(parts.map(\.loss) == whole.map(\.loss))
      #expect(try checkpoint("parts", 6) == checkpoint("whole", 6))
    }

    /// No more is taken of a device than the plan says, and not much less.
    @Test(arguments: Recompute.allCases) func memoryStaysWithinThePlan(
      recompute: Recompute
    ) throws {
      var training = training("planned", settings)
      training.parallelism.recompute = recompute
      let plan = training.memoryPlan(
        of: CUDAEngine.self, ranks: 1,
        scratch: CUDAEngine.scratchBytes(
          training.config.attentionShape(tokens: 32, length: 8, ranks: 1),
          positions: training.config.context, isDeterministic: true))
      let planned = MemoryPlan.sum(plan.device) - CUDAEngine.driverBytes
      let taken = try run(training).map(\.memory).max() ?? 0
      #expect(taken <= planned, "\(taken) of \(planned) bytes")
      #expect(taken > planned - 2 << 20)
    }

    @Test func recordingChangesNoBit() throws {
      let direct = try run(training("direct", settings), records: false, recordings: 0)
      let recorded = try run(training("recorded", settings), recordings: 1)
      #expect(recorded.map(\.loss) == direct.map(\.loss))
      #expect(try checkpoint("recorded", 6) == checkpoint("direct", 6))
    }

    static let layouts: [(ranks: Int, tensor: Int, zero: Sharding, accumulation: Int)] = [
      (2, 1, .moments, 1), (2, 1, .moments, 2), (2, 1, .everything, 2), (2, 2, .moments, 1),
      (4, 2, .everything, 1),
    ]

    /// Ranks on devices of their own, under pauses that show what does not wait for what.
    @Test(.timeLimit(.minutes(1)), arguments: layouts)
    func ranksLearnWhatOneLearns(
      ranks: Int, tensor: Int, zero: Sharding, accumulation: Int
    ) throws {
      var settings = settings
      settings.accumulation = accumulation
      settings.steps = 4
      settings.parameterNormEvery = 2
      var config = ModelTests.config
      config.keyValueHeads = 4
      func run(
        _ name: String, ranks: Int, seed: UInt64, records: Bool
      ) throws -> [StepReport] {
        var training = training(name, settings)
        training.config = config
        if ranks > 1 {
          training.parallelism.tensorRanks = tensor
          training.parallelism.sharding = zero
        }
        let steps = Mutex<[StepReport]>([])
        let done = training
        _ = try EmulatedRanks.run(ranks, seed: seed) { engine, members in
          engine.recordsPasses = records
          _ = try done.train(
            as: members, on: engine, NCCLCarrier(engine), workers: WorkerPool(threads: 1)
          ) { event in
            if case .step(let step) = event { steps.withLock { $0.append(step) } }
          }
          #expect((engine.recordingCount > 0) == records)
        }
        return steps.withLock { $0 }
      }
      let one = try run("one", ranks: 1, seed: 0, records: false)
      let many = try run("many", ranks: ranks, seed: 3, records: true)
      let again = try run("again", ranks: ranks, seed: 4, records: false)
      #expect(many.map(\.loss) == again.map(\.loss))
      #expect(many.map(\.parameterNorm) == again.map(\.parameterNorm))
      #expect(one.count == 4 && many.count == 4)
      for (ours, theirs) in zip(many, one) {
        #expect(abs(ours.loss - theirs.loss) < 1e-2 * theirs.loss, "step \(ours.step)")
        #expect(abs(ours.gradientNorm - theirs.gradientNorm) < 3e-2 * theirs.gradientNorm)
      }
    }

    /// A run goes on elsewhere: checkpoints are f32 whatever the passes round.
    @Test func aCheckpointOfADeviceGoesOnOnTheCPU() throws {
      var settings = settings
      settings.products = Products.bf16.isHere ? .bf16 : .f32
      var first = training("moves", settings)
      first.lastStep = 3
      let before = try run(first)
      var rest = training("moves", settings)
      rest.resume = true
      let losses = Mutex<[Double]>([])
      try rest.run(threads: 1) { event in
        if case .step(let step) = event { losses.withLock { $0.append(step.loss) } }
      }
      let whole = try run(training("stays", settings))
      #expect(before.map(\.loss) == whole.prefix(3).map(\.loss))
      for (moved, stayed) in zip(losses.withLock { $0 }, whole.dropFirst(3).map(\.loss)) {
        #expect(abs(moved - stayed) < 2e-2 * stayed)
      }
    }
  }
}
