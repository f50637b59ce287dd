import Ground
import TestSupport
import Testing
import Tokenizer

@Suite struct ModelTests {
  @Test(.enabled(if: Samples.areHere, Comment(rawValue: Samples.absence)))
  func readingAndWritingThePublishedModelGivesTheSameBytes() throws {
    let model = try TokenizerModel(path: try Samples.path("tokenizer/tokenizer.model"))
    #expect(
      hexadecimal(sha256(model.serialized().span))
        == "9e556afd44213b6bd1be2b850ebbbd98f5481437a8021afaf58ee7fb1818d347")
    #expect(model.pieces.count == 32_000)
    #expect(model.trainer.characterCoverage == 0.99995)
    #expect(model.trainer.padID == -1)
    #expect(model.normalizer.name == "identity")
  }

  @Test func writingAndReadingGivesTheSameModel() throws {
    let model = smallModel(["ab", "▁ab", "a", "b", "▁"])
    #expect(try TokenizerModel(model.serialized(), file: "m") == model)
  }

  @Test func fieldsThatAreNotKnownSurvive() throws {
    var bytes = smallModel(["a"]).serialized()
    bytes += [0x22, 0x03, 0x0a, 0x01, 0x61]  // self-test data
    bytes += [0xa0, 0x1f, 0x07]  // field 500
    #expect(try TokenizerModel(bytes, file: "m").serialized() == bytes)
  }

  @Test func everyTruncationIsAFaultWithinTheFile() throws {
    let bytes = smallModel(["ab", "a", "b"]).serialized()
    for end in 0..<bytes.count {
      do {
        _ = try TokenizerModel(Array(bytes[..<end]), file: "m")
        Issue.record("\(end) of \(bytes.count) bytes were read as a model")
      } catch {
        #expect(error.file == "m" && error.offset <= UInt64(end))
      }
    }
  }

  @Test func changedBytesNeverTrap() throws {
    let bytes = smallModel(["ab", "a", "b", "▁the"]).serialized()
    var chance = SeededGenerator(seed: 1)
    for _ in 0..<3000 {
      var hostile = bytes
      for _ in 0..<Int.random(in: 1...6, using: &chance) {
        hostile[Int.random(in: 0..<hostile.count, using: &chance)] = chance.next()
      }
      guard let model = try? TokenizerModel(hostile, file: "m") else { continue }
      guard let encoder = try? TokenEncoder(model) else { continue }
      let ids = encoder.encode(Array("the ab abba\n".utf8))
      _ = try TokenDecoder(model).decode(ids)
      _ = try? tokenizerJSON(of: model)
    }
  }

  /// Models of every type, with maps of rules on both sides.
  @Test func changedModelsOfEveryTypeNeverTrap() throws {
    let rules = try NormalizationRules(tsv: Array("61\t41\n20 20\t20\n".utf8), file: "r")
    let map = try rules.compiled()
    var bytes = unigramModel(
      [("▁", -1), ("A", -2), ("▁b", -3), ("[x]", 0), ("u", -1)],
      kinds: ["[x]": .userDefined, "u": .unused])
    bytes.normalizer = NormalizerSpec(name: "x", charsmap: map)
    let denormalizer: [UInt8] = [0x12, 0x80 | UInt8(map.count & 0x7f), UInt8(map.count >> 7)] + map
    let whole =
      bytes.serialized()
      + [0x2a, 0x80 | UInt8(denormalizer.count & 0x7f), UInt8(denormalizer.count >> 7)]
      + denormalizer
    #expect(try TokenizerModel(whole, file: "m").denormalizer != nil)
    #expect(try TokenizerModel(whole, file: "m").serialized() == whole)
    var chance = SeededGenerator(seed: 51)
    var read = 0
    for round in 0..<4000 {
      var hostile = whole
      for _ in 0..<Int.random(in: 1...6, using: &chance) {
        var place = Int.random(in: 0..<hostile.count, using: &chance)
        if hostile[place] == 0 { place = Int.random(in: 0..<hostile.count, using: &chance) }
        hostile[place] = chance.next()
      }
      guard var model = try? TokenizerModel(hostile, file: "m") else { continue }
      read += 1
      if round % 3 == 1 { model.trainer.modelType = round % 2 == 0 ? .word : .character }
      let text = Array("ab  aab [x]u\n\0é".utf8) + [0xff]
      let decoder = TokenDecoder(model)
      if let encoder = try? UnigramEncoder(model) {
        _ = try decoder.decode(encoder.encode(text))
      }
      if let encoder = try? SplitEncoder(model) { _ = try decoder.decode(encoder.encode(text)) }
      _ = try? tokenizerJSON(of: model)
    }
    #expect(read > 200)
  }

  @Test(
    arguments: [
      ([0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f], "m: byte 6: expected 34359738367 bytes, found 0"),
      ([0x0a, 0x02, 0x0a, 0x00], "m: byte 0: a piece is empty"),
      ([0x0a, 0x03, 0x0a, 0x01, 0xff], "m: byte 0: a piece is not UTF-8"),
      ([0x0a, 0x05, 0x0a, 0x01, 0x61, 0x18, 0x09], "m: byte 5: 9 is not a type of piece"),
      ([0x0a, 0x02, 0x08, 0x01], "m: byte 2: field 1 of a piece has the wrong type"),
      ([0x08, 0x01], "m: byte 0: field 1 should hold a message"),
      ([0x0b], "m: byte 0: field 1 should hold a message"),
      ([0x23], "m: byte 0: wire type 3 is not used by models"),
      ([0x00], "m: byte 0: 0 is not a field number"),
      ([UInt8](repeating: 0xff, count: 11), "m: byte 0: a number is longer than ten bytes"),
      ([0x12, 0x02, 0x1a, 0x00], "m: byte 2: field 3 of the settings has the wrong type"),
      ([0x12, 0x02, 0x50, 0x00], "m: byte 2: field 10 of the settings has the wrong type"),
      ([0x12, 0x02, 0x08, 0x00], "m: byte 2: field 1 of the settings has the wrong type"),
      ([0x1a, 0x02, 0x10, 0x00], "m: byte 2: field 2 of the settings has the wrong type"),
      ([0x1a, 0x02, 0x1a, 0x00], "m: byte 2: field 3 of the settings has the wrong type"),
      ([0x28, 0x00], "m: byte 0: field 5 should hold a message"),
      (
        [0x2a, 0x04, 0x12, 0x02, 0x61, 0x62],
        "m: byte 0: precompiled_charsmap, byte 2: it ends before the size of its trie"
      ),
      ([], "m: byte 0: the model ends before its trainer settings"),
    ] as [([UInt8], String)])
  func brokenFilesNameTheirFirstFault(_ bytes: [UInt8], _ message: String) {
    #expect {
      try TokenizerModel(bytes, file: "m")
    } throws: {
      "\($0)" == message
    }
  }
}

/// A model with all byte pieces and, after them, `pieces` with falling scores.
func smallModel(
  _ pieces: [String], kinds: [String: TokenizerModel.Piece.Kind] = [:],
  change: (inout TrainerSettings) -> Void = { _ in }
) -> TokenizerModel {
  var settings = TrainerSettings.llama
  settings.vocabSize = 259 + pieces.count
  change(&settings)
  var all = [TokenizerModel.Piece("<unk>", kind: .unknown)]
  all += [.init("<s>", kind: .control), .init("</s>", kind: .control)]
  if settings.byteFallback {
    for byte in 0...255 {
      let digits = String(byte, radix: 16, uppercase: true)
      all.append(.init("<0x\(byte < 16 ? "0" : "")\(digits)>", kind: .byte))
    }
  }
  for (turn, piece) in pieces.enumerated() {
    all.append(.init(piece, score: -Float(turn), kind: kinds[piece] ?? .normal))
  }
  return TokenizerModel(
    pieces: all, trainer: TrainerSpec(settings, vocabSize: all.count),
    normalizer: NormalizerSpec(addDummyPrefix: settings.addDummyPrefix))
}
