import Foundation
import Ground
import TestSupport
import Testing

/// `quipu tokenizer train` as a process: what it reads, draws, saves and says.
@Suite struct TokenizerTrainTests {
  private let folder: TemporaryFolder
  private let settings = ["--preset", "llama", "--vocab-size", "700"]

  init() throws { folder = try TemporaryFolder() }

  private var model: String { "\(folder.path)/tokenizer.model" }

  private func train(_ arguments: [String], to model: String? = nil) throws -> [UInt8] {
    let model = model ?? self.model
    let outcome = try Program.run(
      ["tokenizer", "train", "--output", model] + settings + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try openDecoded(model).readToEnd()
  }

  private func text(lines: Int, seed: UInt64) -> String {
    var chance = SeededGenerator(seed: seed)
    let words = (0..<500).map { _ in
      String(
        (0..<Int.random(in: 1...9, using: &chance)).compactMap { _ in
          "abcdefghiжя".randomElement(using: &chance)
        })
    }
    return (0..<lines).map { _ in
      (0..<8).map { _ in words[Int.random(in: 0..<500, using: &chance)] }.joined(separator: " ")
    }.joined(separator: "\n")
  }

  @Test func linesDocumentsAndFoldersGiveTheSameModel() throws {
    let lines = text(lines: 3000, seed: 1).split(separator: "\n")
    let whole = try folder.write(
      zstdFrame(of: Array(lines.joined(separator: "\n").utf8)), to: "t.zst")
    let documents = stride(from: 0, to: 3000, by: 50).map { start in
      #"{"text":""# + lines[start..<start + 50].joined(separator: #"\n"#) + #"","source":"c4"}"#
    }
    let json = try folder.write(documents.joined(separator: "\n"), to: "d.jsonl")
    for (number, part) in [lines[..<700], lines[700...]].enumerated() {
      _ = try folder.write(part.joined(separator: "\n"), to: "texts/\(number)/part")
    }
    let one = try train([whole])
    #expect(try train([json, "--input-format", "jsonl", "--jobs", "3"]) == one)
    #expect(try train(["\(folder.path)/texts", "--input-format", "files"]) == one)
    #expect(try names(in: folder.path) == ["d.jsonl", "t.zst", "texts", "tokenizer.model"])
  }

  @Test func sentencePiecesSpellingIsUnderstood() throws {
    let path = try folder.write(text(lines: 2000, seed: 2), to: "text")
    let ours = try train([
      path, "--no-split-digits", "--max-sentencepiece-length", "5", "--unk-surface", "a_b=true",
    ])
    let prefix = "\(folder.path)/theirs"
    let outcome = try Program.run([
      "tokenizer", "train", "--input=\(path)", "--model_prefix=\(prefix)", "--model_type=bpe",
      "--vocab_size=700", "--character_coverage=0.99995", "--split_digits=false",
      "--allow_whitespace_only_pieces=true", "--byte_fallback", "--max_sentencepiece_length=5",
      "--normalization_rule_name=identity", "--remove_extra_whitespaces=false", "--num_threads=2",
      "--unk_surface=a_b=true", "--quiet",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try openDecoded("\(prefix).model").readToEnd() == ours)
    let pieces = try String(decoding: openDecoded("\(prefix).vocab").readToEnd(), as: UTF8.self)
    #expect(pieces.split(separator: "\n").count == 700)
    #expect(pieces.hasPrefix("<unk>\t0\n<s>\t0\n") && pieces.contains("\t-0\n"))
  }

  @Test func whatIsDoneIsTold() throws {
    let path = try folder.write(
      #"{"text":"a cord\n\#(String(repeating: "x", count: 5000))\n▅"}"# + "\nno json\n",
      to: "a.jsonl")
    let arguments =
      [
        "tokenizer", "train", path, "--output", model, "--input-format", "jsonl", "--preset",
        "llama",
      ]
      + ["--vocab-size", "300", "--no-hard-vocab-limit"]
    let outcome = try Program.run(arguments + ["--json"])
    #expect(outcome.status == 0)
    #expect(
      outcome.errors.contains("a.jsonl: byte 5026: not JSON")
        || outcome.errors.contains("a.jsonl: byte"))
    #expect(outcome.errors.contains("1 too long, 1 with the reserved U+2585, 1 no documents"))
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any]
    #expect(object?["sentences"] as? Int == 1 && object?["tooLong"] as? Int == 1)
    #expect(object?["badDocuments"] as? Int == 1 && object?["pieces"] as? Int ?? 0 > 260)
    #expect(object?["seconds"] is Double)
    let quiet = try Program.run(arguments + ["--quiet"])
    #expect(quiet.status == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
    #expect(try Program.run(arguments + ["--strict"]).status == 1)
    #expect(try Program.run(arguments + ["--weight", "\(path)=2"]).status == 64)
    #expect(try Program.run(arguments + ["--model-type", "unigram"]).status == 64)
  }

  @Test func aSampleIsExactAndDependsOnTheSeedAlone() throws {
    let paths = try (0..<2).map { number in
      try folder.write(text(lines: 4000, seed: UInt64(number)), to: "\(number).txt")
    }
    let drawing = ["--input-sentence-size", "1500", "--weight", "\(paths[1])=3"]
    let one = try train(paths + drawing + ["--jobs", "1"])
    #expect(try train(paths.reversed() + drawing + ["--jobs", "4"]) == one)
    #expect(try train(paths + drawing + ["--seed", "1"]) != one)
  }

  /// Kills the process four times, a while after it has saved once or twice more; the model must be
  /// that of a process that was left alone.
  @Test(arguments: [0, 30_000])
  func aKilledProcessGoesOn(sample: Int) throws {
    let parts = [text(lines: 150_000, seed: 5), "\n" + text(lines: 150_000, seed: 6)]
    let path = try folder.write(
      parts.flatMap { gzipMember(of: Array($0.utf8), level: 1) }, to: "text.gz")
    let drawing = ["--input-sentence-size", "\(sample)"]
    let whole = try train([path] + drawing, to: "\(folder.path)/whole.model")
    let arguments =
      ["tokenizer", "train", path, "--output", model, "--save-every", "1MB", "--quiet"] + settings
    let state = "\(model).state/counting"
    var chance = SeededGenerator(seed: 7)
    var kills = 0
    var starts = 0
    while kills < 4 && starts < 20 {
      let process = try Program.start(arguments + drawing, folder)
      starts += 1
      for _ in 0..<Int.random(in: 1...2, using: &chance) {
        let last = try? modificationTime(state)
        while process.isRunning && (try? modificationTime(state)) ?? last == last { usleep(200) }
      }
      usleep(UInt32.random(in: 0...20_000, using: &chance))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      if process.terminationReason == .uncaughtSignal && fileKind(state) == .file { kills += 1 }
    }
    #expect(kills == 4)
    let other = try Program.run(arguments + ["--input-sentence-size", "77"])
    #expect(other.status == 1 && other.errors.contains("sample: \(sample)"), "\(other.errors)")
    let outcome = try Program.run(arguments + drawing)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try openDecoded(model).readToEnd() == whole)
    #expect(fileKind("\(model).state") == .nothing)
  }
}
