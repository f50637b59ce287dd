import Manifest
import TestSupport
import Testing

@Suite struct CommittedManifestTests {
  /// LLaMA's Table 1.
  static let table: [(name: String, share: Double, epochs: Double)] = [
    ("common-crawl", 67, 1.10), ("c4", 15, 1.06), ("github", 4.5, 0.64), ("wikipedia", 4.5, 2.45),
    ("books", 4.5, 2.23), ("arxiv", 2.5, 1.06), ("stack-exchange", 2, 1.03),
  ]

  static let vocabulary = Vocabulary(
    sources: table.map { .init($0.name, settings: ["languages"]) },
    rewrites: ["c4.lines", "github.licence-header"],
    signals: [
      "c4.sentences", "c4.lines_kept", "c4.bad_words", "c4.curly_bracket", "c4.lorem_ipsum",
      "gopher.word_count", "gopher.mean_word_length", "gopher.hash_ratio", "gopher.ellipsis_ratio",
      "gopher.bullet_lines", "gopher.ellipsis_lines", "gopher.alphabetic_words",
      "gopher.stop_words", "gopher.duplicate_lines", "gopher.duplicate_paragraphs",
      "gopher.duplicate_line_characters", "gopher.duplicate_paragraph_characters",
      "github.max_line_length", "github.mean_line_length", "github.alphanumeric",
      "text.characters", "text.bytes", "text.lines",
    ] + (2...4).map { "gopher.top_\($0)gram" } + (5...10).map { "gopher.duplicate_\($0)gram" })

  @Test(arguments: ["llama-1.4t", "sample"])
  func corporaFollowTableOne(name: String) throws {
    let manifest = try CorpusManifest(
      path: "\(repository)/Manifests/\(name).yaml", vocabulary: Self.vocabulary)
    #expect(manifest.name == name)
    #expect(manifest.sources.map(\.name) == Self.table.map(\.name))
    #expect(manifest.sources.map(\.share) == Self.table.map(\.share))
    #expect(manifest.sources.map(\.epochs) == Self.table.map(\.epochs))
  }

  /// Table 2, and the exact counts that follow from it.
  @Test(arguments: [
    ("7b", 6_738_415_616, 238_419, 3.0e-4), ("13b", 13_015_864_320, 238_419, 3.0e-4),
    ("33b", 32_528_943_616, 333_786, 1.5e-4), ("65b", 65_285_660_672, 333_786, 1.5e-4),
  ])
  func modelsFollowTableTwo(name: String, parameters: Int, steps: Int, rate: Double) throws {
    let manifest = try ModelManifest(path: "\(repository)/Manifests/models/\(name).yaml")
    #expect(manifest.name == name)
    #expect(manifest.shape.parameters == parameters)
    #expect(manifest.training.steps == steps && manifest.training.batchSequences == 2048)
    #expect(manifest.training.learningRate == rate)
    #expect(manifest.training.warmUp == 2000 && manifest.training.finalLearningRate == 0.1)
    #expect(manifest.training.beta1 == 0.9 && manifest.training.beta2 == 0.95)
    #expect(manifest.training.weightDecay == 0.1 && manifest.training.clip == 1)
  }

  @Test func theTinyModelFitsTheSample() throws {
    let corpus = try CorpusManifest(
      path: "\(repository)/Manifests/sample.yaml", vocabulary: Self.vocabulary)
    let model = try ModelManifest(path: "\(repository)/Manifests/models/tiny.yaml")
    #expect(model.shape.parameters == 1_315_968)
    guard case .train(let tokenizer) = corpus.tokenizer else {
      Issue.record("the sample trains no tokenizer")
      return
    }
    #expect(model.shape.vocabularySize == tokenizer.vocabularySize)
  }

  @Test func aModelsWidthFollowsFromItsDimension() throws {
    let wide = try ModelManifest(yaml: model("dim: 4096, layers: 1, heads: 32"), file: "m.yaml")
    #expect(wide.shape.hidden == 11_008)
    let given = try ModelManifest(
      yaml: model("dim: 4096, layers: 1, heads: 32, hidden: 11008, context: 2048"), file: "n.yaml")
    #expect(wide.canonical == given.canonical)
  }
}
