import Foundation
import Ground
import TestSupport
import Testing

/// `quipu model` as a process: what it trains, says and refuses.
@Suite struct ModelTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> String { "\(folder.path)/\(name)" }

  private func quipu(_ arguments: String..., status: Int32 = 0) throws -> (
    output: String, errors: String
  ) {
    let outcome = try Program.run(["model"] + arguments)
    #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
    return (outcome.output, outcome.errors)
  }

  /// Lines of words over the letters of one language or another, sorted by language.
  private func labelled(lines: Int) -> String {
    var chance = SeededGenerator(seed: 3)
    return ["abcdef", "stuvwx", "эюяшщц"].enumerated().flatMap { number, letters in
      (0..<lines).map { _ in
        let words = (0..<8).map { _ in
          String((0..<4).compactMap { _ in letters.randomElement(using: &chance) })
        }
        return "__label__\(number) \(words.joined(separator: " "))\n"
      }
    }.joined()
  }

  @Test func languageIdentifierKnowsLanguagesOfASortedText() throws {
    let text = try folder.write(labelled(lines: 400), to: "text")
    let first = try quipu("train-language", text, "--output", path("1.bin"), "--jobs", "1")
    #expect(first.errors.contains("3 labels"), "\(first.errors)")
    _ = try quipu("train-language", text, "-o", path("4.bin"), "-thread", "4", "--quiet")
    #expect(
      try openDecoded(path("1.bin")).readToEnd() == openDecoded(path("4.bin")).readToEnd())
    let documents = try folder.write(
      #"{"id":"x","text":"fade\ncafe bead"}"# + "\nno document\n" + #"{"text":"шя эю"}"# + "\n",
      to: "d.jsonl")
    let scored = try quipu("score", path("1.bin"), documents, "--json")
    let lines = scored.output.split(separator: "\n")
    #expect(
      lines.count == 2 && lines[0].hasPrefix(#"{"id":"x","label":"__label__0","probability":"#))
    #expect(lines[1].hasPrefix(#"{"label":"__label__2""#), "\(scored.output)")
    #expect(scored.errors.contains("d.jsonl: byte 36: "), "\(scored.errors)")
    _ = try quipu("score", path("1.bin"), documents, "--strict", status: 1)
    _ = try quipu("quantize", path("1.bin"), "--output", path("1.ftz"), "--qnorm")
    let top = try quipu("score", path("1.ftz"), try folder.write("tux\n\n", to: "t"), "--top", "2")
    #expect(top.output.hasPrefix("__label__1 ") && top.output.split(separator: " ").count >= 4)
    #expect(try quipu("inspect", path("1.ftz")).output.contains("2 numbers a code, lengths apart"))
  }

  @Test func languageModelsOfEveryFormScoreAlike() throws {
    let text = try folder.write(
      "the cat sat\nthe cat ran\nthe dog sat\n\na dog ran home\n", to: "text")
    let options = ["--order", "3", "--discount-fallback", "--quiet"]
    func train(_ output: String, _ more: String...) throws {
      let outcome = try Program.run(
        ["model", "train-lm", text, "--output", path(output)] + options + more)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    try train("m.arpa")
    try train("m.bin")
    try train("m.trie", "--format", "trie", "--jobs", "1", "-S", "8M")
    let pairs = try quipu(
      "train-lm", text, "-o", "2", "--output", path("2.arpa"), "--discount_fallback")
    #expect(pairs.errors.contains("order 2, "), "\(pairs.errors)")
    _ = try quipu("convert", path("m.arpa"), "--output", path("c.bin"), "--quiet")
    #expect(try openDecoded(path("m.bin")).readToEnd() == openDecoded(path("c.bin")).readToEnd())
    let scores = try ["m.arpa", "m.bin", "m.trie"].map {
      try quipu("score", path($0), text, "--json").output
    }
    #expect(scores[0] == scores[1] && scores[1] == scores[2])
    #expect(scores[0].split(separator: "\n").count == 5)
    #expect(scores[0].contains(#""tokens":4,"unknown":0,"perplexity":"#))
    let inner = try quipu("score", path("m.bin"), text, "--no-bos", "--no-eos", "--json").output
    #expect(inner.contains(#""tokens":3,"#) && inner.contains(#""log10":null"#), "\(inner)")
    #expect(try quipu("inspect", path("m.trie")).output.contains("KenLM trie"))
    let small = try quipu("train-lm", text, "--output", path("x.arpa"), status: 1)
    #expect(small.errors.contains("--discount-fallback"), "\(small.errors)")
    #expect(fileKind(path("x.arpa")) == .nothing)
  }

  @Test func piecesGivePerplexityAndBuckets() throws {
    let text = try folder.write(
      labelled(lines: 100).replacing("__label__", with: "No. "), to: "text")
    let trained = try Program.run([
      "tokenizer", "train", text, "--output", path("p.model"), "--preset", "llama",
      "--vocab-size", "300",
    ])
    #expect(trained.status == 0, "\(trained.errors)")
    _ = try quipu(
      "train-lm", text, "--tokenizer", path("p.model"), "--output", path("m.bin"),
      "--discount-fallback", "--quiet")
    let scored = try quipu(
      "score", path("m.bin"), text, "--tokenizer", path("p.model"), "--language", "xx", "--json")
    let heads = scored.output.split(separator: "\n").filter { $0.contains(#""bucket":"head""#) }
    #expect((75...105).contains(heads.count), "\(heads.count) of 300")
    let scores = try folder.write(scored.output, to: "scores.jsonl")
    _ = try quipu("cutoffs", "xx=\(scores)", "--output", path("cutoff.csv"))
    let again = try quipu(
      "score", path("m.bin"), text, "--tokenizer", path("p.model"), "--language", "xx", "--json",
      "--cutoffs", path("cutoff.csv"), "--jobs", "1")
    #expect(again.output == scored.output)
  }

  @Test func stoppedTrainingLeavesNothing() throws {
    let text = try folder.write(
      labelled(lines: 30_000).replacing("__label__", with: ""), to: "text")
    let process = try Program.start(
      ["model", "train-lm", text, "--output", path("m.bin"), "--discount-fallback"],
      try TemporaryFolder())
    while process.isRunning, try names(in: folder.path) == ["text"] { usleep(2000) }
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 128 + SIGTERM)
    #expect(try names(in: folder.path) == ["text"])
  }

  @Test func whatIsNoModelIsRefusedInOneLine() throws {
    for (name, bytes) in [
      ("empty", []), ("text", Array("not a model\n".utf8)),
      ("magic", [0xba, 0x16, 0x4f, 0x2f, 12]),
      ("kenlm", Array("mmap lm http://kheafield.com/code format version 5\n\0".utf8)),
    ] {
      let file = try folder.write(bytes, to: name)
      let refused = try quipu("score", file, file, status: 1)
      #expect(refused.errors.hasPrefix("error: \(file): byte "), "\(refused.errors)")
      #expect(refused.output == "")
    }
  }
}
