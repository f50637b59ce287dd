import ArgumentParser
import Formats
import Ground
import TextModels
import Tokenizer

struct ModelScoreCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Say what a model thinks of texts: their labels, or how probable they are.",
    discussion: """
      A classifier gives each text its best labels with their probabilities. A language model gives \
      the logarithm to base 10, the tokens that were scored with the end among them, and the \
      perplexity. With --tokenizer it does so as CCNet: the text is normalised, becomes one line, and \
      its pieces are scored.

        quipu model score languages.bin texts.txt
        quipu model score lid.176.bin documents.jsonl.zst --line-feeds vanish --json
        quipu model score en.arpa.bin documents.jsonl.zst --tokenizer en.sp.model --language en
      """)

  @Argument(help: "A fastText model, or a language model in ARPA's or KenLM's form.")
  var model: String

  @Argument(help: "Texts; .gz, .bz2 and .zst are understood. Standard input by default.")
  var files: [String] = []

  @Option(
    help: """
      text: a text a line; jsonl: a document a line; files: a text a file. By default jsonl where the \
      name of a file has .jsonl, else text.
      """)
  var format: TextFormat?

  @Option(help: "Where the answers go. Standard output by default.")
  var output: String?

  @OptionGroup(title: "Classifiers")
  var classifier: ClassifierOptions

  @OptionGroup(title: "Language models")
  var language: LanguageModelOptions

  @Flag(help: "Print the answers as JSON, an object a line.")
  var json = false

  @Flag(help: "Fail at the first line that is no text.")
  var strict = false

  @OptionGroup var options: RunOptions

  func run() throws {
    let any = try AnyTextModel(path: model)
    let scorer = try scorer(any)
    var cutoffs = try language.knownCutoffs()
    let waits = language.language != nil && cutoffs == nil
    var output = try LineOutput(output)
    var tally = ScoreTally()
    var waiting: [ScoredText] = []
    var lines = ScoreLines(any, json: json)
    try score(scorer, tally: &tally) { scored in
      if waits { waiting += scored } else { try output.write(lines.of(scored[...], cutoffs)) }
    }
    if waits { cutoffs = PerplexityCutoffs(of: tally.sketch) }
    for start in stride(from: 0, to: waiting.count, by: 1 << 14) {
      try output.write(lines.of(waiting[start..<min(start + 1 << 14, waiting.count)], cutoffs))
    }
    try output.commit()
    options.say(scoreReport(any, tally, cutoffs))
  }

  private func scorer(_ model: AnyTextModel) throws -> TextScorer {
    switch model {
    case .classifier(let model):
      return .classifier(
        model, top: classifier.top, threshold: classifier.threshold,
        classifier.lineFeeds.meaning)
    case .language(let model):
      guard let path = language.tokenizer else {
        return .words(model, begin: language.bos, end: language.eos)
      }
      let pieces = try CCNetPieces(try TokenizerModel(path: path), file: path)
      return .pieces(CCNetPerplexity(of: pieces, by: model), byParagraph: language.byParagraph)
    }
  }

  private func score(
    _ scorer: TextScorer, tally: inout ScoreTally, accept: ([ScoredText]) throws -> Void
  ) throws {
    let batches = TextBatches(files.isEmpty ? ["/dev/stdin"] : files, format: format)
    let pool = Pool { TextScorer.Scratch() }
    try orderedMap(
      jobs: options.jobs, next: { try batches.next() },
      transform: { batch in
        try pool.withOne { scratch in
          var scored: [ScoredText] = []
          let faults = try batch.forEachText { text, id throws(Fault) in
            scored.append(ScoredText(score: try scorer.score(text, &scratch), id: id))
          }
          return (scored, faults)
        }
      },
      accept: { (scored: [ScoredText], faults: [Fault]) in
        try accept(scored)
        for text in scored { tally.add(text.score) }
        for fault in faults {
          if strict { throw fault }
          tellUser("\(fault)\n")
          tally.addBad()
        }
      })
  }
}

/// One text's answer.
struct ScoredText: Sendable {
  var score: TextScore
  /// The document's, where it has one.
  var id: String?
}

struct ClassifierOptions: ParsableArguments {
  /// What a line feed in a document is to a classifier, which knows lines only.
  enum LineFeeds: String, CaseIterable, ExpressibleByArgument {
    case separate, end, vanish

    var meaning: FastTextLineFeeds {
      switch self {
      case .separate: .separate
      case .end: .end
      case .vanish: .vanish
      }
    }
  }

  @Option(help: "So many labels of each text.")
  var top = 1

  @Option(help: "Labels below this probability are left out.")
  var threshold: Float = 0

  @Option(
    help: """
      What a line feed in a document is: separate words as a space does, end the text, or vanish, as \
      with CCNet.
      """)
  var lineFeeds = LineFeeds.separate

  func validate() throws {
    guard top > 0 else { throw ValidationError("--top must be at least 1.") }
    guard !threshold.isNaN else { throw ValidationError("--threshold must be a number.") }
  }
}

struct LanguageModelOptions: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Score words as what begins a sentence, after <s>.")
  var bos = true

  @Flag(inversion: .prefixedNo, help: "Score the end of the sentence, </s>, too.")
  var eos = true

  @Option(help: "The SentencePiece model whose pieces the language model was trained on.")
  var tokenizer: String?

  @Flag(help: "With --tokenizer: score each line by itself, and add up.")
  var byParagraph = false

  @Option(
    help: "With --tokenizer: also say whether a text is head, middle or tail of this language.")
  var language: String?

  @Option(
    help: """
      With --language, where head and middle end: `published`, CCNet's own numbers; `run`, the 30th and \
      60th percentile of this run, as for languages that have no numbers; or a file like CCNet's \
      cutoff.csv. The scores of a run that makes its own cutoffs wait in memory for its end.
      """)
  var cutoffs = "published"

  func validate() throws {
    guard tokenizer == nil || (bos && eos) else {
      throw ValidationError("--no-bos and --no-eos are for words, without --tokenizer.")
    }
    guard tokenizer != nil || (!byParagraph && language == nil) else {
      throw ValidationError("--by-paragraph and --language need --tokenizer.")
    }
    guard cutoffs == "published" || language != nil else {
      throw ValidationError("--cutoffs needs --language.")
    }
  }

  /// The cutoffs that are known before the run.
  func knownCutoffs() throws -> PerplexityCutoffs? {
    guard let language, cutoffs != "run" else { return nil }
    let table = cutoffs == "published" ? CutoffTable.published : try CutoffTable(path: cutoffs)
    return table.cutoffs[language]
  }
}
