import Foundation
import Ground
import TestSupport
import Testing

/// The commands that work on files of any toolkit.
@Suite struct ToolTests {
  private func line(_ id: Int, _ text: String) -> String {
    let digits = String(id)
    let id = String(repeating: "0", count: 32 - digits.count) + digits
    return #"{"id":"\#(id)","text":"\#(text)","source":"c4"}"# + "\n"
  }

  /// Sixty different words behind two stop words, since repeated ones trip the rules of repetition.
  private let prose = "the and " + (0..<60).map { "word\($0)" }.joined(separator: " ")

  @Test func filterKeepsDropsAndSaysWhy() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(line(1, prose) + line(2, "too short") + "no json\n", to: "a.jsonl")
    let (kept, dropped) = ("\(folder.path)/kept.jsonl", "\(folder.path)/dropped.jsonl")
    let outcome = try Program.run("filter", "gopher", path, "--output", kept, "--rejects", dropped)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let keptText = try String(decoding: openDecoded(kept).readToEnd(), as: UTF8.self)
    let droppedText = try String(decoding: openDecoded(dropped).readToEnd(), as: UTF8.self)
    #expect(keptText.split(separator: "\n").count == 1 && keptText.contains("word59"))
    #expect(droppedText.contains(#""reason":"gopher.word_count""#))
    #expect(outcome.errors.contains("not JSON"))
    #expect(try Program.run("filter", "gofer", path).status == 64)
  }

  @Test(arguments: ["exact", "minhash", "containment"])
  func dedupKeepsOneOfTwo(method: String) throws {
    let folder = try TemporaryFolder()
    let long = (0..<400).map { "knot\(String($0, radix: 36))x" }.joined(separator: " ")
    let other = (0..<400).map { "cord\(String($0, radix: 36))y" }.joined(separator: " ")
    // The survivor of equals is the smallest id, whatever the order of lines.
    let path = try folder.write(line(7, long) + line(3, long) + line(5, other), to: "a.jsonl")
    let outcome = try Program.run("dedup", method, path, "--output", "\(folder.path)/out")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try names(in: "\(folder.path)/out") == ["documents.jsonl.zst", "duplicates.jsonl"])
    let list = try openDecoded("\(folder.path)/out/duplicates.jsonl").readToEnd()
    let object = try JSONSerialization.jsonObject(with: Data(list)) as? [String: Any]
    #expect((object?["id"] as? String)?.hasSuffix("07") == true)
    #expect((object?["duplicateOf"] as? String)?.hasSuffix("03") == true)
    #expect(object?["similarity"] as? Double == 1)
  }

  @Test func dedupOfLinesRemovesThemEverywhere() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      line(1, #"own one\nshared menu"#) + line(2, #"shared menu\nown two"#), to: "a.jsonl")
    _ = try Program.run("dedup", "lines", path, "--output", "\(folder.path)/out")
    let text = try String(
      decoding: openDecoded("\(folder.path)/out/documents.jsonl.zst").readToEnd(), as: UTF8.self)
    #expect(text.contains("own one") && text.contains("own two") && !text.contains("shared menu"))
  }

  @Test func aTokenizerIsTrainedAndEncodesWhatItDecodes() throws {
    let folder = try TemporaryFolder()
    let text = "The cords of the herd, 1532 of them.\n  Wörter, слова, 結び目\n"
    let path = try folder.write(String(repeating: text, count: 30), to: "text.txt")
    let model = "\(folder.path)/tokenizer.model"
    let trained = try Program.run(
      "tokenizer", "train", path, "--output", model, "--preset", "llama", "--vocab-size", "330",
      "--quiet")
    #expect(trained.status == 0, "\(trained.errors)")
    let ids = try Program.run("tokenizer", "encode", "--model", model, input: text)
    #expect(ids.output.split(separator: "\n").count == 2)
    let back = try Program.run("tokenizer", "decode", "--model", model, input: ids.output)
    #expect(back.output == text)
    #expect(try Program.run("tokenizer", "decode", "--model", model, input: "7 x\n").status == 1)
  }

  @Test func aPipeIsReadFromItsFirstByteOn() throws {
    let folder = try TemporaryFolder()
    let text = String(repeating: "The cords of the herd.\n", count: 40_000)
    let path = try folder.write(text, to: "text.txt")
    let model = "\(folder.path)/tokenizer.model"
    _ = try Program.run(
      "tokenizer", "train", path, "--output", model, "--preset", "llama", "--vocab-size", "280")
    for bytes in [Array(text.utf8), zstdFrame(of: Array(text.utf8))] {
      let process = Process()
      process.executableURL = URL(filePath: "/bin/sh")
      let stored = try folder.write(bytes, to: "stored")
      process.arguments = [
        "-c",
        "cat \(stored) | \(Program.path) tokenizer encode --model \(model) >\(folder.path)/ids",
      ]
      try process.run()
      process.waitUntilExit()
      let lines = try openDecoded("\(folder.path)/ids").readToEnd().split(separator: 0x0a)
      #expect(lines.count == 40_000 && Set(lines).count == 1)
    }
  }

  @Test func aCutArchiveIsAFaultThatNamesIt() throws {
    let folder = try TemporaryFolder()
    let archive = try ArchiveWriter(.sevenZip, modified: 0)
    try archive.add("Posts.xml", Array("<posts></posts>".utf8))
    let path = try folder.write(Array(try archive.finish().dropLast(20)), to: "knots.com.7z")
    let outcome = try Program.run("ingest", "stack-exchange", path)
    #expect(outcome.status == 1)
    #expect(outcome.errors.hasPrefix("error: \(path): byte 0: damaged archive: "))
  }
}
