import Foundation
import Testing
import Tokenizer

@Suite struct ExportTests {
  private let model = smallModel(["▁ab", "ab", "\"\\", "\u{1}b", "▁", "a", "b", "\"", "\\"])

  private func object(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }

  @Test func theVocabularyHasEveryPieceUnderItsId() throws {
    let json = try object(tokenizerJSON(of: model))
    let inner = try #require(json["model"] as? [String: Any])
    let vocabulary = try #require(inner["vocab"] as? [String: Int])
    #expect(vocabulary.count == model.pieces.count)
    for (id, piece) in model.pieces.enumerated() { #expect(vocabulary[piece.text] == id) }
    #expect(inner["byte_fallback"] as? Bool == true)
    let added = try #require(json["added_tokens"] as? [[String: Any]])
    #expect(added.compactMap { $0["content"] as? String } == ["<unk>", "<s>", "</s>"])
  }

  @Test func mergesAreAllSplitsInOrderOfScore() throws {
    let inner = try #require(try object(tokenizerJSON(of: model))["model"] as? [String: Any])
    #expect(inner["merges"] as? [[String]] == [["▁", "ab"], ["a", "b"], ["\"", "\\"]])
  }

  @Test func theConfigurationNamesTheControlPieces() throws {
    let json = try object(tokenizerConfigJSON(of: model))
    #expect(json["bos_token"] as? String == "<s>")
    #expect(json["eos_token"] as? String == "</s>")
    #expect(json["unk_token"] as? String == "<unk>")
    #expect(json["pad_token"] is NSNull)
    #expect(json["model_max_length"] as? Int == 2048)
  }

  @Test func aSummaryCountsTheVocabulary() {
    let summary = ModelSummary(model, longest: 2)
    #expect(summary.counts == [.unknown: 1, .control: 2, .byte: 256, .normal: 9])
    #expect(summary.characters == 5)
    #expect(summary.wordStarts == 2)
    #expect(summary.lengths == [0, 5, 3, 1])
    #expect(summary.longest == [259, 260])
    #expect(summary.merges == 3)
  }
}
