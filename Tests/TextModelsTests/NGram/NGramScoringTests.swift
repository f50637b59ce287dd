import Glibc
import Ground
import TestSupport
import Testing
import TextModels

/// Scores against those of the kenlm package, to the last bit.
@Suite struct NGramScoringTests {
  private static let marks = [(true, true), (true, false), (false, true), (false, false)]

  /// Every way to score every text of the goldens.
  private func check(_ model: NGramModel, as name: String) throws {
    let answers = try NGramGoldens.answers(name)
    let texts = try NGramGoldens.texts()
    let scratch = NGramScratch()
    #expect(answers.count == texts.count)
    for (text, answer) in zip(texts, answers) {
      let ids = model.wordIDs(of: text.span, scratch)
      #expect(model.wordScores(ids) == answer.words)
      for (sum, (begin, end)) in zip(answer.sums, Self.marks) {
        let score = model.score(text: text, begin: begin, end: end, scratch)
        #expect(score.log10 == sum)
        #expect(score.words == answer.words.count - (end ? 0 : 1))
        #expect(score.unknown == answer.words.count { $0.isUnknown })
        #expect(model.score(words: ids, begin: begin, end: end) == score)
      }
    }
    let all = Array(texts.joined(separator: [0x0a]))
    #expect(
      model.score(linesOf: all.span, scratch) == texts.map { model.score(text: $0, scratch) })
  }

  @Test(arguments: NGramGoldens.names)
  func binariesScoreAsThePackageDoes(name: String) throws {
    try check(try NGramModel(path: NGramGoldens.path(name)), as: name)
  }

  @Test func textScoresAsThePackageDoes() throws {
    let model = try NGramModel(path: NGramGoldens.arpa)
    #expect(model.isText && model.kind == .probing && model.warnings.isEmpty)
    try check(model, as: "probing")
  }

  @Test(arguments: NGramGoldens.builds.map { ($0.name, $0.kind) })
  func openingSaysWhatIsInside(name: String, kind: NGramKind) throws {
    let model = try NGramModel(path: NGramGoldens.path(name))
    let isTrie = !kind.isHashed
    #expect(model.kind == kind && model.order == 4 && !model.isText)
    #expect(model.counts[0] == 46 && model.wordCount == 46 && model.hasWords)
    let words = model.words()
    #expect(words.count == 46 && words[0] == Array("<unk>".utf8))
    for (number, word) in words.enumerated() { #expect(model.wordID(word) == UInt32(number)) }
    #expect(model.wordID(Array("llama".utf8)) == 0 && model.wordID([UInt8]()) == 0)
    #expect(words[Int(model.begin)] == Array("<s>".utf8))
    #expect(words[Int(model.end)] == Array("</s>".utf8))
    let summary = model.summary
    #expect(summary.kind == kind && summary.words == 46 && summary.hasWords)
    #expect(summary.hasRestCosts == (kind == .restProbing))
    #expect(summary.multiplier == (isTrie ? nil : 1.5))
    #expect(summary.probabilityBits == (kind.isQuantized ? 4 : nil))
    #expect(summary.backoffBits == (kind.isQuantized ? 3 : nil))
    #expect(summary.pointerBits == (kind.hasPointerArrays ? 255 : nil))
    #expect(summary.bytes == Int(try fileSize(NGramGoldens.path(name))))
  }

  /// Blocks of places and of words end anywhere in a long text.
  @Test(arguments: NGramGoldens.names)
  func aLongTextIsTheSameInPieces(name: String) throws {
    let model = try NGramModel(path: NGramGoldens.path(name))
    var random = SeededGenerator(seed: 5)
    let ids = (0..<3000).map { _ in UInt32.random(in: 0..<50, using: &random) }
    let scores = model.wordScores(ids)
    #expect(scores.count == 3001)
    var sum: Float = 0
    for score in scores { sum += score.log10 }
    let whole = model.score(words: ids)
    #expect(whole.log10 == sum && whole.words == 3001)
    #expect(whole.unknown == ids.count { $0 == 0 || $0 >= 46 })
    var state = model.beginState
    var place = 0
    while place < ids.count {
      let next = min(ids.count, place + Int.random(in: 1...70, using: &random))
      var expected: Float = 0
      for score in scores[place..<next] { expected += score.log10 }
      #expect(
        model.score(words: ids.span.extracting(place..<next), after: &state).log10 == expected)
      #expect(state.length <= 3)
      place = next
    }
    let words = model.words()
    let text = Array(ids.map { words[Int($0 < 46 ? $0 : 0)] }.joined(separator: [0x20]))
    let scratch = NGramScratch()
    #expect(model.score(text: text, scratch).log10 == sum)
  }

  /// Sentences side by side wait for memory together, but score as if alone.
  @Test(arguments: NGramGoldens.names)
  func sentencesScoreAsIfAlone(name: String) throws {
    let model = try NGramModel(path: NGramGoldens.path(name))
    var random = SeededGenerator(seed: 6)
    var words: [UInt32] = []
    var ends: [Int] = []
    for _ in 0..<300 {
      for _ in 0..<Int.random(in: 0...40, using: &random) / 3 {
        words.append(UInt32.random(in: 0..<46, using: &random))
      }
      ends.append(words.count)
    }
    var start = 0
    let scores = model.score(words: words.span, ends: ends)
    for (score, end) in zip(scores, ends) {
      #expect(model.score(words: words.span.extracting(start..<end)).log10 == score)
      start = end
    }
    let scratch = NGramScratch()
    let strings = model.words()
    var text: [UInt8] = []
    start = 0
    for end in ends {
      text += words[start..<end].map { strings[Int($0)] }.joined(separator: [0x20])
      text.append(0x0a)
      start = end
    }
    #expect(model.score(linesOf: text.span, scratch).map(\.log10) == scores)
    // A line that is longer than any block is scored alone.
    let long = Array(text.map { $0 == 0x0a ? 0x20 : $0 })
    let lines = long + [0x0a] + text + long
    let both = model.score(linesOf: lines.span, scratch)
    #expect(both.count == 302 && both[1...300].map(\.log10) == scores)
    #expect(both[0] == model.score(text: long, scratch) && both[301] == both[0])
  }

  @Test func perplexityIsThePackages() throws {
    let model = try NGramModel(path: NGramGoldens.path("trie"))
    let scratch = NGramScratch()
    let score = model.score(text: Array("the runner reads a number".utf8), scratch)
    let expected = pow(10, -Double(score.log10) / 6)
    #expect(abs(score.perplexity / expected - 1) < 1e-12)
  }
}
