import Foundation
import Ground
import TestSupport
import Testing
import TextModels

/// The ARPA file that a text gives.
func trained(
  _ text: [UInt8], named name: String = "text",
  _ change: (inout KneserNeySettings) -> Void = { _ in }
) throws -> (model: [UInt8], report: KneserNeyReport) {
  let folder = try TemporaryFolder()
  var settings = KneserNeySettings()
  settings.memory = 64 << 20
  settings.vocabEstimate = 1000
  settings.temporaryFolder = folder.path
  change(&settings)
  var trainer = try KneserNeyTrainer(settings)
  try trainer.addLines(of: try folder.write(text, to: name))
  let report = try trainer.finish(writing: "\(folder.path)/model.arpa")
  #expect(try files(under: folder.path).sorted() == ["model.arpa", name].sorted())
  return (try bytes(of: "\(folder.path)/model.arpa"), report)
}

func bytes(of path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

func golden(_ name: String) throws -> [UInt8] {
  try bytes(of: "\(repository)/Tests/TextModelsTests/Goldens/\(name)")
}

/// Lines of made-up words, few of which are frequent.
func wordsByRank(lines: Int, types: Int, seed: UInt64) -> [UInt8] {
  var chance = SeededGenerator(seed: seed)
  var text = ""
  for _ in 0..<lines {
    for _ in 0..<Int.random(in: 0...18, using: &chance) {
      let share = Double.random(in: 0..<1, using: &chance)
      let rank = Int(pow(Double(types), share * share))
      text += "w\(rank) "
    }
    text += "\n"
  }
  return Array(text.utf8)
}

/// The program of KenLM, where it is to be had.
enum LMPLZ {
  static let path: String? = {
    let folders = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return folders.split(separator: ":").map { "\($0)/lmplz" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  static let absence = "no lmplz on the PATH; build it from kpu/kenlm"

  static func model(_ text: [UInt8], _ options: [String]) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path ?? "lmplz")
    process.arguments =
      options + [
        "-S", "100M", "--vocab_estimate", "1000", "-T", folder.path + "/", "--text",
        try folder.write(text, to: "text"), "--arpa", "\(folder.path)/model",
      ]
    process.standardError = FileHandle(forWritingAtPath: "/dev/null")
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return [] }
    return try bytes(of: "\(folder.path)/model")
  }
}
