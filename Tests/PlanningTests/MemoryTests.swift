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

  /// The trainer's plan of the same layout: f32 where the device has bf16, for some purposes.
  private func trainerPlan(_ layout: Layout, _ workload: Workload, gpus: Int) -> [MemoryUse] {
    var settings = TrainingSettings(
      steps: 10, batch: workload.batch, context: workload.context, peakLearningRate: 1e-3)
    settings.accumulation = layout.accumulation
    var training = Training(
      folder: RunFolder(path: "none"), config: workload.config, settings: settings,
      data: TrainingData(train: NoSamples()))
    training.parallelism = parallelism(layout)
    return training.memoryPlan(ranks: gpus, threads: 1)
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
    #expect(bytes(ours, "parameters") == bytes(theirs, "parameters").map { $0 / 2 })
    #expect(bytes(ours, "gradients") == bytes(theirs, "gradients"))
    #expect(bytes(ours, "moments") == bytes(theirs, "moments"))
    #expect(bytes(ours, "master parameters") == bytes(theirs, "moments").map { $0 / 2 })
    #expect(bytes(ours, "gathered layers") == bytes(theirs, "gathered layers").map { $0 / 2 })
    #expect(bytes(ours, "gradients on their way") == bytes(theirs, "gradients on their way"))
    let tokens = layout.sequences(of: workload, on: Cluster(.h200, gpus: gpus)) * workload.context
    let activations = LlamaNetwork<CUDAEngine>.activationMemory(
      workload.config, maximumTokens: tokens,
      share: TensorShare(rank: 0, ranks: layout.tensorRanks), recompute: layout.recompute,
      elementBytes: 2)
    #expect(ours.filter { $0.purpose.hasSuffix("activations") } == activations)
  }

  @Test func aTinyModelByHand() {
    let count = Plain.config.parameterCount
    let memory = RankMemory(
      Layout(), Plain.workload(), on: Cluster(Plain.accelerator, gpus: 1), engine: CUDAEngine.self)
    #expect(count == 2 * 64 * 32 + 3 * (32 * 64 + 32 * 32 + 3 * 32 * 48 + 64) + 32)
    let states = memory.uses.prefix(4).map(\.bytes)
    #expect(states == [2 * count, 4 * count, 4 * count, 8 * count])
    #expect(memory.bytes == memory.uses.reduce(0) { $0 + $1.bytes })
    // 128 tokens, 4 heads of 8 channels, whose keys and values are grouped.
    let room = bytes(memory.uses, "room of products and attention")
    #expect(room == 32 << 20 + 4 * 128 * 4 + 2 * 4 * 128 * 32)
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
