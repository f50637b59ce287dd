import CUDA
import Compute
import Ground
import Llama
import Planning
import Shards
import Testing
import Trainer

/// Data that nothing looks at.
private struct NoSamples: SampleSource {
  var count: Int { 0 }
  var marks: [ShardMark] { [] }
  func sampleCount(context: Int) -> Int { 0 }
  func size(of numbers: [Int], context: Int) -> SampleSize { SampleSize(inputs: 0, targets: 0) }
  func samples(_ numbers: [Int], context: Int, vocabulary: Int) throws(Fault) -> SampleBatch {
    SampleBatch(inputs: [], targets: [], length: context)
  }
  func origins(of number: Int, context: Int) -> [SampleOrigin] { [] }
  func check(vocabulary: Int, context: Int, role: String) throws(Fault) {}
}

/// A GPU's memory beside what the trainer plans.
@Suite struct MemoryTests {
  private func bytes(_ uses: [MemoryUse], _ purpose: String) -> Int? {
    uses.first { $0.purpose == purpose }?.bytes
  }

  /// The trainer's plan of the same layout.
  private func trainerPlan(_ layout: Layout, _ workload: Workload, gpus: Int) -> [MemoryUse] {
    var settings = TrainingSettings(
      steps: 10, batch: workload.batch, context: workload.context, peakLearningRate: 1e-3)
    settings.accumulation = layout.accumulation
    var training = Training(
      folder: RunFolder(path: "none"), config: workload.config, settings: settings,
      data: TrainingData(train: NoSamples()))
    training.parallelism = parallelism(layout)
    let shape = workload.config.attentionShape(
      tokens: training.tokensAtATime(ranks: gpus), length: workload.context,
      ranks: layout.tensorRanks)
    return training.memoryPlan(
      of: CUDAEngine.self, ranks: gpus,
      scratch: CUDAEngine.scratchBytes(shape, positions: workload.config.context)
    ).device
  }

  @Test(arguments: [
    (Layout(), 1), (Layout(zero: .one), 8), (Layout(zero: .three), 8),
    (Layout(tensorRanks: 2, zero: .three, recompute: .full, accumulation: 2), 8),
    (Layout(tensorRanks: 8, recompute: .nothing, accumulation: 4), 8),
    (Layout(tensorRanks: 4, zero: .three), 4),
  ])
  func rowsAreThoseOfTheTrainer(layout: Layout, gpus: Int) {
    let workload = PaperModel.all[0].workload
    let ours = RankMemory(
      layout, workload, on: Cluster(.h200, gpus: gpus), engine: CUDAEngine.self
    ).uses
    let theirs = trainerPlan(layout, workload, gpus: gpus)
    #expect(ours == theirs)
  }

  @Test func aTinyModelByHand() {
    let count = Plain.config.parameterCount
    let memory = RankMemory(
      Layout(), Plain.workload(), on: Cluster(Plain.accelerator, gpus: 1), engine: CUDAEngine.self)
    #expect(count == 2 * 64 * 32 + 3 * (32 * 64 + 32 * 32 + 3 * 32 * 48 + 64) + 32)
    let states = memory.uses.prefix(4).map(\.bytes)
    // Each of the five units has room for whole vectors of 64.
    let room = [64 * 32, 7_744, 7_744, 7_744, 64 * 32 + 64].reduce(0, +)
    #expect(states == [2 * room, 4 * room, 8 * room, 4 * room])
    #expect(memory.bytes == memory.uses.reduce(0) { $0 + $1.bytes })
  }

  @Test func sharesNeedLess() {
    let workload = PaperModel.all[3].workload
    func memory(_ layout: Layout, gpus: Int = 2048) -> Int {
      RankMemory(layout, workload, on: Cluster(.a100, gpus: gpus), engine: CUDAEngine.self).bytes
    }
    #expect(memory(Layout(zero: .three)) < memory(Layout(zero: .one)))
    #expect(memory(Layout(tensorRanks: 8)) < memory(Layout(tensorRanks: 4)))
    #expect(memory(Layout(recompute: .full)) < memory(Layout(recompute: .cheap)))
    #expect(memory(Layout(recompute: .cheap)) < memory(Layout(recompute: .nothing)))
    let four = Layout(tensorRanks: 4, accumulation: 1)
    #expect(memory(Layout(tensorRanks: 4, accumulation: 4)) < memory(four))
    #expect(memory(four, gpus: 2048) < memory(four, gpus: 1024))
  }
}

/// The layout in the trainer's words.
func parallelism(_ layout: Layout) -> Parallelism {
  var parallelism = Parallelism()
  parallelism.tensorRanks = layout.tensorRanks
  parallelism.sharding = layout.zero == .three ? .everything : .moments
  parallelism.recompute = layout.recompute
  return parallelism
}
