import Ground
import TestSupport
import Testing
import Tokenizer

@Suite struct TrainerTests {
  @Test(arguments: TrainerGolden.all)
  func givesThePiecesOrderAndScoresOfSentencePiece(_ golden: TrainerGolden) throws {
    let trainer = try BPETrainer(golden.settings)
    var counts = trainer.counts()
    counts.add(Array(golden.text.utf8))
    let model = try trainer.train(counts)
    let trained = model.pieces.filter { $0.kind == .normal }
    #expect(trained.map(\.text) == golden.pieces)
    #expect(trained.map(\.score) == golden.pieces.indices.map { -Float($0) })
    #expect(try TokenEncoder(model).encode(Array(TrainerGolden.sample.utf8)) == golden.sample)
  }

  @Test func thereAreGoldens() { #expect(TrainerGolden.all.count == 19) }

  @Test func controlAndBytePiecesComeFirst() throws {
    let model = try train("ab ab ab", vocabSize: 265)
    #expect(model.pieces[0] == .init("<unk>", kind: .unknown))
    #expect(model.pieces[1] == .init("<s>", kind: .control))
    #expect(model.pieces[2] == .init("</s>", kind: .control))
    #expect(model.pieces[3] == .init("<0x00>", kind: .byte))
    #expect(model.pieces[258] == .init("<0xFF>", kind: .byte))
    #expect(model.pieces[259...].map(\.text) == ["ab", "▁ab", "▁a", "a", "b", "▁"])
  }

  @Test func theFirstScoreIsMinusZero() throws {
    #expect(try train("ab ab", vocabSize: 263).pieces[259].score.sign == .minus)
  }

  @Test func textOfTooFewPiecesNamesTheLargestVocabulary() throws {
    #expect {
      try train("a b c\nab ab\n", vocabSize: 300)
    } throws: {
      "\($0)".contains("yields at most 268 pieces")
    }
  }

  @Test func anAlphabetLargerThanTheVocabularyNamesItsSize() throws {
    #expect {
      try train("abcdefgh", vocabSize: 262)
    } throws: {
      "\($0)".contains("needs a vocabulary of 268 pieces")
    }
  }

  @Test func noTextIsAFault() throws {
    #expect(throws: Fault.self) { try train("\n\n", vocabSize: 300) }
  }

  @Test func emptyLongAndReservedLinesAreLeftOut() throws {
    let trainer = try BPETrainer(.llama)
    var counts = trainer.counts()
    counts.add(Array("one\n\n\(String(repeating: "x", count: 4193))\n▅\ntwo".utf8))
    #expect(counts.sentences == 2)
    #expect(counts.tooLong == 1)
    #expect(counts.reserved == 1)
  }

  @Test func contradictorySettingsAreRefused() {
    func refuses(_ change: (inout TrainerSettings) -> Void) {
      var settings = TrainerSettings.llama
      change(&settings)
      #expect(throws: Fault.self) { try BPETrainer(settings) }
    }
    refuses { $0.vocabSize = 0 }
    refuses { $0.vocabSize = 200 }
    refuses { $0.characterCoverage = 0.5 }
    refuses { $0.maxPieceLength = 0 }
    refuses { $0.maxSentenceLength = 1 }
    refuses { $0.unknownPiece = "" }
    refuses { $0.requiredChars = "a b" }
    refuses { $0.requiredChars = "\u{2585}" }
    refuses {
      $0.autoCharacterCoverage = true
      $0.requiredChars = "a"
    }
    refuses {
      $0.autoCharacterCoverage = true
      $0.byteFallback = false
    }
    refuses { $0.beginID = 0 }
    refuses { $0.userDefinedSymbols = ["<unk>"] }
    refuses { $0.controlSymbols = ["<0x41>"] }
    refuses {
      $0.byteFallback = false
      $0.unknownID = -1
    }
  }

  @Test func anyNumberOfThreadsAndAnyCutGivesTheSameModel() throws {
    let folder = try TemporaryFolder()
    var chance = SeededGenerator(seed: 4)
    let words = (0..<400).map { _ in
      String(
        (0..<Int.random(in: 1...9, using: &chance)).map { _ in
          "abcdeжя".randomElement(using: &chance) ?? "a"
        })
    }
    let lines = (0..<40_000).map { _ in
      (0..<8).map { _ in words[Int.random(in: 0..<400, using: &chance)] }.joined(separator: " ")
    }
    let text = lines.joined(separator: "\n")
    let path = try folder.write(text, to: "text")
    var settings = TrainerSettings.llama
    settings.vocabSize = 600
    let trainer = try BPETrainer(settings)
    let corpus = try TrainingCorpus([path])
    var options = CountingOptions()
    let one = try trainer.train(try trainer.countWords(in: corpus).words).serialized()
    for jobs in [2, 5] {
      options.jobs = jobs
      let counts = try trainer.countWords(in: corpus, options).words
      #expect(counts.sentences == 40_000)
      #expect(try trainer.train(counts).serialized() == one)
    }
    var backwards = trainer.counts()
    for part in lines.chunked(by: 1000).reversed() {
      var counts = trainer.counts()
      counts.add(Array(part.joined(separator: "\n").utf8))
      backwards.merge(counts)
    }
    #expect(try trainer.train(backwards).serialized() == one)
  }

  @Test func malformedTextIsTrainedOnAsReplacementCharacters() throws {
    let trainer = try BPETrainer(small(263))
    var counts = trainer.counts()
    counts.add(Array("a".utf8) + [0xff, 0xe2, 0x96] + Array(" a\n".utf8))
    let model = try trainer.train(counts)
    #expect(model.pieces.suffix(3).map(\.text) == ["\u{fffd}", "a", "▁"])
  }

  private func small(_ size: Int) -> TrainerSettings {
    var settings = TrainerSettings.llama
    settings.vocabSize = size
    return settings
  }

  private func train(_ text: String, vocabSize: Int) throws -> TokenizerModel {
    let trainer = try BPETrainer(small(vocabSize))
    var counts = trainer.counts()
    counts.add(Array(text.utf8))
    return try trainer.train(counts)
  }
}

extension Array {
  fileprivate func chunked(by size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}
