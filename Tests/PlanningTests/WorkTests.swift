import CUDA
import Llama
import Planning
import Testing

/// The work of a step, counted by hand.
@Suite struct WorkTests {
  private func step(
    _ layout: Layout, gpus: Int = 1, _ accelerator: Accelerator = Plain.accelerator
  ) -> StepEstimate {
    StepEstimate(
      layout, Plain.workload(), on: Cluster(accelerator, gpus: gpus), engine: CUDAEngine.self,
      efficiency: Plain.efficiency)
  }

  /// Weights of products: all but the embedding and the gains.
  private var weights: Int {
    let config = Plain.config
    return config.parameterCount - config.vocabularySize * config.dim
      - (2 * config.layers + 1) * config.dim
  }

  @Test(arguments: [1, 2, 8])
  func productsAreSixOperationsAWeightAndToken(parts: Int) {
    let work = step(Layout(recompute: .nothing, accumulation: parts)).work
    let tokens = 8 * 16
    #expect(abs(work.products / Double(6 * weights * tokens) - 1) < 1e-12)
    // Two products forward and five back, half of each.
    let attention = 7 * tokens * 16 * 32 * 3
    #expect(abs(work.attention / Double(attention) - 1) < 1e-12)
    #expect(work.tensorExchange == 0)
  }

  @Test func ranksThatShareLayersShareTheWork() {
    let alone = step(Layout(recompute: .cheap)).work
    let shared = step(Layout(tensorRanks: 2, recompute: .cheap), gpus: 2).work
    #expect(abs(shared.products / alone.products - 0.5) < 1e-12)
    #expect(abs(shared.attention / alone.attention - 0.5) < 1e-12)
  }

  @Test func aFullRecomputationDoesEverythingAgainButTheLastProduct() {
    let kept = step(Layout(recompute: .nothing)).work
    let again = step(Layout(recompute: .full)).work
    // Queries, keys and values of 32 + 2 · 16 channels, attention's output, gate and up.
    let weights = (64 * 32 + 32 * 32 + 2 * 48 * 32) * 3
    #expect(abs(again.products - kept.products - Double(2 * weights * 128)) < 1e-3)
    #expect(abs(again.attention / kept.attention - 9.0 / 7) < 1e-12)
  }

  @Test func elementWiseWorkIsWhatIsReadAndWritten() {
    var slow = Plain.accelerator
    slow.productPeak = 1e30
    slow.memoryBandwidth = 1
    let work = step(Layout(recompute: .nothing), slow).work
    let (C, H, A, turned, V, T) = (32, 48, 32, 48, 64, 128)
    let layer = 32 * C + 18 * H + 4 * A + 8 * turned
    let embedding = 4 * C + 10 * C
    let head = 4 * C + 6 * V + 8 * C + 2 * C
    #expect(work.elementWise == Double(T * (3 * layer + embedding + head)))
    let cheap = step(Layout(recompute: .cheap), slow).work
    #expect(cheap.elementWise - work.elementWise == Double(T * 3 * 8 * C))
  }

  /// The exchanges of `ForwardPass`, `BackwardPass` and `Scoring`, one by one.
  @Test(arguments: [(Recompute.nothing, 8), (.cheap, 10), (.full, 11)])
  func ranksExchangeWhatThePassesExchange(recompute: Recompute, perLayer: Int) {
    var slow = Plain.accelerator
    slow.nodeBandwidth = 1
    let work = step(Layout(tensorRanks: 2, recompute: recompute), gpus: 2, slow).work
    let (C, T, layers) = (32, 128, 3)
    // Half of the rows of bf16; two for the embedding, two for the head.
    let rows = (layers * perLayer + 4) * T * C
    // Sums go twice: gains of all norms in bf16, three numbers of f64 for each row of logits.
    let sums = (2 * layers + 1) * 2 * C + 3 * 8 * T
    #expect(abs(work.tensorExchange - Double(rows + sums)) < 0.01)
  }

  @Test func theOptimizerReadsAndWritesItsShare() {
    var slow = Plain.accelerator
    slow.memoryBandwidth = 1
    let count = Plain.config.parameterCount
    // Zeros of f32, a norm, then 12 bytes read and written, gradients read, bf16 written.
    #expect(step(Layout(), slow).optimizer == Double((4 + 4 + 24 + 4 + 2) * count))
    let eight = step(Layout(zero: .three), gpus: 8, slow).optimizer
    #expect(eight < Double(38 * count) / 7.9 && eight >= Double(38 * count) / 8)
  }

  @Test func aProductIsCountedInWavesOfTiles() {
    var four = Plain.accelerator
    four.multiprocessors = 4
    var tiles = Plain.efficiency
    tiles.tiles = [Efficiency.Tile(rows: 8, columns: 16, speed: 0.5)]
    tiles.tileFill = 2
    let kernels = KernelTimes(accelerator: four, efficiency: tiles)
    // 3 × 2 tiles are two waves of four.
    #expect(kernels.product(20, 32, 6, resultBytes: 2) == Double(2 * 4 * 2 * 8 * 16 * 8) / 0.5)
    four.memoryBandwidth = 0.001
    let bound = KernelTimes(accelerator: four, efficiency: tiles)
    #expect(abs(bound.product(20, 32, 6, resultBytes: 8) / 5_744_000 - 1) < 1e-12)
  }

  @Test func utilisationIsOfThePeak() {
    let one = step(Layout(recompute: .nothing))
    let perToken = Plain.config.operationsPerToken(length: 16)
    #expect(one.utilisationWithAttention == perToken * one.tokensPerSecond)
    #expect(one.utilisation == 6 * Double(Plain.config.parameterCount) * one.tokensPerSecond)
    #expect(one.tokensPerSecond == 128 / one.seconds)
    #expect(one.days == 10 * one.seconds / 86_400)
  }
}
