import Foundation
import Ground
import TestSupport
import Testing

/// Training by the program itself: ranks, interruptions, memory, and what a trained model is for.
@Suite(.serialized) struct TrainingTests {
  /// A small corpus with its tokenizer, made once for all tests.
  private static let work = Result {
    let folder = try TemporaryFolder()
    try makeFolder("\(folder.path)/inputs")
    _ = try Program.run("sample", "\(folder.path)/inputs", "--size", "300KB", "--quiet")
    let built = try Program.run(
      "build", "\(repository)/Manifests/sample.yaml", "--inputs", "\(folder.path)/inputs",
      "--work", "\(folder.path)/work", "--quiet")
    #expect(built.status == 0, "\(built.errors)")
    return folder
  }

  private static let tiny = "\(repository)/Manifests/models/tiny.yaml"

  private func train(_ run: String, _ more: String...) throws -> [String] {
    [
      "train", Self.tiny, "--data", "\(try Self.work.get().path)/work/shards", "--output", run,
      "--quiet",
    ] + more
  }

  private func metrics(_ run: String) throws -> [[String: Any]] {
    let text = try openDecoded("\(run)/metrics.jsonl").readToEnd()
    return try text.split(separator: 0x0a).compactMap {
      try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any]
    }
  }

  private func losses(_ run: String) throws -> [Double] {
    try metrics(run).compactMap { $0["loss"] as? Double }
  }

  @Test func processesLearnWhatOneLearnsAndOthersGoOn() throws {
    let folder = try TemporaryFolder()
    let (alone, together) = ("\(folder.path)/alone", "\(folder.path)/together")
    #expect(try Program.run(train(alone, "--steps", "8")).status == 0)
    for more in [
      ["--steps", "4", "--nproc", "4", "--tensor-parallel", "2", "--zero", "3"],
      ["--steps", "8", "--nproc", "2", "--resume", "--recompute", "full"],
    ] {
      let outcome = try Program.run(train(together) + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let (one, many) = (try losses(alone), try losses(together))
    #expect(one.count == 8 && many.count == 8)
    for (left, right) in zip(one, many) { #expect(abs(left - right) <= 1e-6 * left) }
  }

  /// The children of a process that are there, by their numbers.
  private func children(of process: Process) -> [pid_t] {
    let path = "/proc/\(process.processIdentifier)/task/\(process.processIdentifier)/children"
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: " ").compactMap { pid_t($0) }
  }

  @Test func aLostRankEndsTheOthersWithItsName() throws {
    let folder = try TemporaryFolder()
    let run = "\(folder.path)/run"
    let process = try Program.start(train(run, "--nproc", "3", "--accumulation", "1"), folder)
    // A batch of 8 is no multiple of 3: refused before a rank is started, with a remedy.
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    let refused = try openDecoded("\(folder.path)/errors").readToEnd()
    #expect(String(decoding: refused, as: UTF8.self).contains("cannot be shared by 3 ranks"))

    let second = try Program.start(train(run, "--nproc", "4"), folder)
    defer { second.terminate() }
    var waited = 0
    while (try? metrics(run).count) ?? 0 < 2 && waited < 600 && second.isRunning {
      usleep(100_000)
      waited += 1
    }
    let ranks = children(of: second)
    try #require(ranks.count == 4, "ranks are there after \(waited / 10) s")
    kill(ranks[2], SIGKILL)
    second.waitUntilExit()
    #expect(second.terminationReason == .exit && second.terminationStatus != 0)
    let errors = try openDecoded("\(folder.path)/errors").readToEnd()
    let text = String(decoding: errors, as: UTF8.self)
    #expect(text.contains("lost"), "\(text)")
    #expect(ranks.allSatisfy { kill($0, 0) != 0 }, "no rank is left")
  }

  @Test func aRunKilledAtManyMomentsEndsWithTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let (whole, killed) = ("\(folder.path)/whole", "\(folder.path)/killed")
    let more = ["--steps", "24", "--checkpoint-every", "3", "--evaluate-every", "6"]
    #expect(try Program.run(train(whole) + more).status == 0)
    var random = SeededGenerator(seed: 7)
    var kills = 0
    for _ in 0..<6 {
      let process = try Program.start(train(killed, "--resume") + more, TemporaryFolder())
      usleep(UInt32.random(in: 100_000...900_000, using: &random))
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        kills += 1
      }
      process.waitUntilExit()
    }
    #expect(kills > 0)
    #expect(try Program.run(train(killed, "--resume") + more).status == 0)
    let last = "checkpoint-000024.safetensors"
    #expect(try sha256(file: "\(whole)/\(last)") == sha256(file: "\(killed)/\(last)"))
    #expect(try losses(whole) == losses(killed))
  }

  @Test func memoryStaysWithinThePlan() throws {
    let folder = try TemporaryFolder()
    for more in [["--recompute", "none"], ["--recompute", "full", "--accumulation", "4"]] {
      let run = "\(folder.path)/\(more[1])"
      let plan = try Program.run(train(run, "--plan", "--json") + more)
      let rows = try JSONSerialization.jsonObject(with: Data(plan.output.utf8))
      let all = try #require((rows as? [[String: Any]])?.last?["bytes"] as? Int)
      // Saved along the way, and then resumed.
      for steps in ["5", "8"] {
        let trained = try Program.run(
          train(run, "--steps", steps, "--checkpoint-every", "2", "--evaluate-every", "2")
            + ["--resume"] + more)
        #expect(trained.status == 0, "\(trained.errors)")
        let used = try #require(metrics(run).last?["memory"] as? Int)
        #expect(used <= all, "\(more), up to step \(steps)")
      }
    }
  }

  /// Memory can be planned with shards that stand in for others; a run is refused at once.
  @Test func dataThatDoesNotFitIsRefusedBeforeRanksStart() throws {
    let folder = try TemporaryFolder()
    let model = try folder.write(
      """
      name: few words
      model: {dim: 8, layers: 1, heads: 1, hidden: 8, context: 8, vocabulary-size: 16}
      training: {learning-rate: 1e-3, steps: 4, warm-up: 1, batch-sequences: 2}

      """, to: "few.yaml")
    var arguments = try train("\(folder.path)/run", "--nproc", "2")
    arguments[1] = model
    let plan = try Program.run(arguments + ["--plan"])
    #expect(plan.status == 0 && plan.output.contains("mapped shards"), "\(plan.errors)")
    let refused = try Program.run(arguments)
    #expect(refused.status == 1)
    #expect(refused.errors.split(separator: "\n").count(where: { $0.hasPrefix("error:") }) == 1)
    #expect(!refused.errors.contains("rank 0"), "\(refused.errors)")
  }

  @Test func aTrainedModelIsJudgedTaughtAndShown() throws {
    let folder = try TemporaryFolder()
    let run = "\(folder.path)/run"
    #expect(try Program.run(train(run, "--steps", "10", "--evaluate-every", "5")).status == 0)
    let shown = try Program.run("stats", run)
    #expect(shown.status == 0 && shown.output.contains("10"), "\(shown.errors)")
    let judged = try Program.run(
      "evaluate", run, "\(try Self.work.get().path)/work/shards", "--limit", "20", "--json")
    #expect(judged.status == 0 && judged.output.contains("wikipedia"), "\(judged.errors)")

    let lessons = try folder.write(
      """
      {"prompt":"Say one.","response":"one"}
      {"prompt":"Say two.","response":"two"}
      no JSON
      """, to: "lessons.jsonl")
    let taught = try Program.run(
      "finetune", run, "--data", lessons, "--output", "\(folder.path)/tuned", "--steps", "3",
      "--batch", "2", "--nproc", "2")
    #expect(taught.status == 0, "\(taught.errors)")
    #expect(taught.errors.contains("line 3") || taught.errors.contains("1 bad"), "\(taught.errors)")
    #expect(try losses("\(folder.path)/tuned").count == 3)

    // Meta's layout in two parts, and a run that begins with it.
    let meta = "\(folder.path)/meta"
    let exported = try Program.run(
      "export", run, "--output", meta, "--format", "meta", "--parts", "2", "--quiet")
    #expect(exported.status == 0, "\(exported.errors)")
    #expect(fileKind("\(meta)/consolidated.01.pth") == .file)
    let begun = try Program.run(train("\(folder.path)/begun", "--init", meta, "--steps", "2"))
    #expect(begun.status == 0, "\(begun.errors)")
    let (before, after) = (try losses(run), try losses("\(folder.path)/begun"))
    #expect(after[0] < before[0] - 0.3, "it knows what the other has learned")
  }
}
