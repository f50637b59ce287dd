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
      _ = tokenizerJSON(of: model)
    }
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
