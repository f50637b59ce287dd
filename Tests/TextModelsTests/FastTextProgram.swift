import Foundation
import Ground
import TestSupport
import TextModels

/// The program `fasttext`, which trains models and says what it makes of texts.
enum FastTextProgram {
  static let isHere = (try? run(["print-ngrams"])) != nil

  static let absence = "no program `fasttext` on the path; Debian has it in the package fasttext"

  /// Runs the program; what it prints goes to a file.
  ///
  /// - Throws: a `Fault` where there is no such program, or it does not know the command.
  static func run(_ arguments: [String], into output: String = "/dev/null") throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["fasttext"] + arguments
    process.standardError = FileHandle(forWritingAtPath: "/dev/null")
    process.standardOutput = FileHandle(forWritingAtPath: output)
    try process.run()
    process.waitUntilExit()
    // Asked without its arguments, a command says how it is used and fails by 1.
    let expected: Int32 = arguments.count == 1 ? 1 : 0
    guard process.terminationStatus == expected else {
      throw Fault(
        "fasttext", at: 0, .unusable("\(arguments) ended with \(process.terminationStatus)"))
    }
  }

  /// What the program answers to one line.
  typealias Answer = [(label: String, probability: Float)]

  /// The answers to texts without line feeds; of one that spells the line's end out, the first.
  static func answers(
    _ model: String, _ texts: [[UInt8]], top k: Int, threshold: Float = 0,
    in folder: TemporaryFolder
  ) throws -> [Answer] {
    let path = try folder.write(Array(texts.joined(separator: [0x0a])) + [0x0a], to: "texts")
    let output = try folder.write("", to: "answers")
    try run(["predict-prob", model, path, "\(k)", "\(threshold)"], into: output)
    var lines = try bytes(of: output).split(separator: 0x0a, omittingEmptySubsequences: false)[...]
    return texts.map { text in
      let line = lines.prefix(1)
      lines = lines.dropFirst(1 + ends(in: text))
      let words =
        line.first?.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) } ?? []
      return stride(from: 0, to: words.count - 1, by: 2).map {
        (words[$0], Float(words[$0 + 1]) ?? .nan)
      }
    }
  }

  /// How many tokens of a text end its line.
  private static func ends(in text: [UInt8]) -> Int {
    text.split { [0, 9, 10, 11, 12, 13, 32].contains($0) }.count { $0.elementsEqual("</s>".utf8) }
  }

  static func bytes(of path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
  }
}

/// Texts for classifiers: some in made-up languages to learn from, some that are easily got wrong.
enum FastTextTexts {
  /// Lines with labels in languages of few syllables each, many alike, the first the most frequent.
  static func training(labels: Int, lines: Int) -> [UInt8] {
    var chance = SeededGenerator(seed: 21)
    let alphabets = ["aeioukmnprst", "абвгдежзик", "あいうかきくけ", "αβγδεζηθ", "أبتثجح", "한국어말글"]
      .map { Array($0).map(String.init) }
    var text = ""
    for line in 0..<lines {
      let label = line < labels ? line : Int.random(in: 0..<labels, using: &chance) * line / lines
      let letters = alphabets[label % alphabets.count]
      var own = SeededGenerator(seed: UInt64(label))
      let words = (0..<12).map { _ in
        (0..<Int.random(in: 1...4, using: &own)).map { _ in
          (letters.randomElement(using: &own) ?? "") + (letters.randomElement(using: &own) ?? "")
        }.joined()
      }
      let some = (0..<Int.random(in: 2...9, using: &chance)).map { _ in
        words.randomElement(using: &chance) ?? ""
      }
      text += "__label__\(label) \(some.joined(separator: " ")) mid\(line % 7)\n"
    }
    return Array(text.utf8)
  }

  static func hostile() -> [[UInt8]] {
    var texts = [
      "", " ", "   ", "\t", "\u{b}\u{c}\r", "\0", "\0\0 \0", "a", "mid1", " mid1 ", "mid1\0mid2",
      "mid1\tmid2\u{b}mid3\u{c}mid4\rmid5", "__label__1", "__label__", "__label__x mid1",
      "__label_",
      "mid1 __label__2 mid2", "mid1__label__2", "</s>", "</s> mid1", "mid1 </s> mid2 mid3",
      "mid1</s>",
      "</s></s> mid1", "mid1 </s> </s> mid2", "<", ">", "<>", "<s>", "zzz qqq www", "zzz",
      "kato pika kato pika kato", "абагаде зизика", "あいうか きくけ", "한국어말", "MID1", "é", "e\u{301}",
      String(repeating: "x", count: 30), String(repeating: "x", count: 31),
      String(repeating: "x", count: 32), String(repeating: "x", count: 33),
      String(repeating: "x", count: 124), String(repeating: "x", count: 126),
      String(repeating: "あ", count: 42), String(repeating: "ab", count: 4000),
      String(repeating: "mid1 ", count: 4000), String(repeating: "a b ", count: 63),
    ].map { Array($0.utf8) }
    texts += [
      [0x80], [0x80, 0x81, 0x20, 0x41], [0xff, 0xfe], [0xc3], [0x61, 0xe3, 0x81],
      [0xbf, 0x80, 0x41],
      Array(repeating: 0x80, count: 300), Array(repeating: 0xff, count: 300),
      [0xf0, 0x9f, 0x98, 0x80],
    ]
    var chance = SeededGenerator(seed: 5)
    for round in 0..<60 {
      texts.append(
        (0..<Int.random(in: 1...400, using: &chance)).map { _ in
          // Any byte, or letters and what parts them; a line feed would make two texts of it.
          let byte: UInt8 =
            round % 2 == 0
            ? .random(in: 0...255, using: &chance)
            : Array("aeimk \t\r\0".utf8).randomElement(using: &chance) ?? 0
          return byte == 0x0a ? 0x20 : byte
        })
    }
    var long: [UInt8] = []
    for _ in 0..<9000 {
      long += Array("mid\(Int.random(in: 0...2000, using: &chance)) ".utf8)
    }
    return texts + [long]
  }

  /// Some lines of each language of the samples, where these are: those to learn from, with labels,
  /// and others.
  static func samples() -> (training: [UInt8], texts: [[UInt8]]) {
    var training: [UInt8] = []
    var texts: [[UInt8]] = []
    for part in ["train", "test"] {
      guard let folder = try? Samples.path("langid/\(part)"), let names = try? files(under: folder)
      else { return ([], []) }
      for name in names.sorted() {
        let language = name.split(separator: "/").first.map(String.init) ?? ""
        let bytes = (try? FastTextProgram.bytes(of: "\(folder)/\(name)")) ?? []
        for line in bytes.split(separator: 0x0a).prefix(part == "train" ? 50 : 8) {
          if part == "test" { texts.append(Array(line)) }
          if part == "train" { training += Array("__label__\(language) ".utf8) + line + [0x0a] }
        }
      }
    }
    return (training, texts)
  }
}
