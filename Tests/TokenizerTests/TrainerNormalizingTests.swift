import Ground
import Testing
import Tokenizer

/// What is done to text before it is trained on.
@Suite struct TrainerNormalizingTests {
  private func pieces(_ text: String, _ settings: TrainerSettings) throws -> TokenizerModel {
    try pieces(text, BPETrainer(settings))
  }

  private func pieces(_ text: String, _ trainer: BPETrainer) throws -> TokenizerModel {
    var counts = trainer.counts()
    counts.add(Array(text.utf8))
    return try trainer.train(counts)
  }

  private var small: TrainerSettings {
    var settings = TrainerSettings()
    (settings.vocabSize, settings.hardVocabLimit) = (40, false)
    return settings
  }

  @Test func theDefaultIsThatOfSentencePiece() throws {
    let model = try pieces("\u{ff21}\u{ff22}   \u{fb01}x \t\u{2460}  \n", small)
    #expect(model.pieces.suffix(7).map(\.text) == ["▁", "1", "A", "B", "f", "i", "x"])
    #expect(model.normalizer.name == "nmt_nfkc")
    #expect(!model.normalizer.precompiledCharsmap.isEmpty)
    #expect(model.normalizer.removeExtraWhitespaces)
  }

  @Test func rulesOfOnesOwnAreApplied() throws {
    let rules = try NormalizationRules(tsv: Array("61\t62 63\n64\n".utf8), file: "rules")
    let model = try pieces("aad xd", BPETrainer(small, rules: rules))
    #expect(model.pieces.suffix(4).map(\.text) == ["b", "c", "▁", "x"])
    #expect(model.normalizer.name == "user_defined")
  }

  @Test func unknownRulesAreAFault() {
    var settings = small
    settings.normalizationRuleName = "nfkd"
    #expect {
      try BPETrainer(settings)
    } throws: {
      "\($0)".contains("no normalization rules named nfkd")
    }
  }
}
