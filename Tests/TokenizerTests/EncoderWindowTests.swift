import Ground
import TestSupport
import Testing
import Tokenizer

/// Texts of many windows: the answer must not depend on where a window ends.
@Suite struct EncoderWindowTests {
  /// With a user-defined piece that no text has, windows grow until they hold a whole unit.
  private func whole(_ model: TokenizerModel) -> TokenizerModel {
    var model = model
    model.pieces.append(.init("\u{e000}", kind: .userDefined))
    return model
  }

  @Test func unitsWithoutACutAreTheSameInPartsAndAsAWhole() throws {
    var chance = SeededGenerator(seed: 11)
    for round in 0..<8 {
      var pieces = ["a", "b", "é"]
      while pieces.count < 60 {
        let piece = (0..<Int.random(in: 2...7, using: &chance)).map { _ in
          ["a", "b", "é"].randomElement(using: &chance) ?? "a"
        }.joined()
        if !pieces.contains(piece) { pieces.append(piece) }
      }
      var model = smallModel(pieces)
      if round % 2 == 1 {  // equal scores, which go from left to right
        for id in model.pieces.indices { model.pieces[id].score = Float(-id / 7) }
      }
      let letters = round < 4 ? ["a", "b", "é"] : ["a", "a", "a", "a", "a", "a", "a", "b"]
      let text = (0..<50_000).map { _ in letters.randomElement(using: &chance) ?? "a" }.joined()
      let inParts = try TokenEncoder(model)
      let asWhole = try TokenEncoder(whole(model))
      #expect(inParts.encode(Array(text.utf8)) == asWhole.encode(Array(text.utf8)), "\(round)")
    }
  }

  /// Each pair is better than the one before it, so which scalars pair is decided at the far end.
  @Test(arguments: [19_999, 20_000]) func aChainOfEverBetterPairsIsMergedFromItsEnd(_ count: Int)
    throws
  {
    let scalars = (0..<UInt32(count)).compactMap { Unicode.Scalar(0x4e00 + $0) }
    let letters = scalars.map { String(Character($0)) }
    let pairs = zip(letters, letters.dropFirst()).map { $0 + $1 }
    let model = smallModel(pairs.reversed() + letters + ["▁"]) { $0.addDummyPrefix = false }
    let ids = Dictionary(
      uniqueKeysWithValues: model.pieces.enumerated().map { ($1.text, Int32($0)) })
    var expected: [Int32] = []
    if count % 2 == 1 { expected.append(ids[letters[0]] ?? -1) }
    for place in stride(from: count % 2, to: count, by: 2) {
      expected.append(ids[pairs[place]] ?? -1)
    }
    #expect(try TokenEncoder(model).encode(Array(letters.joined().utf8)) == expected)
  }

  @Test func windowsEndBetweenScalarsAlsoInMalformedText() throws {
    let model = smallModel(["▁a", "ab", "a", "b", "▁", "é", "éa", "中", "中中", "\u{fffd}", "🦙"])
    let (one, other) = (try TokenEncoder(model), try TokenEncoder(whole(model)))
    var chance = SeededGenerator(seed: 12)
    let parts: [[UInt8]] = [
      [0x61], [0x62], [0x20], Array("é".utf8), Array("中".utf8), Array("🦙".utf8), [0xff],
      [0xe4, 0xb8], [0x80], [0xf0, 0x9f], Array("▁".utf8), [0x0a],
    ]
    for _ in 0..<20 {
      var text: [UInt8] = []
      let kinds = Int.random(in: 1...parts.count, using: &chance)
      while text.count < 40_000 {
        text += parts[Int.random(in: 0..<kinds, using: &chance)]
      }
      let ids = one.encode(text)
      #expect(ids == other.encode(text))
      for jobs in [2, 5] { #expect(one.encode(text, jobs: jobs) == ids) }
    }
  }

  @Test func plainCodeMarksTheSameCutsAsVectors() throws {
    let trainer = try BPETrainer(TrainerGolden.all[0].settings)
    var counts = trainer.counts()
    counts.add(Array(TrainerGolden.all[0].text.utf8))
    let encoder = try TokenEncoder(try trainer.train(counts))
    let plain = encoder.withoutVectors
    var chance = SeededGenerator(seed: 14)
    let parts = ["the ", "keeper", "'s", "  ", "15", "\n", "é", "узел", "结", "🦙", "▁", ";!"]
    for _ in 0..<20 {
      let text = (0..<Int.random(in: 1...6_000, using: &chance)).map { _ in
        parts.randomElement(using: &chance) ?? ""
      }.joined()
      #expect(plain.encode(Array(text.utf8)) == encoder.encode(Array(text.utf8)))
    }
  }

  @Test func manyTextsAreTheSameOnAnyNumberOfThreads() throws {
    for byteFallback in [true, false] {
      let encoder = try TokenEncoder(
        smallModel(["▁a", "ab", "a", "b", "▁"]) { $0.byteFallback = byteFallback })
      var chance = SeededGenerator(seed: 13)
      let texts: [[UInt8]] = (0..<300).map { _ in
        (0..<Int.random(in: 0...200, using: &chance)).map { _ -> UInt8 in
          [0x61, 0x62, 0x20, 0xff, 0x7a].randomElement(using: &chance) ?? 0x61
        }
      }
      let (ids, ends) = encoder.encode(texts, jobs: 1)
      #expect(ends.count == texts.count && ends.last == ids.count)
      var start = 0
      for (text, end) in zip(texts, ends) {
        #expect(Array(ids[start..<end]) == encoder.encode(text))
        start = end
      }
      for jobs in [2, 4, 400] {
        let again = encoder.encode(texts, jobs: jobs)
        #expect(again.ids == ids && again.ends == ends)
      }
    }
    let none: [[UInt8]] = []
    let nothing = try TokenEncoder(smallModel(["a"])).encode(none, jobs: 4)
    #expect(nothing.ids.isEmpty && nothing.ends.isEmpty)
  }
}
