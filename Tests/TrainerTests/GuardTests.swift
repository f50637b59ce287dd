import Compute
import Ground
import Ranks
import Synchronization
import TestSupport
import Testing
import Trainer

/// A single rank whose gradient breaks in chosen steps.
private struct BrokenChannel: Communicator {
  let rank = 0
  let ranks = 1
  let broken: Set<Int>
  private let step = Steps()

  final class Steps: Sendable {
    let count = Atomic<Int>(0)
  }

  init(broken: Set<Int>) { self.broken = broken }

  func allReduce(_ values: View<Float>) {
    let step = step.count.wrappingAdd(1, ordering: .relaxed).newValue
    if broken.contains(step) { values[values.count / 2] = .nan }
  }

  func reduceScatter(_ values: View<Float>) { allReduce(values) }
  func allGather(_ values: View<Float>) {}
  func sum(_ numbers: [Double]) -> [Double] { numbers }
  func maximum(_ numbers: [Double]) -> [Double] { numbers }
  func broadcast(_ values: View<Float>, from root: Int) {}
  func send(_ values: View<Float>, to rank: Int) {}
  func receive(_ values: View<Float>, from rank: Int) {}
  func barrier() {}
  func split(color: Int) -> any Communicator<View<Float>> { self }
  func abort(_ fault: Fault) {}
}

@Suite struct GuardTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  @Test func aBrokenStepIsSkippedAndTheRunGoesOn() throws {
    var settings = tinySettings(steps: 8)
    settings.checkpointEvery = 1
    settings.keep = 8
    let channel = BrokenChannel(broken: [4])
    let end = try bench.training("a", settings).train(
      as: channel, workers: WorkerPool(threads: 1), report: bench.note)
    #expect(end == .finished)
    let events = bench.taken()
    #expect(events.steps.filter(\.isSkipped).map(\.step) == [4])
    #expect(events.steps.last?.loss.isFinite == true)
    #expect(events.messages.count == 1)
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
    let workers = WorkerPool(threads: 1)
    _ = try bench.training("whole", settings).train(
      as: BrokenChannel(broken: [4]), workers: workers)
    var first = bench.training("parts", settings)
    first.lastStep = 4
    _ = try first.train(as: BrokenChannel(broken: [4]), workers: workers)
    first.lastStep = nil
    first.resume = true
    _ = try first.train(as: BrokenChannel(broken: []), workers: workers)
    #expect(try bench.checkpoint("parts", 8) == bench.checkpoint("whole", 8))
  }

  @Test func manyBrokenStepsInARowEndTheRun() throws {
    var settings = tinySettings(steps: 20)
    settings.patience = 3
    // Two broken steps, one whole, three broken: the count begins again after the whole one.
    let channel = BrokenChannel(broken: [2, 3, 5, 6, 7])
    let error = #expect(throws: Fault.self) {
      try bench.training("a", settings).train(
        as: channel, workers: WorkerPool(threads: 1), report: bench.note)
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
