import Compute
import Ground
import Ranks
import Shards
import TestSupport
import Testing
import Trainer

/// Runs over good text with two documents of noise, 16 and 30.
@Suite struct SpikeTests {
  let bench: Bench
  let data: TrainingData

  init() throws {
    let bench = try Bench()
    self.bench = bench
    let folder = bench.folder.path + "/odd"
    try makeFolder(folder)
    var writer = try ShardWriter(path: folder + "/00000", width: .two)
    for start in stride(from: 0, to: 2000, by: 50) {
      try writer.write(
        (start..<start + 50).map { start == 800 || start == 1500 ? Self.odd($0) : token($0) })
    }
    try writer.commit()
    data = try TrainingData(folder: folder)
  }

  /// Tokens that no other tells anything of.
  private static func odd(_ place: Int) -> UInt32 { UInt32(scatter(UInt64(place)) % 61 + 3) }

  private func settings(_ action: SpikeAction) -> TrainingSettings {
    var settings = tinySettings(steps: 170)
    settings.spikes = action
    settings.spikeWindow = 12
    settings.spikeScore = 4
    settings.rewinds = 2
    settings.checkpointEvery = 10
    return settings
  }

  private func training(_ name: String, _ settings: TrainingSettings) -> Training {
    var training = bench.training(name, settings)
    training.data = data
    return training
  }

  @Test func aSpikeIsSkippedAndNamed() throws {
    try training("a", settings(.skip)).run(report: bench.note)
    let events = bench.taken()
    let skipped = events.steps.compactMap(\.skipped)
    #expect(!skipped.isEmpty && skipped.count < 60)
    #expect(events.messages.count == skipped.count)
    for bad in skipped {
      #expect(bad.reason == .spike)
      #expect((bad.score ?? 0) > 4)
      // A sequence that has parts of an odd document is the worst of its batch.
      #expect(bad.worst[0].origins.contains { [16, 30].contains($0.document) })
    }
    #expect(events.messages.first?.contains("deviations above") == true)
    #expect(events.steps.count == 170)
  }

  @Test func withoutGuardsEverythingIsLearned() throws {
    try training("a", settings(.none)).run(report: bench.note)
    #expect(bench.taken().steps.allSatisfy { !$0.isSkipped })
  }

  @Test(arguments: [
    Layout(ranks: 1), Layout(ranks: 2), Layout(ranks: 2, sharding: .everything),
    Layout(ranks: 2, tensorRanks: 2),
  ])
  func aSpikeTakesTheRunBackAndTheDataOn(layout: Layout) throws {
    var training = training("a", settings(.rewind))
    training.parallelism = layout.parallelism
    try training.run(ranks: layout.ranks, report: bench.note)
    let events = bench.taken()
    let back = events.messages.filter { $0.contains("takes the run back to step") }
    #expect(back.count == 2)
    // Later spikes are skipped.
    #expect(events.steps.contains { $0.isSkipped })
    // The second is met at once after the first.
    let falls = zip(events.steps, events.steps.dropFirst()).filter { $1.step <= $0.step }
    #expect(falls.count == 1)
    for (_, next) in falls { #expect((next.step - 1) % 10 == 0) }
    // No sample is seen twice, and no line of what was gone back from is left.
    for (one, next) in zip(events.steps, events.steps.dropFirst()) {
      #expect(next.samples.lowerBound >= one.samples.upperBound)
    }
    let lines = try bench.metrics("a")
    #expect(lines.count == 171)
    #expect(lines.filter { $0.contains("\"rewinds\":2") }.count == 1)
  }

  @Test(arguments: [(1, 1), (2, 3)])
  func aRunWithRewindsIsTheSameHoweverOftenItIsStopped(ranks: Int, keep: Int) throws {
    var settings = settings(.rewind)
    settings.keep = keep
    try training("whole", settings).run(ranks: ranks, report: bench.note)
    let events = bench.taken()
    // Before and after each spike, and twice before the next regular checkpoint.
    var stops: [Int] = []
    for (one, next) in zip(events.steps, events.steps.dropFirst()) where next.step <= one.step {
      stops += [one.step - 1, one.step, next.step, next.step + 2]
    }
    #expect(stops.count == 4)
    var parts = training("parts", settings)
    for stop in stops + [170] {
      parts.lastStep = stop
      try parts.run(ranks: ranks, report: bench.note)
      parts.resume = true
    }
    #expect(bench.taken().messages.filter { $0.contains("takes the run back") }.count >= 2)
    #expect(try bench.checkpoint("parts", 170) == bench.checkpoint("whole", 170))
    #expect(try bench.metrics("parts") == bench.metrics("whole"))
  }

  @Test func aRunThatIsRaisedToStopAmidARewindGoesOnTheSame() throws {
    let settings = settings(.rewind)
    try training("whole", settings).run()
    let flag = StopFlag()
    var parts = training("parts", settings)
    let end = try parts.run(stop: flag) { event in
      if case .message = event { flag.raise() }
    }
    #expect(end == .stopped)
    parts.resume = true
    #expect(try parts.run() == .finished)
    #expect(try bench.checkpoint("parts", 170) == bench.checkpoint("whole", 170))
  }

  @Test func lossesThatHardlyDifferMakeNoSpike() {
    var window = LossWindow()
    for _ in 0..<4 {
      #expect(window.score(of: 9, length: 4) == nil)
      window.add(2, length: 4)
    }
    // The least deviation is 0.01.
    #expect(window.score(of: 2.05, length: 4).map { abs($0 - 5) < 1e-9 } == true)
  }

  @Test func theWindowForgetsWhatIsOlder() {
    var window = LossWindow()
    for loss in [90, 1, 3, 1, 3.0] { window.add(loss, length: 4) }
    #expect(window.losses == [1, 3, 1, 3])
    #expect(window.mean == 2)
    #expect(window.score(of: 7, length: 4) == 5)
  }
}
