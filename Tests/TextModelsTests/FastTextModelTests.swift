import Ground
import TestSupport
import Testing
import TextModels

/// Models whose answers can be worked out by hand, and files that are no models.
@Suite struct FastTextModelTests {
  /// Dim 1, two words, no n-grams: the mean of -1, 2 and the line's end 0.5.
  private static let small: FastTextBytes = {
    var model = FastTextBytes()
    (model.dim, model.wordNgrams, model.maxn, model.bucket) = (1, 1, 0, 0)
    model.input = { [0.5, -1, 2][$0] }
    model.output = { [1, 2, 0][$0] }
    return model
  }()

  private func load(_ model: FastTextBytes) throws -> FastTextModel {
    let folder = try TemporaryFolder()
    return try FastTextModel(path: folder.write(model.bytes, to: "model"))
  }

  private func labels(
    _ model: FastTextModel, _ text: String, top k: Int = 9,
    lineFeeds: FastTextLineFeeds = .separate
  ) throws -> [String] {
    var scratch = FastTextScratch()
    return try model.predict(
      Array(text.utf8).span, top: k, lineFeeds: lineFeeds, scratch: &scratch
    ).map { model.label($0.label) }
  }

  @Test func probabilitiesAreThoseWorkedOutByHand() throws {
    let model = try load(Self.small)
    var scratch = FastTextScratch()
    let found = try model.answer("one two", top: 3, &scratch)
    // Hidden is 0.5, the logits 0.5, 1 and 0; their sum over e to the largest is 1.9744.
    #expect(found.map(\.label) == [1, 0, 2])
    let expected: [Float] = [0.506480 + 1e-5, 0.307196 + 1e-5, 0.186324 + 1e-5]
    for (one, other) in zip(found, expected) { #expect(abs(one.probability - other) < 2e-6) }
    #expect(try model.answer("", threshold: 0.9, &scratch).isEmpty)
    #expect(try labels(model, "one", top: 1) == ["__label__c"])
    #expect(model.labels == ["__label__a", "__label__b", "__label__c"])
    #expect(model.occurrences(ofLabel: 1) == 2 && model.wordCount == 3)
  }

  @Test func lineFeedsPartOrEndOrVanish() throws {
    let model = try load(Self.small)
    let two = try labels(model, "two")
    let both = try labels(model, "one two")
    let one = try labels(model, "one")
    #expect(one != two && both == two)
    #expect(try labels(model, "one\ntwo") == both)
    #expect(try labels(model, "one\ntwo", lineFeeds: .end) == one)
    #expect(try labels(model, "\none", lineFeeds: .end) == labels(model, ""))
    #expect(try labels(model, "o\nn\n\ne\n", lineFeeds: .vanish) == one)
    #expect(try labels(model, "one", lineFeeds: .vanish) == one)
    #expect(try labels(model, "one </s> two two") == one)
  }

  @Test func aTextWithoutRowsHasNoLabels() throws {
    var model = Self.small
    model.words = [("one", 5), ("two", 4)]
    model.input = { [-1, 2][$0] }
    let loaded = try load(model)
    #expect(try labels(loaded, "").isEmpty && labels(loaded, "three __label__a").isEmpty)
    #expect(try labels(loaded, "three two") == labels(loaded, "two"))
  }

  /// One scratch that goes from model to model, and texts that fill its cache: as new ones.
  @Test func whatAScratchKeepsChangesNothing() throws {
    var quantised = FastTextBytes()
    (quantised.codeWidth, quantised.kept, quantised.hasNorms) = (2, [(1, 0), (4, 1)], true)
    let models = try [load(FastTextBytes()), load(quantised), load(Self.small)]
    var chance = SeededGenerator(seed: 77)
    var kept = FastTextScratch()
    for round in 0..<3000 {
      let text = (0..<Int.random(in: 0...30, using: &chance)).map { _ in
        String(Int.random(in: 0...40_000, using: &chance), radix: 30)
      }.joined(separator: " ")
      let model = models[round / 7 % 3]
      var fresh = FastTextScratch()
      let bytes = Array(text.utf8)
      let one = try model.predict(bytes.span, top: 3, scratch: &kept)
      // Twice, so that all tokens are known.
      #expect(try model.predict(bytes.span, top: 3, scratch: &kept) == one)
      if round % 10 == 0 {
        #expect(try model.predict(bytes.span, top: 3, scratch: &fresh) == one)
      }
    }
  }

  /// Plain C, AVX2 and AVX-512 add in the same order: to the last bit alike, for any dim.
  @Test func allVectorsAnswerAlike() throws {
    var chance = SeededGenerator(seed: 31)
    let texts = (0..<40).map { round in
      (0..<round * 7).map { _ in
        ["one", "two", "  ", "\t", "три", "\0", "</s"].randomElement(using: &chance) ?? ""
      }.joined(separator: round % 3 == 0 ? " " : "\u{c}")
    }
    for dim in [1, 3, 7, 8, 9, 15, 16, 17, 24, 31, 33, 64, 100, 127, 128, 129, 300] as [Int32] {
      for width in [nil, 2, 5] as [Int32?] {
        var made = FastTextBytes()
        (made.dim, made.codeWidth, made.hasNorms) = (dim, width, dim % 2 == 0)
        made.input = { Float($0 * 7919 % 1000) / 333 - 1.5 }
        made.output = { Float($0 * 104_729 % 1000) / 777 - 0.6 }
        let model = try load(made)
        var scratches = FastTextScratch()
        for text in texts {
          scratches.level = 0
          let plain = try model.answer(text, top: 3, &scratches)
          for level in 0...FastTextScratch.best {
            scratches.level = level
            #expect(try model.answer(text, top: 3, &scratches) == plain, "dim \(dim), \(level)")
          }
        }
      }
    }
  }

  @Test func summaryTellsWhatIsInside() throws {
    var model = FastTextBytes()
    (model.codeWidth, model.kept, model.hasNorms) = (2, [(1, 0), (4, 1)], true)
    let summary = try load(model).summary
    #expect(summary.words == 3 && summary.labels == 3 && summary.tokens == 1000)
    #expect(summary.keptGrams == 2 && summary.codeWidth == 2 && summary.inputRows == 5)
    #expect(summary.isInputQuantised && summary.isOutputQuantised && summary.areNormsQuantised)
    let headers = 8 + 56 + 28 + 2
    #expect(
      summary.fileBytes
        == headers + summary.vocabularyBytes + summary.inputBytes + summary.outputBytes)
    #expect(try load(FastTextBytes()).summary.keptGrams == nil)
  }
}
