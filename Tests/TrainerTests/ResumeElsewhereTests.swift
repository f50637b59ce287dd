import Compute
import Llama
import Ground
import Ranks
import TestSupport
import Testing
import Trainer

/// Runs that go on from a checkpoint of another number of ranks, or another cut.
@Suite struct ResumeElsewhereTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  @Test func fourRanksStopAndTwoGoOn() throws {
    let settings = tinySettings(steps: 24)
    try bench.training("whole", settings).run(report: bench.note)
    let whole = bench.taken().losses
    #expect(
      try bench.stopped("parts", settings, at: 9).run(ranks: 4, report: bench.note) == .stopped)
    #expect(try bench.resumed("parts", settings).run(ranks: 2, report: bench.note) == .finished)
    let parts = bench.taken().losses
    #expect(parts.count == 24)
    #expect(zip(whole, parts).allSatisfy { abs($0 - $1) < 1e-5 * $0 })
  }

  /// Saves the newest checkpoint of a run again, cut for so many ranks at random.
  private func cutAgain(_ name: String, _ settings: TrainingSettings, ranks: Int) throws {
    let channel = Solo<View<Float>>()
    let run = bench.run(name)
    let found = try #require(try run.newestCheckpoint(channel) { _ in })
    var generator = SeededGenerator(seed: 3)
    var cut = [[TensorPiece]](repeating: [], count: ranks)
    for tensor in tiny.tensors {
      for prefix in ["", "first_moment.", "second_moment."] {
        let middle = Int.random(in: 0...tensor.shape[0], using: &generator)
        for rows in [0..<middle, middle..<tensor.shape[0]] {
          let count = rows.count * tensor.shape.dropFirst().reduce(1, *)
          let cutAt = Int.random(in: 0...count, using: &generator)
          for elements in [0..<cutAt, cutAt..<count] {
            cut[Int.random(in: 0..<ranks, using: &generator)].append(
              TensorPiece(
                name: prefix + tensor.name, shape: tensor.shape, rows: rows, elements: elements,
                values: Arena<Float>(count: elements.count).all))
          }
        }
      }
    }
    try found.reader().read(cut.flatMap { $0 })
    let (state, pieces) = (found.state, cut)
    let identity = RunIdentity(settings: settings, config: tiny, shards: bench.data.train.marks)
    _ = try onRanks(ranks) { channel in
      let writer = CheckpointWriter(
        run, channel, pieces: pieces[channel.rank], run: identity,
        policy: CheckpointPolicy(keep: 2))
      try writer.save(state)
      try writer.finish()
    }
  }

  @Test func aCheckpointOfManyRanksGoesOnBitByBit() throws {
    let settings = tinySettings(steps: 20)
    try bench.training("whole", settings).run()
    try bench.stopped("a", settings, at: 9).run()
    try cutAgain("a", settings, ranks: 4)
    #expect(try names(in: bench.run("a").path).count == 4 + 3)
    #expect(try bench.resumed("a", settings).run() == .finished)
    #expect(try bench.checkpoint("a", 20) == bench.checkpoint("whole", 20))
  }

  @Test func theModelIsReadFromACheckpointOfManyRanks() throws {
    let settings = tinySettings(steps: 3)
    try bench.training("a", settings).run()
    func parameters() throws -> [UInt32] {
      let model = try bench.run("a").model(maximumTokens: 16, workers: WorkerPool(threads: 1)).model
      return model.parameters.array.map(\.bitPattern)
    }
    let before = try parameters()
    try cutAgain("a", settings, ranks: 3)
    #expect(try names(in: bench.run("a").path).count == 3 + 3)
    #expect(try parameters() == before)
  }
}
