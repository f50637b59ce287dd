import Ground
import TestSupport
import Testing
import Tokenizer

@Suite struct InspectTests {
  @Test func aTraceHasEveryMergeInOrder() throws {
    let model = smallModel(["ab", "▁ab", "abc", "▁", "a", "b", "c"])
    let trace = try MergeTrace(model, "abcz")
    #expect(trace.start == ["▁", "a", "b", "c", "z"])
    #expect(trace.steps.map(\.left) == ["a", "▁"])
    #expect(trace.steps.map(\.right) == ["b", "ab"])
    #expect(trace.steps.map(\.id) == [259, 260])
    #expect(trace.steps.last?.symbols == ["▁ab", "c", "z"])
    #expect(trace.ids == [260, 265, 3 + 0x7a])
  }

  @Test func nothingJoinsUserDefinedPieces() throws {
    let model = smallModel(["ab", "abc", "▁", "a", "b", "c"], kinds: ["ab": .userDefined])
    let trace = try MergeTrace(model, "abc")
    #expect(trace.start == ["▁", "ab", "c"] && trace.steps.isEmpty)
    #expect(trace.ids == (try TokenEncoder(model).encode(Array("abc".utf8))))
  }

  /// The steps of a trace and the encoder, which takes other ways, end alike.
  @Test func tracesEndWhereTheEncoderDoes() throws {
    let trainer = try BPETrainer(TrainerGolden.all[0].settings)
    var counts = trainer.counts()
    counts.add(Array(TrainerGolden.all[0].text.utf8))
    let model = try trainer.train(counts)
    for word in ["keeper", "counting house", "knots", "messengers"] {
      let trace = try MergeTrace(model, word)
      let symbols = trace.steps.last?.symbols ?? trace.start
      #expect(symbols == trace.ids.map { model.pieces[Int($0)].text })
    }
  }

  @Test func coverageCountsBytesTokensAndPieces() throws {
    let model = smallModel(["▁a", "▁", "a"])
    let encoder = try TokenEncoder(model)
    var coverage = TextCoverage(model)
    for text in ["a a", "az"] {
      coverage.add(encoder.encode(Array(text.utf8)), bytes: text.utf8.count)
    }
    #expect(coverage.bytes == 5 && coverage.tokens == 4 && coverage.bytesAndUnknown == 1)
    #expect(coverage.piecesUsed == 2 && coverage.counts[259] == 3)
    #expect(coverage.bytesPerToken == 1.25)
  }
}
