import Compute
import Foundation
import Ground
import Llama
import TestSupport
import Testing
import Trainer

/// A run whose operations are noted: what it learns, and the trace that it leaves.
@Suite struct ProfileTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private struct Trace: Decodable {
    struct Event: Decodable {
      struct Name: Decodable { var name: String }
      var name: String
      var cat: String?
      var ph: String
      var ts: Double?
      var dur: Double?
      var pid: Int
      var tid: Int
      var args: Name?
    }
    var traceEvents: [Event]

    /// The complete events of a row.
    func row(_ name: String) -> [Event] {
      let thread = traceEvents.first { $0.ph == "M" && $0.args?.name == name }?.tid
      return traceEvents.filter { $0.ph == "X" && $0.tid == thread }
    }
  }

  private func trace(_ name: String) throws -> Trace {
    try JSONDecoder().decode(Trace.self, from: Data(bench.bytes(name)))
  }

  /// Events of a row follow each other.
  private func expectInOrder(_ events: [Trace.Event]) {
    var end = 0.0
    for event in events {
      #expect((event.ts ?? -1) >= end - 0.002, "\(event.name)")
      #expect((event.dur ?? -1) >= 0)
      end = (event.ts ?? 0) + (event.dur ?? 0)
    }
  }

  private func training(_ name: String, steps: Int) -> Training {
    bench.training(name, tinySettings(steps: steps))
  }

  @Test func aTraceHasTheStepsAfterTheFirstTwo() throws {
    var training = training("noted", steps: 8)
    training.settings.accumulation = 2
    training.settings.evaluateEvery = 2
    training.profile = ProfileRequest(path: "\(bench.folder.path)/noted/trace.json", steps: 3)
    try training.run(threads: 2, report: bench.note)
    let events = bench.taken()

    var plain = training
    plain.folder = bench.run("plain")
    plain.profile = nil
    try plain.run(threads: 1)
    #expect(try bench.checkpoint("noted", 8) == bench.checkpoint("plain", 8))
    #expect(try bench.metrics("noted") == bench.metrics("plain"))

    let trace = try trace("noted/trace.json")
    let steps = trace.row("steps"), operations = trace.row("operations")
    #expect(steps.map(\.name) == ["step 3", "step 4", "step 5"])
    expectInOrder(steps)
    expectInOrder(operations)
    #expect(trace.traceEvents.allSatisfy { $0.pid == 0 })
    let classes = Set(operations.compactMap(\.cat))
    #expect(classes == Set(OperationClass.allCases.map(\.rawValue)).subtracting(["communication"]))
    // Validation is no part of a step: every operation lies in one.
    for operation in operations {
      let start = try #require(operation.ts), end = start + (operation.dur ?? 0)
      #expect(
        steps.contains {
          start >= ($0.ts ?? 0) - 0.002 && end <= ($0.ts ?? 0) + ($0.dur ?? 0) + 0.002
        }, "\(operation.name)")
    }
    let message = try #require(events.messages.first)
    #expect(message.hasPrefix("steps 3 to 5: ") && message.contains("products"), "\(message)")
  }

  @Test(arguments: [Layout(ranks: 4, tensorRanks: 2, sharding: .everything), Layout(ranks: 2)])
  func whatIsWaitedForIsSeen(_ layout: Layout) throws {
    func run(_ name: String, _ profile: ProfileRequest?) throws {
      var training = training(name, steps: 4)
      training.parallelism = layout.parallelism
      training.profile = profile
      try training.run(ranks: layout.ranks, threads: layout.ranks, report: bench.note)
    }
    try run("plain", nil)
    let plain = bench.taken().losses
    try run("noted", ProfileRequest(path: "\(bench.folder.path)/trace.json", steps: 1))
    #expect(bench.taken().losses == plain)
    #expect(try bench.checkpoint("noted", 4) == bench.checkpoint("plain", 4))
    let operations = try trace("trace.json").row("operations")
    expectInOrder(operations)
    let names = operations.filter { $0.cat == "communication" }.map(\.name)
    #expect(names.contains { $0.hasPrefix("wait for reduce-scatter") })
    #expect(names.contains { $0.hasPrefix("wait for all-gather") })
    #expect(names.contains { $0.hasPrefix("all-gather") } == (layout.tensorRanks > 1))
  }

  @Test func aRunThatIsTooShortSaysSo() throws {
    let path = "\(bench.folder.path)/trace.json"
    var training = training("run", steps: 3)
    training.lastStep = 2
    training.profile = ProfileRequest(path: path, steps: 3)
    try training.run(report: bench.note)
    #expect(bench.taken().messages == ["no step was profiled: the first 2 of a session warm up"])
    #expect(fileKind(path) == .nothing)
    // One step is left, and the session warms up anew: still none.
    training.lastStep = nil
    training.resume = true
    try training.run(report: bench.note)
    #expect(fileKind(path) == .nothing)
  }

  @Test func aRunThatEndsEarlyWritesWhatItHas() throws {
    var training = training("run", steps: 4)
    training.profile = ProfileRequest(path: "\(bench.folder.path)/trace.json", steps: 9)
    try training.run()
    #expect(try trace("trace.json").row("steps").map(\.name) == ["step 3", "step 4"])
  }

  @Test func aFileThatCannotBeWrittenIsRefusedBeforeTheFirstStep() throws {
    var training = training("run", steps: 4)
    training.profile = ProfileRequest(path: "\(bench.folder.path)/nowhere/trace.json")
    #expect(throws: Fault.self) { try training.run(report: bench.note) }
    #expect(bench.taken().steps.isEmpty)
  }

  @Test func namesAreEscaped() throws {
    let profile = Profile(
      steps: [.init(start: 0, seconds: 2)],
      spans: [
        OperationSpan(kind: .loss, name: "a \"b\" \\ \n", start: 0.25, seconds: 0.000_001_25)
      ])
    let trace = try JSONDecoder().decode(
      Trace.self, from: Data(ChromeTrace(profile, rank: 3, firstStep: 7).json))
    let event = try #require(trace.row("operations").first)
    #expect(event.name == "a \"b\" \\ \n" && event.cat == "loss" && event.pid == 3)
    #expect(event.ts == 250_000 && event.dur == 1.25)
    #expect(trace.row("steps").map(\.name) == ["step 7"])
  }
}
