import Compute
import Ground
import Synchronization
import TestSupport
import Testing
import Trainer

/// Samples of which chosen steps say that no target counts: their gradient is not finite.
private struct BrokenSamples: SampleSource {
  let whole: any SampleSource
  let broken: Set<Int>
  private let steps = Steps()

  final class Steps: Sendable {
    let count = Atomic<Int>(0)
  }

  init(_ whole: any SampleSource, broken: Set<Int>) {
    self.whole = whole
    self.broken = broken
  }

  /// Asked for once a step by a rank that is alone.
  func size(of numbers: [Int], context: Int) -> SampleSize {
    var size = whole.size(of: numbers, context: context)
    let step = steps.count.wrappingAdd(1, ordering: .relaxed).newValue
    if broken.contains(step) { size.targets = 0 }
    return size
  }

  var count: Int { whole.count }
  var marks: [ShardMark] { whole.marks }
  func sampleCount(context: Int) -> Int { whole.sampleCount(context: context) }
  func samples(
    _ numbers: [Int], context: Int, vocabulary: Int
  ) throws(Fault) -> SampleBatch {
    try whole.samples(numbers, context: context, vocabulary: vocabulary)
  }
  func origins(of number: Int, context: Int) -> [SampleOrigin] {
    whole.origins(of: number, context: context)
  }
  func check(vocabulary: Int, context: Int, role: String) throws(Fault) {
    try whole.check(vocabulary: vocabulary, context: context, role: role)
  }
}

extension Training {
  /// The run with some steps broken.
  fileprivate func breaking(_ steps: Set<Int>) -> Training {
    var training = self
    training.data = TrainingData(
      train: BrokenSamples(data.train, broken: steps), validation: data.validation)
    return training
  }
}

@Suite struct GuardTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  @Test func aBrokenStepIsSkippedAndTheRunGoesOn() throws {
    var settings = tinySettings(steps: 8)
    settings.checkpointEvery = 1
    settings.keep = 8
    let end = try bench.training("a", settings).breaking([4]).run(report: bench.note)
    #expect(end == .finished)
    let events = bench.taken()
    #expect(events.steps.filter(\.isSkipped).map(\.step) == [4])
    #expect(events.steps.last?.loss.isFinite == true)
    try #require(events.messages.count == 1)
    #expect(
      events.messages[0].hasPrefix(
        "step 4 has no finite gradient and was skipped: samples 12 to 15; sample 1"))
    #expect(events.messages[0].contains(" of 0000"))
    let three = try bench.bytes("a/checkpoint-000003.safetensors")
    #expect(try bench.bytes("a/checkpoint-000004.safetensors") == three)
    #expect(try bench.bytes("a/checkpoint-000005.safetensors") != three)
    let line = try bench.metrics("a")[3]
    #expect(line.contains("\"gradientNorm\":null"))
    #expect(line.contains("\"skipped\":{\"reason\":\"notFinite\",\"samples\":[12,16],\"worst\":["))
  }

  @Test func aSkippedStepSurvivesResuming() throws {
    let settings = tinySettings(steps: 8)
    try bench.training("whole", settings).breaking([4]).run()
    var first = bench.training("parts", settings)
    first.lastStep = 4
    try first.breaking([4]).run()
    first.lastStep = nil
    first.resume = true
    try first.run()
    #expect(try bench.checkpoint("parts", 8) == bench.checkpoint("whole", 8))
  }

  @Test func manyBrokenStepsInARowEndTheRun() throws {
    var settings = tinySettings(steps: 20)
    settings.patience = 3
    // Two broken steps, one whole, three broken: the count begins again after the whole one.
    let error = #expect(throws: Fault.self) {
      try bench.training("a", settings).breaking([2, 3, 5, 6, 7]).run(report: bench.note)
    }
    #expect(bench.taken().steps.count == 7)
    let what = error?.description ?? ""
    #expect(
      what.contains(
        "3 steps in a row could not be learned from; resume from the newest checkpoint"))
    #expect(what.contains("step 7 has no finite gradient and was skipped: samples 24 to 27"))
  }

  @Test(arguments: [1, 2])
  func aLearningRateThatIsTooHighEndsTheRun(ranks: Int) {
    var settings = tinySettings(steps: 40)
    settings.peakLearningRate = 1e30
    settings.patience = 4
    #expect(throws: Fault.self) { try bench.training("a", settings).run(ranks: ranks) }
  }
}
