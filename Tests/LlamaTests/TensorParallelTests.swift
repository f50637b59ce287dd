import Compute
import Ground
import Llama
import Ranks
import Synchronization
import TestSupport
import Testing

/// What one rank of tensor parallelism ends with.
private struct Outcome: Sendable {
  let loss: Loss
  let units: ParameterUnits
  let gradients: [Double]
}

/// Runs `body` once for every rank, each on a thread of its own.
private func onRanks<Result: Sendable>(
  _ ranks: Int, _ body: @escaping @Sendable (any Communicator<View<Double>>) throws -> Result
) throws -> [Result] {
  let group = MemoryGroup<Double>(ranks: ranks)
  let next = Atomic<Int>(0)
  var results: [Result] = []
  try orderedMap(
    jobs: ranks,
    next: {
      let rank = next.wrappingAdd(1, ordering: .relaxed).oldValue
      return rank < ranks ? rank : nil
    },
    transform: { rank in try body(group.communicator(rank: rank)) },
    accept: { results.append($0) })
  return results
}

@Suite struct TensorParallelTests {
  static let config = LlamaConfig(
    vocabularySize: 72, dim: 48, layers: 2, heads: 8, keyValueHeads: 8, hiddenDim: 64, context: 16)
  static let tokens = randomTokens(32, below: 72, seed: 1)
  static let targets: [Int32] = {
    var targets = randomTokens(32, below: 72, seed: 2)
    targets[5] = -1
    return targets
  }()

  private static func outcome(
    _ team: any Communicator<View<Double>>, _ recompute: Recompute
  ) throws -> Outcome {
    let workers = WorkerPool(threads: 1)
    let engine = Processor<Double>(config: config, workers: workers)
    let units = config.units(TensorShare(rank: team.rank, ranks: team.ranks))
    let keeper = ResidentParameters(
      units, parameters: engine.allocate(units.count), gradients: engine.allocate(units.count))
    let model = ReferenceModel(
      config: config, maximumTokens: 48, engine: engine, team: team, keeper: keeper,
      recompute: recompute)
    model.initialize(seed: 3, deviation: 0.3)
    let loss = try model.forwardBackward(
      tokens: tokens, targets: targets, batch: 2, length: 16, lossScale: 0.1)
    // Accumulation: a second, shorter batch adds to the same gradients.
    let second = try model.forwardBackward(
      tokens: Array(tokens[..<16]), targets: Array(targets[..<16]), batch: 1, length: 16,
      lossScale: 0.1)
    let scored = try model.loss(tokens: tokens, targets: targets, batch: 2, length: 16)
    #expect(scored == loss)
    return Outcome(loss: loss + second, units: units, gradients: model.gradients.array)
  }

  /// In f64 nothing but the order of sums differs: blocks of all ranks are the whole, within rounding.
  @Test(arguments: [2, 4, 8], Recompute.allCases)
  func ranksThatShareLayersHaveTheGradientsOfOne(ranks: Int, recompute: Recompute) throws {
    let whole = try Self.outcome(Solo(), recompute)
    let shared = try onRanks(ranks) { try Self.outcome($0, recompute) }
    for outcome in shared {
      #expect(outcome.loss.count == whole.loss.count)
      #expect(abs(outcome.loss.sum - whole.loss.sum) < 1e-11 * whole.loss.sum)
      for (tensor, block) in zip(whole.units.tensors, outcome.units.tensors) {
        #expect(tensor.name == block.name)
        let width = tensor.columns.count
        var furthest = 0.0, largest = 0.0
        for (r, row) in block.rows.enumerated() {
          for (c, column) in block.columns.enumerated() {
            let right = whole.gradients[tensor.offset + row * width + column]
            let found = outcome.gradients[block.offset + r * block.columns.count + c]
            furthest = max(furthest, abs(right - found))
            largest = max(largest, abs(right))
          }
        }
        #expect(furthest <= 1e-11 * largest + 1e-14, "\(tensor.name)")
      }
    }
  }

  @Test func blocksCoverEveryTensorOnce() {
    let whole = Self.config.tensors
    let shares = (0..<4).map { Self.config.units(TensorShare(rank: $0, ranks: 4)).tensors }
    for (number, tensor) in whole.enumerated() {
      let blocks = shares.map { $0[number] }
      let elements = blocks.reduce(0) { $0 + $1.count }
      #expect(elements == (tensor.isReplicated ? 4 : 1) * tensor.count, "\(tensor.name)")
      #expect(Set(blocks.map(\.name)) == [tensor.name])
    }
    #expect(Self.config.units(.whole).ranges.count == 4)
    #expect(Self.config.units(.whole).count == Self.config.parameterCount)
  }

  @Test func ranksThatCannotShareAreRefused() throws {
    #expect(throws: Fault.self) { try Self.config.validate(tensorRanks: 5) }
    #expect(throws: Fault.self) { try Self.config.validate(tensorRanks: 16) }
    try Self.config.validate(tensorRanks: 8)
  }
}
