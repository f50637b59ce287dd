import Compute
import Foundation
import Ground
import Llama
import Shards
import Synchronization
import TestSupport
import Testing
import Trainer

/// A model that trains in milliseconds.
let tiny = LlamaConfig(
  vocabularySize: 64, dim: 16, layers: 2, heads: 2, hiddenDim: 32, context: 16)

/// Settings for a few steps of the tiny model.
func tinySettings(steps: Int) -> TrainingSettings {
  var settings = TrainingSettings(steps: steps, batch: 4, context: 16, peakLearningRate: 1e-2)
  settings.warmUp = min(3, steps - 1)
  settings.checkpointEvery = 1000
  settings.seed = 5
  return settings
}

/// A folder with data, runs in it, and what they reported.
final class Bench: Sendable {
  let folder: TemporaryFolder
  let data: TrainingData
  private let seen = Mutex<[TrainingEvent]>([])

  /// Data of 2,000 training tokens in two shards and 200 validation tokens, with some order in them.
  init() throws {
    let folder = try TemporaryFolder()
    self.folder = folder
    func write(_ split: String, _ name: String, _ range: Range<Int>) throws {
      try makeFolder("\(folder.path)/data/\(split)")
      var writer = try ShardWriter(path: "\(folder.path)/data/\(split)/\(name)", width: .two)
      for start in stride(from: range.lowerBound, to: range.upperBound, by: 50) {
        try writer.write((start..<start + 50).map { token($0) })
      }
      try writer.commit()
    }
    try write("train", "00000", 0..<1200)
    try write("train", "00001", 1200..<2000)
    try write("validation", "00000", 2000..<2200)
    data = try TrainingData(folder: folder.path + "/data")
  }

  func run(_ name: String) -> RunFolder { RunFolder(path: "\(folder.path)/\(name)") }

  func training(_ name: String, _ settings: TrainingSettings) -> Training {
    Training(folder: run(name), config: tiny, settings: settings, data: data)
  }

  /// Notes what a run reports.
  var note: @Sendable (TrainingEvent) -> Void {
    { event in self.seen.withLock { $0.append(event) } }
  }

  /// What was noted since the last call.
  func taken() -> [TrainingEvent] {
    seen.withLock { seen in
      defer { seen = [] }
      return seen
    }
  }

  /// The bytes of a run's checkpoint of a step: the tensors of all ranks, and the record.
  func checkpoint(_ name: String, _ step: Int) throws -> [UInt8] {
    let files = try checkpointFiles(name, step)
    try #require(files.count > 1, "a checkpoint of step \(step)")
    return try files.flatMap { try bytes("\(name)/\($0)") }
  }

  func checkpointFiles(_ name: String, _ step: Int) throws -> [String] {
    let stem = "checkpoint-" + String(String(1_000_000 + step).dropFirst())
    return try names(in: "\(folder.path)/\(name)").filter { $0.hasPrefix(stem) }.sorted()
  }

  func bytes(_ name: String) throws -> [UInt8] {
    let file = try MappedFile(path: "\(folder.path)/\(name)")
    return unsafe file.withBytes { unsafe Array($0) }
  }

  /// The metrics of a run, without what depends on the machine and without its resumes.
  func metrics(_ name: String) throws -> [String] {
    try lines(name).filter { !$0.contains("\"event\":\"resume\"") }.map { line in
      guard let machine = line.range(of: ",\"tokensPerSecond\"") else { return line }
      return String(line[..<machine.lowerBound])
    }
  }

  /// All lines of a run's metrics.
  func lines(_ name: String) throws -> [String] {
    String(decoding: try bytes("\(name)/metrics.jsonl"), as: UTF8.self).split(separator: "\n").map {
      String($0)
    }
  }
}

/// Token `place` of the data: two periods that do not divide one another, so that there is something
/// to learn.
func token(_ place: Int) -> UInt32 { UInt32((place % 13 * 5 + place % 7 * 3) % 61 + 3) }

extension [TrainingEvent] {
  var losses: [Double] {
    compactMap { if case .step(let step) = $0 { step.loss } else { nil } }
  }

  var steps: [StepReport] {
    compactMap { if case .step(let step) = $0 { step } else { nil } }
  }

  var messages: [String] {
    compactMap { if case .message(let text) = $0 { text } else { nil } }
  }

  var saved: [Int] {
    compactMap { if case .saved(let step) = $0 { step } else { nil } }
  }
}
