import Manifest
import Testing

@Suite struct MistakeTests {
  @Test(arguments: [
    (manifest(), ""),
    (
      manifest(wikipedia: "epoch: 2"),
      #"x.yaml: line 6: unknown key "epoch" in sources.wikipedia; did you mean "epochs"?"#
    ),
    (manifest(top: "sede: 1"), #"x.yaml: line 6: unknown key "sede"; did you mean "seed"?"#),
    (
      manifest(top: "licence: mit"),
      #"x.yaml: line 6: unknown key "licence"; it can be "#
        + "name, seed, added, sources, tokenizer, shards"
    ),
    ("added: 2023-02-27", #"x.yaml: line 1: "name" is missing in the manifest"#),
    ("name: x\nadded: 2023-02-27", #"x.yaml: line 1: "sources" is missing in the manifest"#),
    ("name: x\nadded: 2023-02-27\nsources: {}", "x.yaml: line 3: sources is empty"),
    (
      "name: x\nadded: 2023-02-27\nsources:\n  wikpedia: {}",
      #"x.yaml: line 4: unknown key "wikpedia" in sources; did you mean "wikipedia"?"#
    ),
    (
      "name: x\nadded: 2023-02-27\nsources:\n  wikipedia: {}",
      #"x.yaml: line 4: "inputs" is missing in sources.wikipedia"#
    ),
    ("", "x.yaml: the manifest is empty"),
    ("[1, 2]", "x.yaml: line 1: the manifest must be a mapping of keys, found a list"),
    (
      "name: x\nname: y",
      #"x.yaml: line 1: "name" is given twice"#
    ),
    (
      "name: [x\n",
      "x.yaml: line 2: not YAML: while parsing a flow sequence, did not find expected ',' or ']'"
    ),
    (
      "name: x\nadded: 2023-02-30",
      #"x.yaml: line 2: added is "2023-02-30"; it must be a day such as 2023-02-27"#
    ),
  ])
  func top(yaml: String, message: String) {
    #expect(mistake(yaml) == message)
  }

  @Test(arguments: [
    (
      "epochs: two",
      #"x.yaml: line 6: sources.wikipedia.epochs must be a number, found "two""#
    ),
    ("epochs: \"2\"", #"x.yaml: line 6: sources.wikipedia.epochs must be a number, found "2""#),
    ("epochs: .inf", #"x.yaml: line 6: sources.wikipedia.epochs must be a number, found ".inf""#),
    ("epochs: -1", "x.yaml: line 6: sources.wikipedia.epochs is -1; it must be between 0 and 1000"),
    (
      "epochs: 0",
      "x.yaml: line 6: sources.wikipedia.epochs is 0; it must be above 0: leave the source out instead"
    ),
    ("share: 101", "x.yaml: line 6: sources.wikipedia.share is 101; it must be between 0 and 100"),
    (
      "settings: { language: [de] }",
      #"x.yaml: line 6: unknown key "language" in sources.wikipedia.settings; "#
        + #"did you mean "languages"?"#
    ),
    (
      "settings:\n  languages: { a: 1 }",
      "x.yaml: line 7: sources.wikipedia.settings.languages must be a text, a number, "
        + "true, false or a list of these"
    ),
    (
      "rewrites:\n- c4.lines\n- c4.line",
      #"x.yaml: line 8: sources.wikipedia.rewrites[1] is "c4.line"; did you mean "c4.lines"?"#
    ),
    (
      "rewrites: [polish]",
      #"x.yaml: line 6: sources.wikipedia.rewrites[0] is "polish"; it can be "#
        + "c4.lines, github.licence-header"
    ),
    (
      "rules:\n  gopher.wordcount: { min: 5 }",
      #"x.yaml: line 7: unknown key "gopher.wordcount" in sources.wikipedia.rules; "#
        + #"did you mean "gopher.word_count"?"#
    ),
    (
      "rules:\n  text.characters: {}",
      #"x.yaml: line 7: sources.wikipedia.rules.text.characters needs "min" or "max""#
    ),
    (
      "rules:\n  text.characters: { min: 5, max: 4 }",
      "x.yaml: line 7: sources.wikipedia.rules.text.characters keeps nothing: min 5 is above max 4"
    ),
    (
      "duplicates: { exact: maybe }",
      #"x.yaml: line 6: sources.wikipedia.duplicates.exact must be true or false, found "maybe""#
    ),
    (
      "duplicates:\n  minhash:\n    bands: 1.5",
      #"x.yaml: line 8: sources.wikipedia.duplicates.minhash.bands must be a whole number, found "1.5""#
    ),
    (
      "duplicates: { containment: { threshold: 90 } }",
      "x.yaml: line 6: sources.wikipedia.duplicates.containment.threshold is 90; "
        + "it must be between 0 and 1"
    ),
  ])
  func source(yaml: String, message: String) {
    #expect(mistake(manifest(wikipedia: yaml)) == message)
  }

  @Test(arguments: [
    (
      "tokenizer: { vocabulary-size: 100 }",
      "x.yaml: line 6: tokenizer.vocabulary-size is 100; it must be between 300 and 1000000"
    ),
    (
      "tokenizer: { sample: much }",
      #"x.yaml: line 6: tokenizer.sample must be a size such as 10GB, found "much""#
    ),
    (
      "tokenizer:\n  model: a.model\n  split-digits: true",
      "x.yaml: line 8: tokenizer.split-digits has no meaning beside tokenizer.model"
    ),
    (
      "shards: { tokens: 1 }",
      "x.yaml: line 6: shards.tokens is 1; it must be between 1000 and 1099511627776"
    ),
    (
      "shards: { end-of-document: eod }",
      #"x.yaml: line 6: shards.end-of-document is "eod"; did you mean "eos"?"#
    ),
    (
      "shards: { end-of-document: none }",
      "x.yaml: line 6: shards: documents would run into one another; "
        + "set begin-of-document: bos or end-of-document: eos"
    ),
  ])
  func tokens(yaml: String, message: String) {
    #expect(mistake(manifest(top: yaml)) == message)
  }

  @Test(arguments: [
    (model(), ""),
    (
      model("dim: 9, layers: 1, heads: 3"),
      "m.yaml: line 2: model.dim is 9; it must be an even multiple of heads, 3"
    ),
    (
      model("dim: 8, layers: 1, heads: 4, key-value-heads: 3"),
      "m.yaml: line 2: model.key-value-heads is 3; it must divide heads, 4"
    ),
    (model("dim: 8, heads: 2"), #"m.yaml: line 2: "layers" is missing in model"#),
    (
      model("dim: 8, layers: 1, heads: 2, rope: 1"),
      #"m.yaml: line 2: unknown key "rope" in model; it can be dim, layers, heads, "#
        + "key-value-heads, hidden, context, vocabulary-size, norm-epsilon, rope-theta"
    ),
    (
      model(training: ", tokens: 1e9"),
      "m.yaml: line 3: training.tokens has no meaning beside training.steps"
    ),
    (
      model(training: ", products: f16"),
      "m.yaml: line 3: training.products is f16; it must be one of f32, bf16"
    ),
    (
      model(training: ", spikes: ignore"),
      "m.yaml: line 3: training.spikes is ignore; it must be one of none, skip, rewind"
    ),
    (
      model(training: ", betas: 0.9"),
      "m.yaml: line 3: training.betas must be two numbers, such as [0.9, 0.95]"
    ),
    (
      "name: m\nmodel: { dim: 8, layers: 1, heads: 2 }\ntraining: { learning-rate: 1, steps: 1 }",
      #"m.yaml: line 3: "batch-sequences" or "batch-tokens" is missing in training"#
    ),
    (
      "name: m\nmodel: { dim: 8, layers: 1, heads: 2 }\n"
        + "training: { learning-rate: 1, steps: 1, batch-tokens: 1000 }",
      "m.yaml: line 3: training.batch-tokens is 1000; it must be a multiple of context, 2048"
    ),
    (
      "name: m\nmodel: { dim: 8, layers: 1, heads: 2 }\n"
        + "training: { learning-rate: 1, steps: 2000, batch-sequences: 1 }",
      "m.yaml: line 3: training.warm-up is 2000; it must be below the number of steps, 2000"
    ),
  ])
  func models(yaml: String, message: String) {
    var found = ""
    do { _ = try ModelManifest(yaml: yaml, file: "m.yaml") } catch { found = "\(error)" }
    #expect(found == message)
  }

  @Test func aMissingFileIsNamed() {
    #expect {
      try CorpusManifest(path: "/nowhere/x.yaml", vocabulary: vocabulary)
    } throws: {
      "\($0)" == "/nowhere/x.yaml: cannot be read; check the path"
    }
  }

  @Test func settingsOfTheWrongTypeNameTheirLine() throws {
    let settings = try corpus(manifest(wikipedia: "settings:\n  limit: many")).sources[0].settings
    #expect {
      try settings.integer("limit")
    } throws: {
      "\($0)" == "x.yaml: line 7: sources.wikipedia.settings.limit must be a whole number"
    }
    #expect(
      "\(settings.error(about: "limit", "is odd"))"
        == "x.yaml: line 7: sources.wikipedia.settings.limit is odd")
  }
}
