import Ground
import Testing
import Tokenizer

@Suite struct DecoderTests {
  private let model = smallModel(["▁a", "b▁b", "a", "▁▁", "▁"])  // 259...

  private func decode(_ ids: [Int32]) throws -> String {
    String(decoding: try TokenDecoder(model).decode(ids), as: UTF8.self)
  }

  @Test func onlyTheFirstSpaceOfTheTextIsDropped() throws {
    #expect(try decode([259, 259]) == "a a")
    #expect(try decode([263, 259]) == " a")
    #expect(try decode([262, 259]) == "  a")
    #expect(try decode([261, 259]) == "a a")
    #expect(try decode([1, 259, 2, 259]) == "a a")
    #expect(try decode([3 + 0x78, 259]) == "x a")
  }

  @Test func spacesInsidePiecesAreSpaces() throws { #expect(try decode([260]) == "b b") }

  @Test func theUnknownPieceReadsAsItsSurface() throws {
    #expect(try decode([0, 259]) == " \u{2047}  a")
  }

  @Test func bytesMakeScalarsAndStrayOnesReplacementCharacters() throws {
    #expect(try decode([198, 172]) == "é")
    #expect(try decode([198, 261]) == "\u{fffd}a")
    #expect(try decode([198]) == "\u{fffd}")
    #expect(try decode([172, 198, 172]) == "\u{fffd}é")
    #expect(try decode([3 + 0xf0, 3 + 0x9f, 3 + 0xa6, 3 + 0x99]) == "🦙")
    #expect(try decode([3 + 0xf0, 3 + 0x9f, 3 + 0xa6]) == "\u{fffd}\u{fffd}\u{fffd}")
  }

  @Test func withoutADummyPrefixNoSpaceIsDropped() throws {
    let plain = smallModel(["▁a"]) { $0.addDummyPrefix = false }
    #expect(try TokenDecoder(plain).decode([259]) == Array(" a".utf8))
  }

  @Test func whereSpacesWereDroppedNoneComesFirst() throws {
    var model = model
    model.normalizer = NormalizerSpec(addDummyPrefix: false, removingExtraWhitespaces: true)
    let decoder = TokenDecoder(model)
    func decode(_ ids: [Int32]) throws -> String {
      String(decoding: try decoder.decode(ids), as: UTF8.self)
    }
    #expect(try decode([259, 259]) == "a a")
    #expect(try decode([263, 263, 259]) == "a")  // one mark of each piece, while there is no text
    #expect(try decode([262, 259]) == "  a")
    #expect(try decode([1, 263, 261, 263]) == "a ")
    #expect(try decode([0, 259]) == " \u{2047}  a")
  }

  /// What the library does with `th` → `TH`, a space → `_` and `o` → nothing.
  @Test func aDenormalizerHasTheLastWord() throws {
    let rules = try NormalizationRules(
      tsv: Array("74 68\t54 48\n20\t5F\n6F\t\n".utf8), file: "r")
    let map = try rules.compiled()
    func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
      [number << 3 | 2, 0x80 | UInt8(bytes.count & 0x7f), UInt8(bytes.count >> 7)] + bytes
    }
    let plain = smallModel(["t", "h", "o", "▁"])
    for flags in [[0x18, 0, 0x20, 0, 0x28, 0], [0x18, 0, 0x20, 1, 0x28, 0]] as [[UInt8]] {
      let bytes = plain.serialized() + field(5, field(2, map) + flags)
      let decoder = TokenDecoder(try TokenizerModel(bytes, file: "m"))
      let ids: [Int32] = [259, 260, 261, 262, 259, 262, 260, 198, 172, 259]
      #expect(try decoder.decode(ids) == Array("TH_t_hét".utf8))
      var stream = TokenDecoder.Stream()
      var text: [UInt8] = []
      for id in ids { try decoder.append(id, to: &text, &stream) }
      #expect(text == (flags[3] == 0 ? Array("TH_t_hé".utf8) : []))  // a t may become part of th
      decoder.finish(&text, &stream)
      #expect(text == Array("TH_t_hét".utf8))
    }
  }

  @Test func aStreamGivesTheSameTextInWholeScalars() throws {
    let decoder = TokenDecoder(model)
    let ids: [Int32] = [
      1, 263, 198, 172, 259, 198, 260, 3 + 0xf0, 3 + 0x9f, 3 + 0xa6, 3 + 0x99, 0, 172, 200,
    ]
    var stream = TokenDecoder.Stream()
    var text: [UInt8] = []
    for id in ids {
      var part: [UInt8] = []
      try decoder.append(id, to: &part, &stream)
      #expect(isValidUTF8(part))
      text += part
    }
    decoder.finish(&text, &stream)
    #expect(text == (try decoder.decode(ids)))
  }

  @Test func idsOutsideTheVocabularyAreFaults() {
    for id in [Int32.min, -1, 264, .max] {
      #expect(throws: Fault.self) { try decode([id]) }
    }
  }
}
