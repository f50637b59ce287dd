import CUDA
import CUDACheck
import Compute
import Ground
import Llama
import Ranks
import Testing

/// What one rank of tensor parallelism ends with.
private struct Outcome: Sendable {
  let loss: Loss
  let units: ParameterUnits
  let gradients: [Float]
}

extension EmulatedTests {
  /// Ranks on GPUs that share layers and the sequence between them, against one GPU with all.
  @Suite(.timeLimit(.minutes(1))) struct TeamTests {
    static let config = LlamaConfig(
      vocabularySize: 96, dim: 64, layers: 2, heads: 4, keyValueHeads: 4, hiddenDim: 96,
      context: 16)

    /// The parameters of the whole model that a rank has, rounded by the engine.
    private static func outcome(
      _ engine: CUDAEngine, _ team: any Communicator<CUDAMemory>, _ recompute: Recompute
    ) throws -> Outcome {
      let batch = TokenBatch(
        sequences: 2, length: config.context, vocabulary: config.vocabularySize, seed: 5)
      let whole = LlamaModel(
        config: config, maximumTokens: 1, workers: WorkerPool(threads: 1), trains: false)
      whole.initialize(seed: 7, deviation: 0.1)
      let units = config.units(TensorShare(rank: team.rank, ranks: team.ranks))
      var mine = [Float](repeating: 0, count: units.count)
      forEach(whole.units, units) { from, to in mine[to] = whole.parameters[from] }
      let parameters = try engine.memory(mine, .bf16)
      let keeper = ResidentParameters(
        units, parameters: parameters, gradients: try engine.allocate(units.count, .f32))
      let model = LlamaNetwork(
        config: config, maximumTokens: batch.tokens.count, engine: engine, team: team,
        keeper: keeper, recompute: recompute)
      let loss = try model.forwardBackward(
        tokens: batch.tokens, targets: batch.targets, batch: batch.sequences,
        length: batch.length, lossScale: 1 / Double(batch.tokens.count))
      return Outcome(loss: loss, units: units, gradients: engine.download(keeper.gradients))
    }

    /// Calls `body` with the place of every element of a share in the whole and in the share.
    private static func forEach(
      _ whole: ParameterUnits, _ share: ParameterUnits, _ body: (Int, Int) -> Void
    ) {
      for (tensor, block) in zip(whole.tensors, share.tensors) {
        forEach(tensor, block, body)
      }
    }

    private static func forEach(
      _ tensor: NamedTensor, _ block: NamedTensor, _ body: (Int, Int) -> Void
    ) {
      for (r, row) in block.rows.enumerated() {
        for (c, column) in block.columns.enumerated() {
          body(
            tensor.offset + row * tensor.columns.count + column,
            block.offset + r * block.columns.count + c)
        }
      }
    }

    static let cases: [(ranks: Int, recompute: Recompute, seed: UInt64)] = [
      (2, .nothing, 0), (2, .cheap, 1), (4, .cheap, 0), (4, .full, 2),
    ]

    @Test(arguments: cases) func ranksThatShareLayersHaveTheGradientsOfOne(
      ranks: Int, recompute: Recompute, seed: UInt64
    ) throws {
      let whole = try Self.outcome(try EmulatedDevice.engine(), Solo(), recompute)
      let shared = try EmulatedRanks.run(ranks, seed: seed) { engine, members in
        try Self.outcome(engine, try NCCLCarrier(engine).communicator(members), recompute)
      }
      for outcome in shared {
        #expect(outcome.loss.count == whole.loss.count)
        #expect(abs(outcome.loss.mean - whole.loss.mean) < 1e-3 * whole.loss.mean)
        for (tensor, block) in zip(whole.units.tensors, outcome.units.tensors) {
          var ours: [Double] = [], theirs: [Double] = []
          Self.forEach(tensor, block) { from, to in
            theirs.append(Double(whole.gradients[from]))
            ours.append(Double(outcome.gradients[to]))
          }
          #expect(distance(ours, theirs) < 3e-2, "\(tensor.name)")
        }
      }
      // What all ranks keep is the same on all, bit by bit.
      for outcome in shared.dropFirst() {
        #expect(outcome.loss == shared[0].loss)
        for tensor in outcome.units.tensors where tensor.isReplicated {
          #expect(outcome.gradients[tensor.range] == shared[0].gradients[tensor.range])
        }
      }
    }
  }
}
