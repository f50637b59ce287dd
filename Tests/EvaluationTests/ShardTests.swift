import Evaluation
import Ground
import Shards
import TestSupport
import Testing
import Tokenizer

@Suite struct ShardTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func stream(_ documents: [[UInt32]]) throws -> TokenStream {
    try makeFolder(folder.path + "/shards")
    var writer = try ShardWriter(path: folder.path + "/shards/00000", width: .two)
    for document in documents { try writer.write(document) }
    try writer.commit()
    return try TokenStream(folder: folder.path + "/shards")
  }

  @Test func shardsGiveWhatTheirDocumentsGive() throws {
    let texts = [("a", "one text"), ("b", "another, longer than a context"), ("a", "é")]
    let encoder = try TokenEncoder(byteTokenizer())
    let stream = try stream(
      texts.map { encoder.encode(Array($0.1.utf8)).map { UInt32($0) } + [2] })
    let file = try folder.write(
      texts.map { #"{"text":"\#($0.1)","source":"\#($0.0)"}"# }.joined(separator: "\n"),
      to: "documents.jsonl")
    let evaluator = try evaluator(drawnModel())
    let fromShards = try evaluator.evaluate(shards: stream) { _, document in texts[document].0 }
    #expect(try evaluator.evaluate(documents: file) == fromShards)
    #expect(fromShards.measurements.count == 9)
    let one = try evaluator.evaluate(shards: stream, limit: 1) { _, _ in "x" }
    #expect(one.documents == 1 && one.measurements[0].count == 8)
  }

  @Test func shardsOfAnotherTokenizerAreAFault() throws {
    let stream = try stream([[3, 4, 260, 2]])
    let error = #expect(throws: Fault.self) {
      try evaluator(drawnModel()).evaluate(shards: stream) { _, _ in "" }
    }
    let told = error?.description ?? ""
    #expect(told.contains("document 0 has a token outside the tokenizer's 260"), "\(told)")
  }
}
