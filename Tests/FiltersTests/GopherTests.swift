import Documents
import Filters
import TestSupport
import Testing

@Suite struct GopherTests {
  /// One smallest text for each signal, and the value that a hand computes.
  @Test(
    arguments: [
      ("gopher.word_count", "one two – three", 3),  // a dash alone is no word
      ("gopher.word_count", "", 0),
      ("gopher.word_count", "a\u{3000}b\u{85}c", 3),
      ("gopher.mean_word_length", "a été — .", 2),  // (1 + 3) / 2
      ("gopher.hash_ratio", "#a ## b c", 0.75),
      ("gopher.ellipsis_ratio", "a... b…c .....  .. . ...... d", 5.0 / 7),
      ("gopher.bullet_lines", "- a\n  • b\nc -\n", 2.0 / 3),
      ("gopher.ellipsis_lines", "a...\nb… \nc. ..\n...d\n", 2.0 / 4),
      ("gopher.alphabetic_words", "1a 23 日本 !? ٣", 2.0 / 5),
      ("gopher.stop_words", "the The the, of have to", 4),
      ("gopher.duplicate_lines", "a\nb\n\na\na\n", 2.0 / 5),  // a b a a and the empty end
      ("gopher.duplicate_line_characters", "äb\nc\näb", 2.0 / 7),
      ("gopher.duplicate_paragraphs", "\na\nb\n\na\n\n\na\n", 1.0 / 3),  // "a\nb", "a", "a"
      ("gopher.duplicate_paragraph_characters", "abc\n\nabc\n", 3.0 / 9),
      ("gopher.top_2gram", "a b c a b", 6.0 / 9),  // "a b" twice
      ("gopher.top_2gram", "aa bb c", 5.0 / 7),  // none twice: the first
      ("gopher.top_2gram", "a a a", 6.0 / 5),  // overlapping ones count, as in datatrove
      ("gopher.top_3gram", "a b c x a b c", 10.0 / 13),
      ("gopher.top_4gram", "a b c", 0),
      ("gopher.duplicate_5gram", "a b c d e a b c d e", 5.0 / 19),
      ("gopher.duplicate_5gram", "a a a a a a a a a a a", 10.0 / 21),
      ("gopher.duplicate_6gram", "a b c d e a b c d e", 0),
      ("gopher.duplicate_10gram", "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0", 10.0 / 39),
    ] as [(String, String, Double)])
  func signal(name: String, text: String, value: Double) throws {
    let found = try #require(signals(GopherMeasure(), text)[name])
    #expect(abs(found - value) < 1e-12, "\(name) of \(text.debugDescription) is \(found)")
  }

  /// The table-driven counting against datatrove's in its own, slow words.
  @Test func repetitionIsWhatDatatroveCounts() throws {
    var random = SeededGenerator(seed: 7)
    for round in 0..<60 {
      let count = Int.random(in: 0..<200, using: &random)
      let kinds = Int.random(in: 1...(round % 3 == 0 ? 3 : 20), using: &random)
      var text = ""
      for _ in 0..<count {
        text += "wö\(Int.random(in: 0..<kinds, using: &random))"
        text += [" ", " ", " ", "\n", "\n\n"].randomElement(using: &random) ?? " "
      }
      let found = signals(GopherMeasure(), text)
      let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
      let length = Double(max(1, text.unicodeScalars.count))
      for size in 2...4 {
        #expect(found["gopher.top_\(size)gram"] == Double(top(words, size)) * (1 / length))
      }
      for size in 5...10 {
        #expect(
          found["gopher.duplicate_\(size)gram"] == Double(duplicated(words, size)) * (1 / length))
      }
    }
  }

  private func top(_ words: [String], _ size: Int) -> Int {
    if words.count < size { return 0 }
    let grams = (0...words.count - size).map { words[$0..<$0 + size].joined(separator: " ") }
    var (best, most) = (grams[0], 0)
    var counts: [String: Int] = [:]
    for gram in grams { counts[gram, default: 0] += 1 }
    for gram in grams {
      let count = counts[gram] ?? 0
      if count > most { (best, most) = (gram, count) }
    }
    return best.unicodeScalars.count * most
  }

  private func duplicated(_ words: [String], _ size: Int) -> Int {
    var (seen, characters, index): (Set<[String]>, Int, Int) = ([], 0, 0)
    while index + size <= words.count {
      let gram = Array(words[index..<index + size])
      if seen.insert(gram).inserted {
        index += 1
      } else {
        characters += gram.joined().unicodeScalars.count
        index += size
      }
    }
    return characters
  }

  @Test func presetKeepsProseAndNamesWhatItDrops() throws {
    let rules = try #require(presetRules("gopher"))
    func reasons(_ text: String) -> [String] {
      let found = signals(GopherMeasure(), text)
      return rules.filter { !$0.keeps(found) }.map(\.reason)
    }
    let prose = (0..<60).map { "number\($0 * $0) and" }.joined(separator: " ") + " the end"
    #expect(reasons(prose) == [])
    #expect(reasons("the end of that").first == "gopher.word_count")
    #expect(reasons(prose + " #" * 16) == ["gopher.hash_ratio"])
    #expect(reasons((prose + "\n\n") * 2).contains("gopher.duplicate_paragraph_characters"))
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["a ", "\n", "a\n", "…", ".", "- \n", "ab c\n\n"])
  func hostileTextsCostLinearTime(piece: String) {
    let text = piece * 150_000
    #expect(signals(GopherMeasure(), text).entries.map(\.name) == GopherMeasure.signals)
  }

  @Test func malformedBytesAreNoTrap() {
    var (broken, found) = (document(""), Signals())
    broken.text = [0x61, 0xe2, 0x80, 0x20, 0xff, 0x80, 0xf4, 0x90, 0x0a, 0xe2]
    GopherMeasure().measure(broken, into: &found)
    GitHubMeasure().measure(broken, into: &found)
    C4Rewrite().rewrite(&broken, noting: &found)
    #expect(found["gopher.word_count"] == 3)
  }
}
