import Ground
import TestSupport
import Testing
import Trainer

/// The order of the data is that of the build, which `mix.json` beside the shards tells.
@Suite struct MixRecordTests {
  let bench: Bench
  init() throws { bench = try Bench() }

  private func write(_ json: String) throws {
    _ = try bench.folder.write(json, to: "mix.json")
  }

  private func mix(seed: Int, tokens: [Int] = [1200, 800]) -> String {
    let shards = tokens.enumerated().map {
      #"{"path":"shards/train/0000\#($0.offset).bin","tokens":\#($0.element)}"#
    }
    return #"{"seed":\#(seed),"shards":["#
      + (shards + [#"{"path":"shards/validation/00000.bin","tokens":200}"#])
      .joined(separator: ",") + "]}"
  }

  private func losses(_ name: String, steps: Int = 6) throws -> [Double] {
    _ = bench.taken()
    var training = bench.training(name, tinySettings(steps: steps))
    training.data = try TrainingData(folder: "\(bench.folder.path)/data")
    try training.run(report: bench.note)
    return bench.taken().losses
  }

  @Test func theSeedOfTheBuildOrdersTheData() throws {
    let plain = try losses("plain")
    try write(mix(seed: 5))  // the settings' own
    #expect(try losses("same") == plain)
    try write(mix(seed: 6))
    #expect(try losses("other") != plain)
    #expect(try losses("other-again") == losses("other-once-more"))
  }

  @Test func anotherOrderIsNoResumption() throws {
    try write(mix(seed: 6))
    _ = try losses("a")
    try write(mix(seed: 7))
    var training = bench.training("a", tinySettings(steps: 6))
    training.data = try TrainingData(folder: "\(bench.folder.path)/data")
    training.resume = true
    let error = #expect(throws: Fault.self) { try training.run() }
    #expect(error?.description.contains("orderSeed") == true)
  }

  @Test(arguments: [
    #"{"seed":1}"#, "no JSON", #"{"seed":-1,"shards":[]}"#,
    #"{"seed":1,"shards":[{"path":"shards/train/00000.bin"}]}"#,
  ])
  func damagedRecordsAreRefused(json: String) throws {
    try write(json)
    #expect(throws: Fault.self) { try TrainingData(folder: "\(bench.folder.path)/data") }
  }

  @Test(arguments: [[1200], [1200, 801], [1200, 800, 5]])
  func shardsOfAnotherBuildAreRefused(tokens: [Int]) throws {
    try write(mix(seed: 1, tokens: tokens))
    let error = #expect(throws: Fault.self) {
      try TrainingData(folder: "\(bench.folder.path)/data")
    }
    #expect(error?.description.contains("mix.json") == true)
  }
}
