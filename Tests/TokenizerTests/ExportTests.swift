import Foundation
import Ground
import TestSupport
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

  @Test func theMapNamesTheControlPieces() throws {
    let json = try object(specialTokensMapJSON(of: model))
    #expect(json.keys.sorted() == ["bos_token", "eos_token", "unk_token"])
    #expect((json["bos_token"] as? [String: Any])?["content"] as? String == "<s>")
  }

  @Test func aUnigramModelHasItsScores() throws {
    let unigram = unigramModel([("▁a", -1.5), ("[x]", 0)], kinds: ["[x]": .userDefined])
    let inner = try #require(try object(tokenizerJSON(of: unigram))["model"] as? [String: Any])
    #expect(inner["type"] as? String == "Unigram")
    let vocabulary = try #require(inner["vocab"] as? [[Any]])
    #expect(vocabulary.count == unigram.pieces.count)
    #expect(vocabulary[259][0] as? String == "▁a" && vocabulary[259][1] as? Double == -1.5)
    #expect(vocabulary[260][1] as? Double == 0.2)
  }

  @Test func otherModelsAreRefused() {
    var words = model
    words.trainer.modelType = .word
    #expect(throws: Fault.self) { try tokenizerJSON(of: words) }
  }

  @Test func base64IsPadded() throws {
    var unigram = unigramModel([("a", -1)])
    for tail in 0..<3 {
      let map = [UInt8](repeating: 0xfb, count: 3 + tail)
      unigram.normalizer = NormalizerSpec(name: "x", charsmap: map)
      let text = String(decoding: try tokenizerJSON(of: unigram), as: UTF8.self)
      #expect(text.contains("\"\(Data(map).base64EncodedString())\""))
    }
  }

  /// A Python with tokenizers and transformers.
  private static let python: String? = {
    let name = ProcessInfo.processInfo.environment["QUIPU_PYTHON"] ?? "python3"
    return (try? SentencePiece.run(name, ["-c", "import tokenizers, transformers"])) == 0
      ? name : nil
  }()

  /// Our ids and those of the Hugging Face libraries, for models of several kinds; LLaMA's as well
  /// where it is.
  @Test(.enabled(if: python != nil, "no Python with tokenizers and transformers; set QUIPU_PYTHON"))
  func theLibrariesGiveTheSameIds() throws {
    var models: [(name: String, model: TokenizerModel)] = []
    let trainer = try BPETrainer(TrainerGolden.all[0].settings)
    var counts = trainer.counts()
    counts.add(Array(TrainerGolden.all[0].text.utf8))
    models.append(("bpe", try trainer.train(counts)))
    if let path = try? Samples.path("tokenizer/tokenizer.model") {
      models.append(("llama", try TokenizerModel(path: path)))
    }
    let pieces = models[0].model.pieces.filter { $0.kind == .normal }.map {
      ($0.text, $0.score / 10 - 2)
    }
    var unigram = unigramModel(pieces)
    models.append(("unigram", unigram))
    let rules = try NormalizationRules(tsv: Array("41\t61\n9\t20\n".utf8), file: "r")
    unigram.normalizer = NormalizerSpec(name: "x", charsmap: try rules.compiled())
    models.append(("unigram-rules", unigram))
    let lines = TrainerGolden.all.prefix(6).map(\.text).joined(separator: "\n")
      .split(separator: "\n").map(String.init).filter { !$0.contains("<") }
    let texts = lines + ["", " ", "  ", "a", " a", "a ", "  a  b  ", "\t", "▁", "é🦙é", "keeper's"]
    for (name, model) in models {
      let folder = try TemporaryFolder()
      _ = try folder.write(try tokenizerJSON(of: model), to: "tokenizer.json")
      _ = try folder.write(tokenizerConfigJSON(of: model), to: "tokenizer_config.json")
      _ = try folder.write(specialTokensMapJSON(of: model), to: "special_tokens_map.json")
      _ = try folder.write(
        Array(try JSONSerialization.data(withJSONObject: texts)), to: "texts.json")
      let program = """
        import json, sys, tokenizers, transformers
        folder = sys.argv[1]
        plain = tokenizers.Tokenizer.from_file(folder + '/tokenizer.json')
        auto = transformers.AutoTokenizer.from_pretrained(folder)
        answers = []
        for text in json.load(open(folder + '/texts.json')):
            ids = plain.encode(text, add_special_tokens=False).ids
            assert auto(text)['input_ids'] == [auto.bos_token_id] + ids, text
            answers.append([ids, plain.decode(ids)])
        json.dump(answers, open(folder + '/answers.json', 'w'))
        """
      let path = try folder.write(program, to: "program.py")
      let errors = try folder.write("", to: "errors")
      let python = try #require(Self.python)
      let status = try SentencePiece.run(python, ["-B", path, folder.path], errors: errors)
      let message = String(decoding: try wholeFile(errors).suffix(400), as: UTF8.self)
      #expect(status == 0, "\(message)")
      let data = Data(try wholeFile("\(folder.path)/answers.json"))
      let answers = try #require(try JSONSerialization.jsonObject(with: data) as? [[Any]])
      let decoder = TokenDecoder(model)
      for (text, answer) in zip(texts, answers) {
        let bytes = Array(text.utf8)
        let ids =
          model.trainer.modelType == .bpe
          ? try TokenEncoder(model).encode(bytes) : try UnigramEncoder(model).encode(bytes)
        #expect(answer[0] as? [Int] == ids.map(Int.init), "\(name): \(text)")
        let decoded = String(decoding: try decoder.decode(ids), as: UTF8.self)
        #expect(answer[1] as? String == decoded, "\(name): \(text)")
      }
    }
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
