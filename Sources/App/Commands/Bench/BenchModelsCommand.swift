import ArgumentParser
import Ground
import TextModels
import Tokenizer

struct BenchModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "Measure how fast text models are used and trained.",
    discussion: """
      Reading files is not counted; training counts all it does with its file. \
      Scripts/bench-models.sh sets other programs beside it.

        quipu bench models --input documents.jsonl.zst --classifier languages.bin
        quipu bench models --input text.txt --language-model en.arpa.bin --tokenizer en.sp.model
        quipu bench models --train-classifier labelled.txt --train-lm corpus.txt --json
      """)

  @Option(
    help: """
      Text to judge: documents as JSON Lines, or else text, cut behind a line feed into documents of \
      about 4 kB.
      """)
  var input: String?

  @Option(help: "A fastText model: how fast are texts classified?")
  var classifier: String?

  @Option(help: "A language model: how fast are words scored whose numbers are known?")
  var languageModel: String?

  @Option(
    help: "A SentencePiece model: how fast does text become perplexity, and what comes between?")
  var tokenizer: String?

  @Option(help: "Labelled lines: how fast is a classifier trained with the defaults?")
  var trainClassifier: String?

  @Option(help: "Labelled lines: how fast is a language identifier trained?")
  var trainLanguage: String?

  @Option(help: "Text: how fast is a language model of order 5 trained?")
  var trainLM: String?

  @Option(help: "How many threads train.")
  var threads = 1

  @Option(help: "Measurements of each kind; the median is told, and the least and the most.")
  var repeats = 3

  @OptionGroup var result: ResultOptions

  func validate() throws {
    guard input != nil || (classifier == nil && languageModel == nil && tokenizer == nil) else {
      throw ValidationError("A model needs --input to judge.")
    }
    guard threads > 0, repeats > 0 else {
      throw ValidationError("--threads and --repeats must be at least 1.")
    }
  }

  func run() throws {
    var figures: [BenchFigure] = []
    if let input {
      let texts = try benchDocuments(input)
      if let classifier { figures.append(try classifying(texts, classifier)) }
      figures += try scoring(texts)
    }
    if let trainClassifier {
      figures.append(try training("train-classifier", trainClassifier, FastTextTrainer()))
    }
    if let trainLanguage {
      figures.append(try training("train-language", trainLanguage, .languages))
    }
    if let trainLM { figures.append(try training(trainLM)) }
    var output = StandardOutput()
    try output.write(
      result.json ? json(of: figures, threads: threads) : Array(table(of: figures).text.utf8))
    try output.flush()
  }

  /// Measures `body`, which says how many tokens it made of `bytes`.
  private func figure(
    _ name: String, bytes: Int, _ body: () throws -> Int
  ) rethrows -> BenchFigure {
    var figure = BenchFigure(name: name, bytes: bytes, tokens: 0)
    for _ in 0..<repeats {
      let (time, tokens) = try elapsed { try body() }
      figure.tokens = tokens
      figure.runs.append(time)
    }
    return figure
  }

  private func classifying(_ texts: [[UInt8]], _ path: String) throws -> BenchFigure {
    let model = try FastTextModel(path: path)
    return try figure("classify", bytes: texts.reduce(0) { $0 + $1.count }) {
      var scratch = FastTextScratch()
      return try texts.reduce(0) { try $0 + model.predict($1.span, scratch: &scratch).count }
    }
  }

  private func scoring(_ texts: [[UInt8]]) throws -> [BenchFigure] {
    let bytes = texts.reduce(0) { $0 + $1.count }
    let model = try languageModel.map { try NGramModel(path: $0) }
    let pieces = try tokenizer.map { try CCNetPieces(TokenizerModel(path: $0), file: $0) }
    var figures: [BenchFigure] = []
    let normalizer = CCNetNormalizer()
    var sentences = texts
    if let pieces {
      figures.append(
        figure("normalise", bytes: bytes) {
          var room = Room<UInt8>(1 << 16)
          return texts.reduce(0) { $0 + normalizer.normalize($1.span, into: &room) }
        })
      var scratch = CCNetPieces.Scratch()
      sentences = texts.map { text in
        var sentence: [UInt8] = []
        pieces.append(text.span, to: &sentence, scratch: &scratch)
        return sentence
      }
    }
    guard let model else { return figures }
    let scratch = NGramScratch()
    let words = sentences.map { model.wordIDs(of: $0.span, scratch) }
    figures.append(
      figure("score", bytes: bytes) { words.reduce(0) { $0 + model.score(words: $1).words } })
    if let pieces {
      let perplexity = CCNetPerplexity(of: pieces, by: model)
      figures.append(
        figure("perplexity", bytes: bytes) {
          var scratch = CCNetPerplexity.Scratch()
          return texts.reduce(0) {
            $0 + (perplexity.score($1.span, scratch: &scratch)?.tokens ?? 0)
          }
        })
    }
    return figures
  }

  private func training(
    _ name: String, _ path: String, _ settings: FastTextTrainer
  ) throws -> BenchFigure {
    var trainer = settings
    trainer.jobs = threads
    return try figure(name, bytes: try decodedSize(path)) {
      try trainer.train([path]).textCounts.tokens
    }
  }

  private func training(_ path: String) throws -> BenchFigure {
    var settings = KneserNeySettings()
    settings.jobs = threads
    settings.discountFallback = KneserNeySettings.standardFallback
    let output = temporaryName(for: path)
    defer { try? removeFile(output) }
    return try figure("train-lm", bytes: try decodedSize(path)) {
      var trainer = try KneserNeyTrainer(settings)
      try trainer.addLines(of: path)
      return try trainer.finish(writing: output).tokens
    }
  }
}
