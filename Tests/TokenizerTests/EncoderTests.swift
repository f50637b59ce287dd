import Ground
import TestSupport
import Testing
import Tokenizer

@Suite struct EncoderTests {
  /// SentencePiece's answers with LLaMA's model, without `<s>`.
  static let llama: [(String, [Int32])] = [
    ("", []),
    (" ", [259]),
    ("  ", [1678]),
    ("   ", [268]),
    ("\t", [29871, 12]),
    ("\n", [29871, 13]),
    ("\n\n", [29871, 13, 13]),
    ("\t\n", [29871, 12, 13]),
    ("Hello world", [15043, 3186]),
    (" Hello world", [29871, 15043, 3186]),
    ("Hello World", [15043, 2787]),
    (" Hello World!", [29871, 15043, 2787, 29991]),
    ("Hello, world!", [15043, 29892, 3186, 29991]),
    ("  Hello", [259, 15043]),
    ("   Hello", [1678, 15043]),
    ("    Hello\n    Hello", [268, 15043, 13, 1678, 15043]),
    ("\n =", [29871, 13, 353]),
    ("' era", [525, 3152]),
    (" this is 🦙.cpp", [29871, 445, 338, 29871, 243, 162, 169, 156, 29889, 8223]),
    (
      "w048 7tuijk dsdfhu",
      [281, 29900, 29946, 29947, 29871, 29955, 9161, 13535, 18031, 2176, 6905]
    ),
    ("нещо на Български", [1538, 4851, 665, 1386, 29713, 1305]),
    (
      "1234567890",
      [29871, 29896, 29906, 29941, 29946, 29945, 29953, 29955, 29947, 29929, 29900]
    ),
    ("3.14159", [29871, 29941, 29889, 29896, 29946, 29896, 29945, 29929]),
    (
      "    def f(x):\n        return x",
      [268, 822, 285, 29898, 29916, 1125, 13, 4706, 736, 921]
    ),
    ("a²", [263, 30088]),
    ("１２", [29871, 31936, 242, 191, 149]),
    ("café naïve", [274, 28059, 1055, 30085, 345]),
    ("e\u{301}", [321, 30103]),
    // Names of control and byte pieces are text like any other.
    ("<s></s><0x0A>", [529, 29879, 2565, 29879, 5299, 29900, 29916, 29900, 29909, 29958]),
  ]

  @Test(.enabled(if: Samples.areHere, Comment(rawValue: Samples.absence)))
  func givesTheKnownIdsOfLLaMA() throws {
    let encoder = try TokenEncoder(
      try TokenizerModel(path: try Samples.path("tokenizer/tokenizer.model")))
    var scratch = EncoderScratch()
    for _ in 0..<2 {  // with a cold and with a warm cache
      for (text, expected) in Self.llama {
        var ids: [Int32] = [7]
        encoder.encode(Array(text.utf8), into: &ids, scratch: &scratch)
        #expect(ids == [7] + expected, "\(text)")
      }
    }
    #expect(encoder.beginID == 1 && encoder.endID == 2 && encoder.unknownID == 0)
    #expect(encoder.count == 32_000)
  }

  @Test func malformedBytesAreReplacementCharactersOneByOne() throws {
    let encoder = try TokenEncoder(smallModel(["▁", "a", "\u{fffd}"]))
    #expect(encoder.encode([0xff, 0x61]) == [259, 261, 260])
    #expect(encoder.encode([0xe2, 0x96]) == [259, 261, 261])
    #expect(encoder.encode([0xed, 0xa0, 0x80]) == [259, 261, 261, 261])  // a surrogate
    #expect(encoder.encode([0xc0, 0x80]) == [259, 261, 261])  // overlong
    #expect(encoder.encode([0xf4, 0x90, 0x80, 0x80]) == [259, 261, 261, 261, 261])
  }

  @Test func whatIsNoPieceComesOutAsBytes() throws {
    let encoder = try TokenEncoder(smallModel(["a"]))
    #expect(
      encoder.encode(Array("aé\0".utf8)) == [0xe2, 0x96, 0x81].map { 3 + $0 } + [259, 198, 172, 3])
  }

  @Test func withoutBytesWhatIsUnknownSideBySideIsOnePiece() throws {
    let model = smallModel(["▁", "a"]) { $0.byteFallback = false }
    let encoder = try TokenEncoder(model)
    let a = Int32(model.pieces.count - 1)
    #expect(encoder.encode(Array("axyaz zz".utf8)) == [a - 1, a, 0, a, 0, a - 1, 0])
  }

  @Test func equalScoresMergeFromTheLeft() throws {
    var model = smallModel(["ab", "bc", "a", "b", "c"])
    for id in model.pieces.indices where model.pieces[id].kind == .normal {
      model.pieces[id].score = -5
    }
    #expect(try TokenEncoder(model).encode(Array("abc".utf8)).suffix(2) == [259, 263])
  }

  /// Vocabularies that no trainer would make: pieces across spaces, pieces whose parts are none,
  /// equal scores, user-defined and unused pieces.
  @Test func givesWhatTheDefinitionSaysForAnyVocabulary() throws {
    var chance = SeededGenerator(seed: 2)
    let letters = ["a", "b", "c", "▁", "é", "1"]
    func word(_ letters: [String], _ lengths: ClosedRange<Int>) -> String {
      (0..<Int.random(in: lengths, using: &chance)).map { _ in
        letters.randomElement(using: &chance) ?? "a"
      }.joined()
    }
    for round in 0..<150 {
      var pieces: [String] = []
      for _ in 0..<40 {
        let piece = word(letters, 1...4)
        if !pieces.contains(piece) { pieces.append(piece) }
      }
      var kinds: [String: TokenizerModel.Piece.Kind] = [:]
      if round % 3 > 0 { for piece in pieces.prefix(3) { kinds[piece] = .userDefined } }
      if round % 3 > 1 { for piece in pieces.suffix(8) { kinds[piece] = .unused } }
      var model = smallModel(pieces, kinds: kinds) {
        $0.byteFallback = round % 2 == 0
        $0.addDummyPrefix = round % 5 > 0
      }
      if round % 7 == 0 {
        for id in model.pieces.indices { model.pieces[id].score = Float(id % 4 - 3) }
      }
      let encoder = try TokenEncoder(model)
      let reference = ReferenceEncoder(model)
      var scratch = EncoderScratch()
      for _ in 0..<12 {
        let text = word(["a", "b", "c", " ", "é", "1", "▁", "z", "🦙"], 0...120)
        var ids: [Int32] = []
        encoder.encode(Array(text.utf8), into: &ids, scratch: &scratch)
        #expect(ids == reference.encode(text), "round \(round): \(text)")
      }
    }
  }

  @Test func decodingGivesBackEveryWellFormedText() throws {
    let trainer = try BPETrainer(TrainerGolden.all[0].settings)
    var counts = trainer.counts()
    counts.add(Array(TrainerGolden.all[0].text.utf8))
    let model = try trainer.train(counts)
    let encoder = try TokenEncoder(model)
    let decoder = TokenDecoder(model)
    var chance = SeededGenerator(seed: 3)
    var scratch = EncoderScratch()
    for _ in 0..<500 {
      var text = ""
      for _ in 0..<Int.random(in: 0...60, using: &chance) {
        let limit: UInt32 =
          [0x80, 0x80, 0x400, 0x3000, 0x11_0000].randomElement(using: &chance) ?? 1
        let scalar = UInt32.random(in: 0..<limit, using: &chance)
        // U+2581 is read back as the space that it stands for.
        if scalar != 0x2581, let scalar = Unicode.Scalar(scalar) {
          text.unicodeScalars.append(scalar)
        }
        if scalar % 5 == 0 { text += " the  knot" }
      }
      var ids: [Int32] = []
      encoder.encode(Array(text.utf8), into: &ids, scratch: &scratch)
      #expect(try decoder.decode(ids) == Array(text.utf8))
    }
  }

  @Test func aScratchServesOneModelAfterAnother() throws {
    var scratch = EncoderScratch()
    var ids: [Int32] = []
    for pieces in [["▁ab", "▁", "a", "b"], ["▁", "ab", "a", "b"]] {
      try TokenEncoder(smallModel(pieces)).encode(Array("ab".utf8), into: &ids, scratch: &scratch)
    }
    #expect(ids == [260, 261, 262, 259, 260])
  }

  @Test func randomBytesNeverTrapAndGiveIdsOfTheVocabulary() throws {
    let encoder = try TokenEncoder(smallModel(["▁a", "ab", "a", "b", "▁", "é"]))
    var chance = SeededGenerator(seed: 5)
    var scratch = EncoderScratch()
    for _ in 0..<500 {
      let text = (0..<Int.random(in: 0...300, using: &chance)).map { _ in
        UInt8.random(in: 0...255, using: &chance)
      }
      var ids: [Int32] = []
      encoder.encode(text, into: &ids, scratch: &scratch)
      #expect(ids.allSatisfy { $0 >= 0 && Int($0) < encoder.count })
    }
  }

  @Test func longRunsAreNotQuadratic() throws {
    let encoder = try TokenEncoder(
      smallModel(["aa", "▁▁", "aaaa", "▁▁▁▁", "aaaaaaaa", "▁▁▁▁▁▁▁▁", "a", "▁"]))
    var scratch = EncoderScratch()
    let clock = ContinuousClock()
    for byte in [UInt8(ascii: "a"), 0x20] {
      // Seconds even in a debug build on a busy machine; a quadratic loop would take many minutes.
      let time = clock.measure {
        var ids: [Int32] = []
        encoder.encode([UInt8](repeating: byte, count: 300_000), into: &ids, scratch: &scratch)
        #expect(ids.count > 37_000)
      }
      #expect(time < .seconds(30))
    }
  }

  @Test func otherModelsAreRefused() throws {
    let model = smallModel(["a"])
    var doubled = model
    doubled.pieces.append(.init("a"))
    var twoUnknown = model
    twoUnknown.pieces.append(.init("<unk2>", kind: .unknown))
    var fewBytes = model
    fewBytes.pieces.remove(at: 100)
    var noByte = model
    noByte.pieces[100].bytes = Array("<0xG0>".utf8)
    for other in [doubled, twoUnknown, fewBytes, noByte] {
      #expect(throws: Fault.self) { try TokenEncoder(other) }
    }
  }
}
