import Foundation
import Ground
import TestSupport
import Testing

/// Plans by the program itself, and what they tell others to run.
@Suite struct PlanTests {
  private func plan(_ model: String, _ more: String...) throws -> Program.Outcome {
    try Program.run(["plan", "--train", "\(repository)/Manifests/models/\(model).yaml"] + more)
  }

  @Test func thePapersRowComesOut() throws {
    let outcome = try plan("65b", "--gpus", "2048", "--gpu", "a100", "--json")
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    let row = try #require(object as? [String: Any])
    let speed = try #require(row["tokensPerSecondPerGPU"] as? Double)
    #expect((323...437).contains(speed))
    let seconds = try #require(row["seconds"] as? [String: Double])
    let step = try #require(row["secondsPerStep"] as? Double)
    #expect(abs(seconds.values.reduce(0, +) - step) < 1e-9 * step)
    let memory = try #require(row["memory"] as? [String: Int])
    #expect(memory.values.reduce(0, +) == row["memoryBytes"] as? Int)
    let text = try plan("65b", "--gpus", "2048", "--gpu", "a100").output
    for line in [
      "tokens/s/GPU", "MFU of 6N", "MFU with attention", "days for 1,400 billion tokens",
    ] {
      #expect(text.contains(line), "\(line)")
    }
  }

  @Test func scriptsAreShellAndTheirFlagsAreTheTrainers() throws {
    let folder = try TemporaryFolder()
    for launcher in ["slurm", "torchrun"] {
      let script = try plan("65b", "--gpus", "2048", "--launcher", launcher).output
      let shell = Process()
      shell.executableURL = URL(filePath: "/bin/bash")
      shell.arguments = ["-n", try folder.write(script, to: launcher)]
      try shell.run()
      shell.waitUntilExit()
      #expect(shell.terminationStatus == 0, "\(script)")
    }
    let command = try plan(
      "7b", "--gpus", "8", "--gpu", "h200", "--accumulation", "64", "--launcher", "none"
    ).output
    let words = command.split(whereSeparator: \.isWhitespace).map(String.init)
    #expect(words.first == "quipu" && words.contains("--nproc"))
    // All but the device is taken, so that what is wrong is the missing folder and not the usage.
    let place = try #require(words.firstIndex(of: "--device"))
    var arguments = Array(words.dropFirst())
    arguments.removeSubrange(place - 1...place)
    let outcome = try Program.run(arguments)
    #expect(outcome.status == 1 && outcome.errors.contains("work/shards"), "\(outcome.errors)")
  }

  @Test func refusalsAreSentences() throws {
    let small = try plan("65b", "--gpus", "1")
    #expect(small.status == 1 && small.errors.contains("such GPUs would do"))
    let odd = try plan("65b", "--gpus", "96")
    #expect(odd.status == 1 && odd.errors.contains("take 64 or 128 of them"))
    for arguments in [
      ["plan"], ["plan", "Manifests/llama-1.4t.yaml"],
      ["plan", "--train", "Manifests/models/7b.yaml", "--gpu", "v100"],
      ["plan", "--train", "Manifests/models/7b.yaml", "--gpus", "0"],
      ["plan", "--train", "Manifests/models/7b.yaml", "--gpus", "16", "--launcher", "none"],
    ] {
      #expect(try Program.run(arguments).status == 64, "\(arguments)")
    }
  }

  @Test func thePageSaysWhatTheProgramSays() throws {
    let script = Process()
    script.executableURL = URL(filePath: "\(repository)/Scripts/launch-table.sh")
    script.arguments = ["--check", Program.path]
    script.standardOutput = FileHandle.nullDevice
    try script.run()
    script.waitUntilExit()
    #expect(script.terminationStatus == 0)
  }
}
