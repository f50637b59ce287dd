import Manifest
import Testing

@Suite struct CorpusManifestTests {
  @Test func everyKeyIsRead() throws {
    let manifest = try corpus(
      """
      name: all
      seed: 7
      added: 2024-02-29
      sources:
        wikipedia:
          inputs: [a/*.bz2, "s3://b/**"]
          epochs: 2.45
          share: 4.5
          settings: { languages: [no, de], limit: 1_000, strict: true }
          rewrites: [c4.lines]
          rules:
            gopher.word_count: { min: 50, max: 1e5 }
            gopher.stop_words: { min: 2 }
          duplicates:
            exact: true
            lines: { group: 50 }
            minhash: { ngram: 6, bands: 20, rows: 5, seed: 3, threshold: 0.8 }
            containment: { ngram: 12, threshold: 0.95 }
        c4: { inputs: one.json.gz }
      tokenizer: { vocabulary-size: 1000, sample: 1.5MiB, whitespace-last: false }
      shards: { tokens: 2000, validation: 0.1, begin-of-document: bos }
      """)
    #expect(manifest.name == "all" && manifest.seed == 7 && manifest.added == "2024-02-29")
    #expect(manifest.sources.map(\.name) == ["wikipedia", "c4"])
    let source = manifest.sources[0]
    #expect(source.inputs.map(\.text) == ["a/*.bz2", "s3://b/**"])
    #expect(source.inputs.map(\.isRemote) == [false, true])
    #expect(source.epochs == 2.45 && source.share == 4.5)
    #expect(try source.settings.texts("languages") == ["no", "de"])
    #expect(try source.settings.integer("limit") == 1000)
    #expect(try source.settings.flag("strict") == true)
    #expect(try source.settings.text("absent") == nil)
    #expect(source.rewrites == ["c4.lines"])
    #expect(source.rules.map(\.signal) == ["gopher.stop_words", "gopher.word_count"])
    #expect(source.rules.map(\.keeps) == [2...Double.infinity, 50...100_000])
    #expect(source.rules.map(\.line) == [13, 12])
    #expect(source.duplicates.exact && source.duplicates.lines?.group == 50)
    #expect(
      source.duplicates.minhash == .init(ngram: 6, bands: 20, rows: 5, seed: 3, threshold: 0.8))
    #expect(source.duplicates.containment == .init(ngram: 12, threshold: 0.95))
    var training = TokenizerTraining()
    training.vocabularySize = 1000
    training.sample = 1_572_864
    training.whitespaceLast = false
    #expect(manifest.tokenizer == .train(training))
    #expect(manifest.shards.tokens == 2000 && manifest.shards.validation == 0.1)
    #expect(manifest.shards.beginsDocuments && manifest.shards.endsDocuments)
  }

  @Test func whatIsNotGivenIsLlamas() throws {
    let manifest = try corpus(manifest())
    #expect(manifest.seed == 1)
    #expect(manifest.sources[0].epochs == 1 && manifest.sources[0].share == nil)
    #expect(manifest.sources[0].duplicates.isEmpty && manifest.sources[0].rules.isEmpty)
    #expect(manifest.tokenizer == .train(TokenizerTraining()))
    #expect(manifest.shards == ShardRecipe())
    let near = try corpus(nearDuplicates)
    #expect(
      near.sources[0].duplicates.minhash
        == .init(ngram: 5, bands: 14, rows: 8, seed: 1, threshold: nil))
    #expect(near.sources[0].duplicates.containment == .init(ngram: 13, threshold: 0.9))
    #expect(near.sources[0].duplicates.lines == .init(group: nil))
  }

  @Test func oneMeaningHasOneSpelling() throws {
    let plain = try corpus(
      """
      name: x
      added: 2023-02-27
      sources:
        wikipedia:
          inputs: [b, a]
          settings: { limit: 1000, languages: [de] }
          rules: { gopher.word_count: { min: 50, max: 1000 }, text.characters: { min: 1 } }
        c4: { inputs: [c] }
      """)
    let other = try corpus(
      """
      # the same
      sources:
        c4:
          inputs:
            - c
          epochs: 1.0
        wikipedia:
          rules:
            text.characters: { min: 1.0 }
            gopher.word_count:
              max: 1e3
              min: 5.0e1
          settings:
            languages: ['de']
            limit: 1_000
          inputs: ["a", "b"]
          duplicates: { exact: false }
      tokenizer: {}
      shards: { end-of-document: eos, validation: 1e-3 }
      seed: 1
      added: "2023-02-27"
      name: x
      """)
    #expect(plain.canonical == other.canonical)
    #expect(plain.source("wikipedia")?.canonical == other.source("wikipedia")?.canonical)
    #expect(plain.shards.canonical == other.shards.canonical)
    #expect(plain.tokenizer.canonical == other.tokenizer.canonical)
  }

  @Test(arguments: [
    ("settings: { limit: 1 }", "settings: { limit: 2 }"),
    ("settings: { languages: [de] }", "settings: { languages: [de, en] }"),
    ("settings: { languages: \"1\" }", "settings: { languages: 1 }"),
    ("rewrites: [c4.lines]", "rewrites: []"),
    ("rules: { text.characters: { min: 1 } }", "rules: { text.characters: { max: 1 } }"),
  ])
  func anotherMeaningHasOtherBytes(one: String, other: String) throws {
    let first = try corpus(manifest(wikipedia: one)).sources[0].canonical
    #expect(try corpus(manifest(wikipedia: other)).sources[0].canonical != first)
  }

  @Test func epochsAndDuplicatesDoNotChangeTheReading() throws {
    let plain = try corpus(manifest()).sources[0]
    let other = try corpus(
      manifest(wikipedia: "epochs: 3\nshare: 5\nduplicates: { exact: true }")
    ).sources[0]
    #expect(plain.canonical == other.canonical)
    #expect(plain.duplicates.canonical != other.duplicates.canonical)
    #expect(
      String(decoding: plain.canonical, as: UTF8.self)
        == #"{"rewrites":[],"rules":{},"settings":{},"source":"wikipedia"}"#)
  }

  @Test(arguments: [
    ("a/*.gz", "a/b.gz", true), ("a/*.gz", "a/b/c.gz", false), ("a/**/*.gz", "a/b/c/d.gz", true),
    ("a/**/*.gz", "a/d.gz", true), ("a/**", "a/b/c", true), ("*", "a/b", false),
    ("a?c", "abc", true), ("a?c", "ac", false), ("*wiki-*-p*.bz2", "dewiki-2-pages.bz2", true),
    ("*wiki-*-p*.bz2", "dewiki-pages.bz2", false), ("a", "a", true), ("a", "b", false),
    ("**/a/**/a", "a/a/a/a/b", false),
  ])
  func globs(pattern: String, path: String, matches: Bool) {
    #expect(InputPattern(pattern, line: 1).matches(path) == matches)
  }

  @Test func theRootOfAGlobHasNoWildcard() {
    #expect(InputPattern("a/b/*.gz", line: 1).root == "a/b")
    #expect(InputPattern("/a/b*/c", line: 1).root == "/a")
    #expect(InputPattern("*.gz", line: 1).root == "")
  }
}

private let nearDuplicates = manifest(
  wikipedia: "duplicates:\n  minhash:\n  containment: {}\n  lines:")
