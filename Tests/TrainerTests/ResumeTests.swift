import Glibc
import Ground
import Llama
import Shards
import Synchronization
import TestSupport
import Testing
import Trainer

@Suite struct ResumeTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  @Test(arguments: [1, 2])
  func stoppedAndResumedIsTheSameAsInOneGo(ranks: Int) throws {
    let settings = tinySettings(steps: 24)
    try bench.training("whole", settings).run(ranks: ranks)
    #expect(try bench.stopped("parts", settings, at: 7).run(ranks: ranks) == .stopped)
    var second = bench.resumed("parts", settings)
    second.lastStep = 15
    #expect(try second.run(ranks: ranks) == .stopped)
    #expect(try bench.resumed("parts", settings).run(ranks: ranks) == .finished)
    #expect(try bench.checkpoint("parts", 24) == bench.checkpoint("whole", 24))
    #expect(try bench.metrics("parts") == bench.metrics("whole"))
  }

  @Test func stepsAfterTheCheckpointAreDoneAgain() throws {
    var settings = tinySettings(steps: 20)
    try bench.training("whole", settings).run()
    settings.checkpointEvery = 5
    try bench.stopped("killed", settings, at: 10).run()
    // As if the run had been killed at step 13: three steps noted, the fourth line cut short.
    let metrics = String(decoding: try bench.bytes("killed/metrics.jsonl"), as: UTF8.self)
    let more = (11...13).map { "{\"step\":\($0),\"tokens\":0}\n" }.joined() + "{\"step\":14,\"tok"
    _ = try bench.folder.write(metrics + more, to: "killed/metrics.jsonl")
    try bench.resumed("killed", settings).run()
    #expect(try bench.metrics("killed") == bench.metrics("whole"))
    #expect(
      try bench.bytes("killed/checkpoint-000020.safetensors")
        == bench.bytes("whole/checkpoint-000020.safetensors"))
  }

  @Test func aRaisedFlagSavesAndEnds() throws {
    let settings = tinySettings(steps: 12)
    try bench.training("whole", settings).run()
    let flag = StopFlag()
    let end = try bench.training("parts", settings).run(ranks: 2, stop: flag) { event in
      if case .step(let step) = event, step.step == 4 { flag.raise() }
    }
    #expect(end == .stopped)
    #expect(try bench.run("parts").checkpoints() == [5])
    let two = try bench.training("two", settings).run(ranks: 2)
    #expect(two == .finished)
    #expect(try bench.resumed("parts", settings).run(ranks: 2) == .finished)
    #expect(try bench.checkpoint("parts", 12) == bench.checkpoint("two", 12))
  }

  @Test func aFinishedRunIsFinished() throws {
    let settings = tinySettings(steps: 4)
    try bench.training("a", settings).run()
    let before = try bench.checkpoint("a", 4)
    #expect(try bench.resumed("a", settings).run(report: bench.note) == .finished)
    #expect(bench.taken().steps.isEmpty)
    #expect(try bench.checkpoint("a", 4) == before)
  }

  @Test func oldCheckpointsGo() throws {
    var settings = tinySettings(steps: 11)
    settings.checkpointEvery = 2
    settings.keep = 2
    try bench.training("a", settings).run(report: bench.note)
    #expect(bench.taken().saved == [2, 4, 6, 8, 10, 11])
    #expect(try bench.run("a").checkpoints() == [10, 11])
    #expect(
      try names(in: bench.run("a").path) == [
        "checkpoint-000010.json", "checkpoint-000010.safetensors", "checkpoint-000011.json",
        "checkpoint-000011.safetensors", "metrics.jsonl", "model.json",
      ])
  }

  @Test(arguments: ["cut", "changed", "gone", "record"])
  func aDamagedCheckpointIsPassedOver(damage: String) throws {
    var settings = tinySettings(steps: 12)
    settings.checkpointEvery = 4
    settings.keep = 3
    try bench.training("whole", settings).run()
    try bench.stopped("a", settings, at: 8).run()
    var tensors = try bench.bytes("a/checkpoint-000008.safetensors")
    switch damage {
    case "cut": tensors.removeLast(100)
    case "changed": tensors[tensors.count / 2] ^= 1
    case "gone": tensors = []
    default: _ = try bench.folder.write("{\"format\":\"qui", to: "a/checkpoint-000008.json")
    }
    _ = try bench.folder.write(tensors, to: "a/checkpoint-000008.safetensors")
    _ = bench.taken()
    #expect(try bench.resumed("a", settings).run(report: bench.note) == .finished)
    let events = bench.taken()
    #expect(
      events.messages.first?.hasPrefix("passed over the damaged checkpoint of step 8") == true)
    #expect(events.steps.first?.step == 5)
    #expect(try bench.checkpoint("a", 12) == bench.checkpoint("whole", 12))
  }

  @Test func whatAKilledSaveLeftIsSwept() throws {
    let settings = tinySettings(steps: 10)
    try bench.training("whole", settings).run()
    try bench.stopped("a", settings, at: 4).run()
    // Killed while writing tensors, and between the tensors and their record.
    _ = try bench.folder.write(
      [1, 2, 3], to: "a/checkpoint-000006.safetensors.quipu-part-4194305")
    _ = try bench.folder.write([1, 2, 3], to: "a/checkpoint-000005.safetensors")
    for part in 1...2 {
      _ = try bench.folder.write([1], to: "a/checkpoint-000005-0000\(part)-of-00003.safetensors")
    }
    #expect(try bench.resumed("a", settings).run(report: bench.note) == .finished)
    #expect(bench.taken().steps.first?.step == 5)
    #expect(
      try names(in: bench.run("a").path) == [
        "checkpoint-000004.json", "checkpoint-000004.safetensors", "checkpoint-000010.json",
        "checkpoint-000010.safetensors", "metrics.jsonl", "model.json",
      ])
    #expect(try bench.checkpoint("a", 10) == bench.checkpoint("whole", 10))
  }

  @Test func recordsOfTheFirstFormatAreRead() throws {
    let settings = tinySettings(steps: 8)
    try bench.training("whole", settings).run()
    try bench.stopped("a", settings, at: 5).run()
    let name = "a/checkpoint-000005.json"
    let record = String(decoding: try bench.bytes(name), as: UTF8.self)
    let part = try #require(record.firstRange(of: #""parts":[{"#))
    let settled = try #require(record.firstRange(of: #"}],"settings""#))
    let end = try #require(record.firstRange(of: #"],"xxh3""#))
    let former =
      record[..<part.lowerBound] + record[part.upperBound..<settled.lowerBound]
      + #","settings""# + record[settled.upperBound..<end.lowerBound] + "]}"
    let text = String(former).replacing("checkpoint 2", with: "checkpoint 1")
    _ = try bench.folder.write(text, to: name)
    #expect(try bench.resumed("a", settings).run(report: bench.note) == .finished)
    #expect(bench.taken().steps.first?.step == 6)
    #expect(try bench.checkpoint("a", 8) == bench.checkpoint("whole", 8))
  }

  @Test func savingInTheBackgroundChangesNothing() throws {
    var settings = tinySettings(steps: 12)
    settings.checkpointEvery = 1
    settings.keep = 12
    try bench.training("a", settings).run(ranks: 2)
    settings.savesInBackground = false
    try bench.training("b", settings).run(ranks: 2)
    for step in 1...12 { #expect(try bench.checkpoint("a", step) == bench.checkpoint("b", step)) }
  }

  @Test(arguments: [1, 2])
  func aFullDiskEndsTheRunWhichGoesOnLater(ranks: Int) throws {
    try #require(fileKind("/dev/full") == .file, "this system has no /dev/full")
    var settings = tinySettings(steps: 12)
    try bench.training("whole", settings).run(ranks: ranks)
    settings.checkpointEvery = 4
    let part = ranks == 1 ? "" : "-0000\(ranks)-of-0000\(ranks)"
    let file = "\(bench.folder.path)/a/checkpoint-000008\(part).safetensors"
    let fault = #expect(throws: Fault.self) {
      try bench.training("a", settings).run(ranks: ranks) { event in
        guard case .step(let step) = event, step.step == 7 else { return }
        unsafe _ = symlink("/dev/full", temporaryName(for: file))
      }
    }
    #expect(fault?.stopsTheRun == true && fault?.file == file)
    #expect(try bench.run("a").checkpoints() == [4])
    #expect(try bench.resumed("a", settings).run(ranks: ranks) == .finished)
    #expect(try bench.checkpoint("a", 12) == bench.checkpoint("whole", 12))
  }

  @Test func withoutResumeARunIsNotOverwritten() throws {
    try bench.training("a", tinySettings(steps: 3)).run()
    let error = #expect(throws: Fault.self) {
      try bench.training("a", tinySettings(steps: 3)).run()
    }
    #expect(
      error?.cause
        == .unusable(
          "the folder has a run already, up to step 3; resume it or choose another folder"))
  }

  @Test func twoRunsInAFolderAreRefused() throws {
    let error = Mutex<Fault?>(nil)
    try bench.training("a", tinySettings(steps: 2)).run() { [bench] event in
      guard case .step(let step) = event, step.step == 1 else { return }
      do { try bench.training("a", tinySettings(steps: 2)).run() } catch let fault as Fault {
        error.withLock { $0 = fault }
      } catch {}
    }
    #expect(
      error.withLock { $0 }?.cause == .unusable("another process is training in this folder"))
  }

  @Test func resumingNothingStartsAnew() throws {
    try bench.resumed("a", tinySettings(steps: 3)).run(report: bench.note)
    let events = bench.taken()
    #expect(events.messages == ["there is no checkpoint to resume from; starting anew"])
    #expect(events.steps.map(\.step) == [1, 2, 3])
  }

  @Test func otherSettingsModelsAndDataAreRefused() throws {
    try bench.stopped("a", tinySettings(steps: 9), at: 3).run()
    func cause(_ change: (inout Training) throws -> Void) throws -> String {
      var training = bench.resumed("a", tinySettings(steps: 9))
      try change(&training)
      do { try training.run() } catch let fault as Fault { return "\(fault.cause)" }
      return "nothing"
    }
    let remedy = "resume with the same, or start a run in another folder"
    #expect(
      try cause { $0.settings.peakLearningRate = 2e-2 }
        == "the checkpoint was made with another peakLearningRate (settings); \(remedy)")
    #expect(
      try cause { $0.config.layers = 1 }
        == "the folder has a run of another model; choose another folder")
    #expect(
      try cause { training in
        training.data = try TrainingData(folder: bench.folder.path + "/data/validation")
      }
        == "the checkpoint was made with other data: shard 00000 is not the one it was; \(remedy)"
    )
    #expect(try cause { $0.settings.keep = 7 } == "nothing")
  }
}
