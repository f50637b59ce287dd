import Evaluation
import Glibc
import Ground
import Llama
import TestSupport
import Testing
import Tokenizer

@Suite struct ContinuationTests {
  private func split(_ context: String, _ ending: String, _ pieces: [String] = []) throws -> (
    [Int32], Int
  ) {
    var model = drawnModel()
    if !pieces.isEmpty {
      model = LlamaModel(
        config: LlamaConfig(
          vocabularySize: 264, dim: 16, layers: 1, heads: 2, hiddenDim: 16, context: 16),
        maximumTokens: 16, workers: model.workers, trains: false)
    }
    let evaluator = try Evaluator(model: model, tokenizer: byteTokenizer(pieces))
    let continuation = evaluator.continuation(Array(context.utf8), Array(ending.utf8))
    return (continuation.tokens, continuation.scored)
  }

  @Test func theEndingIsWhatFollowsTheContextsTokens() throws {
    let (tokens, scored) = try split("a:", " bc")
    #expect(tokens == [2] + "a: bc".map { token($0) })
    #expect(scored == 3)
  }

  @Test func blanksAtTheContextsEndBelongToTheEnding() throws {
    #expect(try split("a: ", "bc").1 == 3)
    #expect(try split("a:\n ", "bc").1 == 4)
  }

  @Test func anEmptyContextLeavesAllToBeScored() throws {
    let (tokens, scored) = try split("", "bc")
    #expect(tokens == [2, token("b"), token("c")])
    #expect(scored == 2)
  }

  @Test func aTokenOverTheBoundaryIsSplitByCountAsInTheHarness() throws {
    // The context `qa` is two tokens, the whole `qab` is `q`, `ab`: as the harness does, the first
    // two of the whole are the context, but one token is left to be scored.
    let (tokens, scored) = try split("qa", "b", ["ab", "q", "a", "b"])
    #expect(tokens == [2, 261, 260])
    #expect(scored == 1)
  }

  @Test func aLongContextLosesItsBeginning() throws {
    let evaluator = try evaluator(drawnModel(context: 8))
    let text = Array("0123456789".utf8)
    let continuation = evaluator.continuation(text, Array("ab".utf8))
    #expect(continuation.tokens == "3456789ab".map { token($0) })
    #expect(continuation.scored == 2 && evaluator.truncated == 1)
    let ending = evaluator.continuation([], text)
    #expect(ending.tokens == "123456789".map { token($0) })
    #expect(ending.tokens.count == 9 && ending.scored == 8)
  }
}

@Suite struct LikelihoodTests {
  @Test func equalLogitsGiveTheLogarithmOfTheVocabulary() throws {
    let evaluator = try evaluator(bigrams([]))
    let found = try evaluator.logLikelihoods([evaluator.continuation([0x61], Array("bcd".utf8))])
    #expect(abs(found[0] + 3 * log(Double(vocabulary))) < 1e-4)
  }

  @Test func aLogitByHand() throws {
    let evaluator = try evaluator(bigrams([(token("a"), token("b"), 5)]))
    let found = try evaluator.logLikelihoods([evaluator.continuation([0x61], [0x62])])
    #expect(abs(found[0] - (5 - log(exp(5) + 259))) < 1e-4)
  }

  @Test func aSharedPrefixGivesWhatEachAloneGives() throws {
    let evaluator = try evaluator(drawnModel())
    let letters = "abcd".map { evaluator.continuation(Array("Q:".utf8), Array(String($0).utf8)) }
    let together = try evaluator.logLikelihoods(letters)
    let alone = try letters.map { try evaluator.logLikelihoods([$0])[0] }
    for (one, other) in zip(together, alone) { #expect(abs(one - other) < 1e-4) }
    #expect(Set(together).count == 4)
  }

  @Test func aTokenizerLargerThanTheModelIsAFault() {
    let error = #expect(throws: Fault.self) {
      try Evaluator(model: drawnModel(), tokenizer: byteTokenizer(["x"]))
    }
    #expect(
      error?.description
        == """
        tokenizer.model: byte 0: the tokenizer has 261 tokens, and the model's vocabulary is 260; \
        take the tokenizer it was trained with
        """)
  }
}

@Suite struct PerplexityTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ texts: [(String, String)]) throws -> String {
    try folder.write(
      texts.map { #"{"text":"\#($0.1)","source":"\#($0.0)"}"# }.joined(separator: "\n"),
      to: "documents.jsonl")
  }

  private func value(_ report: Evaluator.TextReport, _ name: String, _ measure: String) -> Double {
    report.measurements.first { $0.name == name && $0.measure == measure }?.value ?? .nan
  }

  @Test func equalLogitsByHand() throws {
    // Four letters, and a letter of two bytes: six tokens and six bytes.
    let report = try evaluator(bigrams([])).evaluate(
      documents: try file([("web", "abcd"), ("web", "é")]))
    #expect(report.documents == 2 && report.bad == 0)
    #expect(report.measurements.map(\.measure) == ["nats a token", "perplexity", "bits a byte"])
    #expect(report.measurements.allSatisfy { $0.name == "web" && $0.count == 6 })
    #expect(abs(value(report, "web", "nats a token") - log(260)) < 1e-5)
    #expect(abs(value(report, "web", "perplexity") - 260) < 1e-2)
    #expect(abs(value(report, "web", "bits a byte") - log2(260)) < 1e-5)
  }

  @Test func sourcesAreCountedApartAndTogether() throws {
    let model = bigrams([(token("a"), token("a"), 30)])
    let report = try evaluator(model).evaluate(
      documents: try file([("sure", "aaaa"), ("other", "bcd"), ("sure", "aa")]))
    // The first letter of each text follows the start token and is 1 of 260.
    let first = log(260.0)
    #expect(report.measurements.map(\.name).filter { $0 == "all" }.count == 3)
    #expect(report.measurements.map(\.name).prefix(4) == ["sure", "sure", "sure", "other"])
    #expect(abs(value(report, "sure", "nats a token") - 2 * first / 6) < 1e-4)
    #expect(abs(value(report, "other", "nats a token") - first) < 1e-4)
    #expect(abs(value(report, "all", "nats a token") - 5 * first / 9) < 1e-4)
  }

  /// What windows must give, from the logits of each window.
  private func expected(_ tokens: [Int32], _ model: LlamaModel, stride: Int) throws -> Double {
    let context = model.config.context
    var sum = 0.0
    var done = 1
    while done < tokens.count {
      let end = min(tokens.count, done == 1 ? 1 + context : done + stride)
      let window = Array(tokens[max(0, end - 1 - context)..<end])
      let logits = try model.logits(
        tokens: Array(window.dropLast()), batch: 1, length: window.count - 1)
      for place in window.count - (end - done)..<window.count {
        let row = logits[(place - 1) * vocabulary..<place * vocabulary].map(Double.init)
        sum += log(row.reduce(0) { $0 + exp($1) }) - row[Int(window[place])]
      }
      done = end
    }
    return sum / Double(tokens.count - 1)
  }

  @Test(arguments: [1, 5, 16, 100])
  func windowsScoreEachTokenOnce(stride: Int) throws {
    let text = (0..<75).map { String(UnicodeScalar(UInt8(97 + $0 * $0 % 23))) }.joined()
    let model = drawnModel()
    let report = try evaluator(model).evaluate(
      documents: try file([("x", text), ("x", "abc")]), stride: stride)
    #expect(report.measurements[0].count == 78)
    let long = try expected([2] + text.map { token($0) }, model, stride: min(16, stride))
    let short = try expected([2] + "abc".map { token($0) }, model, stride: 16)
    #expect(abs(report.measurements[0].value - (75 * long + 3 * short) / 78) < 1e-5)
  }

  @Test func moreToLookBackOnIsNotTheSame() throws {
    let path = try file([("x", String(repeating: "abcdefg", count: 9))])
    let evaluator = try evaluator(drawnModel())
    #expect(
      try evaluator.evaluate(documents: path, stride: 1).measurements
        != evaluator.evaluate(documents: path).measurements)
  }

  @Test func badLinesAreCountedAndLimitsKept() throws {
    let path = try folder.write(
      #"{"text":"ab"}"# + "\nnonsense\n" + #"{"text":""}"# + "\n" + #"{"text":"abc"}"#,
      to: "d.jsonl")
    let all = try evaluator(bigrams([])).evaluate(documents: path)
    #expect(all.documents == 3 && all.bad == 1 && all.measurements[0].count == 5)
    #expect(all.measurements[0].name == "-")
    let told = all.faults.first?.description ?? ""
    #expect(told.contains("d.jsonl: byte 14: not JSON"), "\(told)")
    #expect(
      try evaluator(bigrams([])).evaluate(documents: path, limit: 1).measurements[0].count == 2)
  }

  @Test func aFileWithoutTextIsAFault() throws {
    let path = try folder.write(#"{"text":""}"#, to: "d.jsonl")
    let error = #expect(throws: Fault.self) {
      try evaluator(bigrams([])).evaluate(documents: path)
    }
    #expect(error?.cause == .unusable("the file has no text to be scored"))
  }
}
