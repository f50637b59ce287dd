import Ground
import TestSupport
import Tokenizer

/// A text of so many lines, with words that come often and words that come once.
func zipfText(lines: Int, seed: UInt64, letters: String = "abcdeжя") -> String {
  var chance = SeededGenerator(seed: seed)
  let words = (0..<300).map { _ in
    String(
      (0..<Int.random(in: 1...9, using: &chance)).compactMap { _ in
        letters.randomElement(using: &chance)
      })
  }
  return (0..<lines).map { line in
    let parts = (0..<Int.random(in: 1...10, using: &chance)).map { _ in
      words[Int(300 / Double.random(in: 1...300, using: &chance)) - 1]
    }
    return parts.joined(separator: " ") + (line % 50 == 0 ? " once\(line)" : "")
  }.joined(separator: "\n") + "\n"
}

/// A reader of lines such as `{text}`, which stands for JSON here.
let readBraces: TrainingCorpus.DocumentReader = {
  { line in
    guard line.first == UInt8(ascii: "{"), line.last == UInt8(ascii: "}") else { throw NoBraces() }
    return line.dropFirst().dropLast().map { $0 == UInt8(ascii: "|") ? 0x0a : $0 }
  }
}

struct NoBraces: Error, CustomStringConvertible {
  var description: String { "no braces" }
}

extension BPETrainer {
  /// The bytes of the counts of a corpus, which depend on the counts alone.
  func countedBytes(
    _ corpus: TrainingCorpus, _ change: (inout CountingOptions) -> Void = { _ in }
  ) throws -> [UInt8] {
    var options = CountingOptions()
    change(&options)
    return try countWords(in: corpus, options).words.serialized()
  }
}
