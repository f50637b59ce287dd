import Ground
import TestSupport
import Testing
import Tokenizer

/// What is trained from random texts in several scripts, against the definition.
@Suite struct TrainerPropertyTests {
  /// A change of LLaMA's settings, by SentencePiece's name for it.
  struct Change: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var apply: @Sendable (inout TrainerSettings) -> Void

    init(_ name: String, _ apply: @escaping @Sendable (inout TrainerSettings) -> Void) {
      testDescription = name
      self.apply = apply
    }
  }

  static let changes: [Change] = [
    Change("none") { _ in },
    Change("split_digits") { $0.splitDigits = false },
    Change("split_by_number") {
      $0.splitDigits = false
      $0.splitByNumber = false
    },
    Change("split_by_unicode_script") { $0.splitByUnicodeScript = false },
    Change("split_by_whitespace") { $0.splitByWhitespace = false },
    Change("treat_whitespace_as_suffix") { $0.treatWhitespaceAsSuffix = true },
    Change("treat_whitespace_as_suffix of whole lines") {
      $0.treatWhitespaceAsSuffix = true
      $0.splitByWhitespace = false
    },
    Change("allow_whitespace_only_pieces") { $0.allowWhitespaceOnlyPieces = false },
    Change("allow_whitespace_only_pieces, treat_whitespace_as_suffix") {
      $0.allowWhitespaceOnlyPieces = false
      $0.treatWhitespaceAsSuffix = true
    },
    Change("add_dummy_prefix") { $0.addDummyPrefix = false },
    Change("remove_extra_whitespaces") { $0.removeExtraWhitespaces = true },
    Change("max_sentencepiece_length") { $0.maxPieceLength = 3 },
    Change("max_sentence_length") { $0.maxSentenceLength = 40 },
    Change("character_coverage") { $0.characterCoverage = 0.98 },
    Change("required_chars") {
      $0.requiredChars = "zя"
      $0.characterCoverage = 0.98
    },
    Change("user_defined_symbols") { $0.userDefinedSymbols = ["ab", "b漢", "1"] },
    Change("control_symbols") { $0.controlSymbols = ["ba", "▁a"] },
    Change("pretokenization_delimiter") { $0.pretokenizationDelimiter = "a▁" },
  ]

  @Test(arguments: changes)
  func everySettingTrainsWhatItsDefinitionSays(_ change: Change) throws {
    for seed in 0..<6 {
      var chance = SeededGenerator(seed: UInt64(seed) << 8 | UInt64(change.testDescription.count))
      let lines = randomLines(&chance)
      var settings = TrainerSettings.llama
      change.apply(&settings)
      try expectDefinition(lines, settings, merges: [3, 20, 80, 100_000][seed % 4])
    }
  }

  @Test func withoutACoverageTheBestMergesAndCharactersAreTaken() throws {
    for seed in 0..<16 {
      var chance = SeededGenerator(seed: UInt64(seed) << 8 | 99)
      let lines = randomLines(&chance)
      var settings = TrainerSettings.llama
      settings.autoCharacterCoverage = true
      settings.hardVocabLimit = false
      let budget = [2, 9, 30, 120][seed % 4]
      settings.vocabSize = 259 + budget
      let reference = ReferenceTrainer(settings: settings, literals: try literals(settings))
      let expected = reference.bestPieces(lines, budget: budget)
      let trainer = try BPETrainer(settings)
      var counts = trainer.counts()
      for line in lines { counts.add(Array(line.utf8)) }
      if counts.sentences == 0 { continue }
      let pieces = try trainer.train(counts).pieces.filter { $0.kind == .normal }.map(\.text)
      #expect(pieces == expected, "\(lines)")
    }
  }

  @Test func roundsWithEverLowerFloorsMissNothing() throws {
    var chance = SeededGenerator(seed: 11)
    let rare = (0..<60).map { _ in randomWord("abcd", 1...9, &chance) }
    // So frequent that the first floor lies far above all counts but those of these words.
    let lines = Array(repeating: "frequent words", count: 10_000) + rare + rare.prefix(20)
    try expectDefinition(lines, .llama, merges: 100)
  }

  @Test func countsAboveTheRangeOfAWeightStayExact() throws {
    var settings = TrainerSettings.llama
    settings.vocabSize = 275
    let trainer = try BPETrainer(settings)
    var counts = trainer.counts()
    counts.add(Array("ab abc abc bcd".utf8))
    let small = try trainer.train(counts)
    for _ in 0..<34 {
      let same = counts
      counts.merge(same)
    }
    #expect(try trainer.train(counts).serialized() == small.serialized())
    // One more "cd" must still decide a tie.
    counts.add(Array("cd".utf8))
    let large = try trainer.train(counts).pieces.map(\.text)
    #expect(large != small.pieces.map(\.text))
    #expect(large.firstIndex(of: "cd") != nil)
  }

  @Test func linesInAnyOrderOnAnyNumberOfThreadsGiveTheSameBytes() throws {
    var chance = SeededGenerator(seed: 5)
    let lines = (0..<40).flatMap { _ in randomLines(&chance) }
    var settings = TrainerSettings.llama
    settings.vocabSize = 700
    let trainer = try BPETrainer(settings)
    var counts = trainer.counts()
    counts.add(Array(lines.joined(separator: "\n").utf8))
    let model = try trainer.train(counts).serialized()
    for jobs in [2, 3, 7] {
      var parts = (0..<jobs).map { _ in trainer.counts() }
      for line in lines.shuffled(using: &chance) {
        parts[Int.random(in: 0..<jobs, using: &chance)].add(Array(line.utf8))
      }
      var merged = parts.removeLast()
      for part in parts.shuffled(using: &chance) { merged.merge(part) }
      #expect(merged.serialized() == counts.serialized())
      #expect(try trainer.train(merged, jobs: jobs).serialized() == model)
    }
  }

  @Test func progressEndsWithAllMerges() throws {
    var settings = TrainerSettings.llama
    settings.vocabSize = 700
    settings.hardVocabLimit = false
    let trainer = try BPETrainer(settings)
    var chance = SeededGenerator(seed: 6)
    var counts = trainer.counts()
    counts.add(Array(randomLines(&chance).joined(separator: "\n").utf8))
    var seen: [Int] = []
    let model = try trainer.train(counts) { merges, _ in seen.append(merges) }
    let merges = model.pieces.count { $0.kind == .normal && $0.text.unicodeScalars.count > 1 }
    #expect(seen.last == merges)
  }

  @Test func aNormalizerRewritesEveryLineBeforeItIsCounted() throws {
    let spec = NormalizerSpec(addDummyPrefix: false)
    let upper = LineNormalizer(spec: spec) { line, text in
      for index in line.indices { text.append(line[index] & 0xdf) }
    }
    var settings = TrainerSettings.llama
    settings.vocabSize = 263
    let trainer = try BPETrainer(settings, normalizer: upper)
    var counts = trainer.counts()
    counts.add(Array("ab\nab\nc".utf8))
    let model = try trainer.train(counts)
    #expect(model.pieces[259...].map(\.text) == ["AB", "A", "B", "C"])
    #expect(model.normalizer == spec)
  }

  @Test func memoryInUseGrowsWithTheWords() throws {
    let trainer = try BPETrainer(.llama)
    var counts = trainer.counts()
    counts.add(Array("a".utf8))
    let least = counts.memoryInUse
    counts.add(Array((0..<20_000).map { "x\($0.words.joined())y" }.joined(separator: "\n").utf8))
    #expect(counts.memoryInUse > least + 20_000 * 16)
  }

  private func expectDefinition(
    _ lines: [String], _ settings: TrainerSettings, merges: Int
  ) throws {
    var settings = settings
    settings.hardVocabLimit = false
    settings.vocabSize = 1 << 20
    let meta = try literals(settings)
    let all = ReferenceTrainer(settings: settings, literals: meta)
    let expected = all.pieces(lines, merges: merges)
    if expected.isEmpty { return }
    settings.vocabSize = merges == 100_000 ? 1 << 20 : meta.count + expected.count
    let trainer = try BPETrainer(settings)
    var counts = trainer.counts()
    for line in lines { counts.add(Array(line.utf8)) }
    let pieces = try trainer.train(counts).pieces.filter { $0.kind == .normal }.map(\.text)
    #expect(pieces == expected, "\(lines)")
  }

  /// What stands in front of the trained pieces.
  private func literals(_ settings: TrainerSettings) throws -> [String] {
    var counts = try BPETrainer(settings).counts()
    counts.add([0x61])
    return try BPETrainer(settings).train(counts).pieces.filter { $0.kind != .normal }.map(\.text)
  }

  private func randomLines(_ chance: inout SeededGenerator) -> [String] {
    let sets = [
      "abc", "aab", "AB", "àé", "a\u{301}b", "αβ", "абв", "漢字ひカー", "اب\u{64b}", "0１2", ".,-", "<s>",
      "\t\r\u{1f}",
    ]
    let chosen =
      sets.shuffled(using: &chance).prefix(Int.random(in: 1...4, using: &chance)) + ["ab"]
    let words = (0..<Int.random(in: 3...20, using: &chance)).map { _ in
      chosen.shuffled(using: &chance).prefix(2).map {
        randomWord($0, 1...Int.random(in: 1...6, using: &chance), &chance)
      }.joined()
    }
    let blanks = [" ", " ", " ", "  ", "   ", "", "▁", "\0", "<s>", "</s>", "<0x0A>"]
    return (0..<Int.random(in: 1...6, using: &chance)).map { _ in
      var line = ""
      for _ in 0..<Int.random(in: 0...8, using: &chance) {
        line +=
          (words.randomElement(using: &chance) ?? "")
          + (blanks.randomElement(using: &chance) ?? " ")
      }
      return line
    }
  }

  private func randomWord(
    _ letters: String, _ lengths: ClosedRange<Int>, _ chance: inout SeededGenerator
  ) -> String {
    let scalars = Array(letters.unicodeScalars)
    var word = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: lengths, using: &chance) {
      word.append(scalars[Int.random(in: 0..<scalars.count, using: &chance)])
    }
    return String(word)
  }
}

extension Int {
  /// A number in letters, so that it is one unit.
  fileprivate var words: [String] {
    String(self).map { String(UnicodeScalar(UInt8(ascii: "a") + UInt8($0.wholeNumberValue ?? 0))) }
  }
}
