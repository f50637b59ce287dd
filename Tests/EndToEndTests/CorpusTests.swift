import Foundation
import Ground
import TestSupport
import Testing

/// The whole way by the program itself, on the synthetic corpus.
@Suite(.serialized) struct CorpusTests {
  private static let manifest = "\(repository)/Manifests/sample.yaml"

  /// The raw files are made once for all tests.
  private static let inputs = Result {
    let folder = try TemporaryFolder()
    let outcome = try Program.run("sample", folder.path, "--size", "1MB", "--quiet")
    #expect(outcome.status == 0, "\(outcome.errors)")
    return folder
  }

  private func build(_ work: String, jobs: Int) throws -> Program.Outcome {
    try Program.run(
      "build", Self.manifest, "--inputs", Self.inputs.get().path, "--work", work, "--jobs",
      "\(jobs)", "--quiet")
  }

  /// SHA-256 of all that trainers read.
  private func digests(_ work: String) throws -> [String: String] {
    try files(under: "\(work)/shards").reduce(into: ["mix": try sha256(file: "\(work)/mix.json")]) {
      $0[$1] = try sha256(file: "\(work)/shards/\($1)")
    }
  }

  @Test func jobsChangeNoByteAndVerifyAgrees() throws {
    let folder = try TemporaryFolder()
    for jobs in [1, 4] {
      let outcome = try build("\(folder.path)/\(jobs)", jobs: jobs)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try digests("\(folder.path)/1") == digests("\(folder.path)/4"))
    let verified = try Program.run("verify", "\(folder.path)/1", "--quiet")
    #expect(verified.status == 0 && verified.output.hasPrefix("all is well: "))
    let statistics = try Program.run("stats", "\(folder.path)/1", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(statistics.output.utf8))
    let sources = try #require((object as? [String: Any])?["sources"] as? [String: [String: Any]])
    #expect(sources.count == 7)
    for (name, row) in sources {
      #expect((row["documents"] as? Int ?? 0) > 0, "\(name)")
    }
  }

  /// What became of each source's records is what the sample planned for them.
  @Test func theLabelsOfTheSampleCameTrue() throws {
    let folder = try TemporaryFolder()
    _ = try build(folder.path, jobs: 2)
    let labels = try openDecoded("\(Self.inputs.get().path)/labels.jsonl").readToEnd()
    var wanted: [String: Int] = [:]
    for line in labels.split(separator: 0x0a) {
      let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any]
      let label = try #require(object)
      let source = try #require(label["source"] as? String)
      // An answer is part of its question's document.
      let isAnswer = (label["reason"] as? String)?.hasPrefix("answer to ") ?? false
      if label["expect"] as? String == "keep" && !isAnswer { wanted[source, default: 0] += 1 }
    }
    let statistics = try Program.run("stats", folder.path, "--json")
    let object = try JSONSerialization.jsonObject(with: Data(statistics.output.utf8))
    let sources = try #require((object as? [String: Any])?["sources"] as? [String: [String: Any]])
    for (source, row) in sources {
      let (documents, wanted) = (row["documents"] as? Int ?? 0, wanted[source] ?? 0)
      // MinHash finds near duplicates with some probability, and C4's repeated pages may lack words.
      let slack = ["common-crawl", "c4"].contains(source) ? 1 + wanted / 25 : 0
      #expect(abs(documents - wanted) <= slack, "\(source): \(documents) for \(wanted)")
    }
  }

  @Test func aBuildKilledAtManyMomentsEndsWithTheSameBytes() throws {
    let folder = try TemporaryFolder()
    _ = try build("\(folder.path)/whole", jobs: 2)
    var random = SeededGenerator(seed: 3)
    let work = "\(folder.path)/killed"
    let arguments = [
      "build", Self.manifest, "--inputs", try Self.inputs.get().path, "--work", work, "--jobs", "2",
      "--quiet",
    ]
    var killed = 0
    for _ in 0..<10 {
      let process = try Program.start(arguments, TemporaryFolder())
      usleep(UInt32.random(in: 20_000...700_000, using: &random))
      if process.isRunning {
        kill(process.processIdentifier, SIGKILL)
        killed += 1
      }
      process.waitUntilExit()
    }
    #expect(killed > 0)
    #expect(try build(work, jobs: 2).status == 0)
    #expect(try digests(work) == digests("\(folder.path)/whole"))
    #expect(try Program.run("verify", work, "--quiet").status == 0)
  }

  @Test func aTokenLeadsBackToItsRawRecord() throws {
    let folder = try TemporaryFolder()
    _ = try build(folder.path, jobs: 2)
    for index in [0, 777, 20_000] {
      let outcome = try Program.run(
        "explain", folder.path, "--token", "train/00000:\(index)", "--inputs",
        Self.inputs.get().path, "--json")
      #expect(outcome.status == 0, "\(outcome.errors)")
      let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      let answer = try #require(object as? [String: Any])
      let origin = try #require(answer["origin"] as? [String: Any])
      let raw = try #require(answer["raw"] as? String)
      #expect(answer["verdict"] as? String == "kept")
      #expect(origin["path"] is String && !raw.isEmpty)
    }
  }

  @Test func aModelTrainsOnTheShardsAndGoesOnWhereItStopped() throws {
    let folder = try TemporaryFolder()
    _ = try build("\(folder.path)/work", jobs: 2)
    let train = [
      "train", "\(repository)/Manifests/models/tiny.yaml", "--data", "\(folder.path)/work/shards",
      "--quiet", "--output",
    ]
    #expect(try Program.run(train + ["\(folder.path)/a", "--steps", "6"]).status == 0)
    #expect(try Program.run(train + ["\(folder.path)/b", "--steps", "3"]).status == 0)
    #expect(try Program.run(train + ["\(folder.path)/b", "--steps", "6"]).status == 1)
    #expect(try Program.run(train + ["\(folder.path)/b", "--steps", "6", "--resume"]).status == 0)
    let last = "checkpoint-000006.safetensors"
    #expect(
      try sha256(file: "\(folder.path)/a/\(last)") == sha256(file: "\(folder.path)/b/\(last)"))
    let text = try Program.run(
      "generate", "\(folder.path)/a", "--prompt", "The cord", "--max-tokens", "5")
    #expect(text.status == 0 && text.output.hasPrefix("The cord"))
    let exported = try Program.run(
      "export", "\(folder.path)/a", "--output", "\(folder.path)/model", "--quiet")
    #expect(exported.status == 0)
    #expect(
      try names(in: "\(folder.path)/model") == [
        "config.json", "generation_config.json", "model.safetensors", "special_tokens_map.json",
        "tokenizer.json", "tokenizer.model", "tokenizer_config.json",
      ])
  }
}
