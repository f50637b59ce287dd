import Compute
import Ground
import Llama
import TestSupport
import Testing
import Trainer

/// Sizes that eight ranks can share.
private let shared = LlamaConfig(
  vocabularySize: 64, dim: 32, layers: 3, heads: 8, hiddenDim: 64, context: 16)

private func settings(steps: Int) -> TrainingSettings {
  var settings = TrainingSettings(steps: steps, batch: 8, context: 16, peakLearningRate: 1e-2)
  settings.warmUp = 3
  settings.seed = 5
  settings.checkpointEvery = 1000
  settings.evaluateEvery = 25
  return settings
}

/// How many ranks, and how they share the work.
struct Layout: Sendable, CustomTestStringConvertible {
  var ranks: Int
  var tensorRanks = 1
  var sharding = Sharding.moments
  var recompute = Recompute.cheap
  var accumulation = 1

  var parallelism: Parallelism {
    var parallelism = Parallelism()
    parallelism.tensorRanks = tensorRanks
    parallelism.sharding = sharding
    parallelism.recompute = recompute
    return parallelism
  }

  var testDescription: String {
    "\(ranks) ranks, \(tensorRanks) a layer, \(sharding), \(recompute) again, "
      + "\(accumulation) parts"
  }

  static let all: [Layout] = [
    Layout(ranks: 2), Layout(ranks: 4), Layout(ranks: 8),
    Layout(ranks: 2, sharding: .everything), Layout(ranks: 4, sharding: .everything),
    Layout(ranks: 8, sharding: .everything, recompute: .full),
    Layout(ranks: 2, tensorRanks: 2), Layout(ranks: 4, tensorRanks: 4, recompute: .nothing),
    Layout(ranks: 8, tensorRanks: 8, recompute: .full),
    Layout(ranks: 4, tensorRanks: 2), Layout(ranks: 4, tensorRanks: 2, sharding: .everything),
    Layout(ranks: 8, tensorRanks: 4), Layout(ranks: 8, tensorRanks: 2, sharding: .everything),
    Layout(ranks: 2, accumulation: 4),
    Layout(ranks: 2, sharding: .everything, accumulation: 4),
    Layout(ranks: 4, tensorRanks: 2, sharding: .everything, accumulation: 2),
  ]
}

@Suite struct ParallelTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func training(_ name: String, _ layout: Layout, steps: Int = 50) -> Training {
    var settings = settings(steps: steps)
    settings.accumulation = layout.accumulation
    var training = Training(
      folder: bench.run(name), config: shared, settings: settings, data: bench.data)
    training.parallelism = layout.parallelism
    return training
  }

  /// The steps of a run of its own.
  private func steps(_ name: String, _ layout: Layout) throws -> [StepReport] {
    _ = bench.taken()
    try training(name, layout).run(ranks: layout.ranks, threads: layout.ranks, report: bench.note)
    return bench.taken().steps
  }

  @Test(arguments: Layout.all) func ranksLearnWhatOneLearns(layout: Layout) throws {
    let alone = try steps("alone", Layout(ranks: 1))
    let together = try steps("together", layout)
    #expect(alone.count == 50 && together.count == 50)
    for (one, many) in zip(alone, together) {
      #expect(abs(one.loss - many.loss) <= 1e-6 * one.loss, "step \(one.step)")
      #expect(abs(one.gradientNorm - many.gradientNorm) <= 1e-4 * one.gradientNorm)
      #expect(one.tokens == many.tokens)
      if let right = one.validationLoss {
        #expect(abs((many.validationLoss ?? 0) - right) <= 1e-6 * right)
      }
    }
    #expect(alone.last.map { $0.loss < 2 } == true, "there is something to learn")
  }

  @Test(arguments: [
    Layout(ranks: 4, tensorRanks: 2, sharding: .everything), Layout(ranks: 3 + 1),
  ])
  func everyRunOfTheSameRanksIsTheSame(layout: Layout) throws {
    let first = try steps("first", layout), second = try steps("second", layout)
    #expect(first.map(\.loss) == second.map(\.loss))
    #expect(try bench.metrics("first") == bench.metrics("second"))
  }

  /// Recomputation, overlap and accumulation aside, a rank alone is a rank alone.
  @Test func shardingOneRankChangesNothing() throws {
    let plain = try steps("plain", Layout(ranks: 1))
    let other = try steps("other", Layout(ranks: 1, sharding: .everything, recompute: .full))
    #expect(plain.map(\.loss) == other.map(\.loss))
  }

  /// Saved by some ranks, resumed by others: the whole run is that of one rank.
  @Test(arguments: [
    (Layout(ranks: 4), Layout(ranks: 2)),
    (Layout(ranks: 4, sharding: .everything), Layout(ranks: 2)),
    (Layout(ranks: 4, tensorRanks: 4), Layout(ranks: 2, sharding: .everything)),
    (Layout(ranks: 8, tensorRanks: 2, sharding: .everything), Layout(ranks: 4, tensorRanks: 4)),
    (Layout(ranks: 1), Layout(ranks: 8, tensorRanks: 4)),
    (Layout(ranks: 8, tensorRanks: 8), Layout(ranks: 1)),
  ])
  func checkpointsFitOtherRanks(saved: Layout, resumed: Layout) throws {
    let alone = try steps("alone", Layout(ranks: 1))
    _ = bench.taken()
    var begun = training("moved", saved)
    begun.lastStep = 20
    try begun.run(ranks: saved.ranks, threads: saved.ranks, report: bench.note)
    var rest = training("moved", resumed)
    rest.resume = true
    try rest.run(ranks: resumed.ranks, threads: resumed.ranks, report: bench.note)
    let together = bench.taken().steps
    #expect(together.map(\.step) == Array(1...50))
    for (one, many) in zip(alone, together) {
      #expect(abs(one.loss - many.loss) <= 1e-6 * one.loss, "step \(one.step)")
    }
  }

  @Test func ranksThatCannotShareAreRefused() throws {
    for layout in [
      Layout(ranks: 4, tensorRanks: 3), Layout(ranks: 16, tensorRanks: 16),
      Layout(ranks: 2, tensorRanks: 4),
    ] {
      #expect(throws: Fault.self) {
        try training("refused", layout).run(ranks: layout.ranks, threads: layout.ranks)
      }
    }
  }
}
