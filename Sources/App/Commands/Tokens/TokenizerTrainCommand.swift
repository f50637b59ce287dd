import ArgumentParser
import Formats
import Ground
import Tokenizer

struct TokenizerTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn byte-pair encoding, as SentencePiece does, from text.",
    discussion: """
      The names and defaults are those of SentencePiece, whose own spelling is understood as well:
      --vocab_size=32000 --split_digits=true.

        quipu tokenizer train corpus.txt.zst --output tokenizer.model --preset llama
        quipu tokenizer train wiki.jsonl.zst web --input-format jsonl --weight web=2.5 \\
          --input-sentence-size 10000000 --output tokenizer.model --preset llama

      A long count is saved beside the model now and then: killed and started again, the command \
      goes on from there.
      """)

  enum InputFormat: String, CaseIterable, ExpressibleByArgument {
    case text, jsonl, files

    var format: TrainingCorpus.Format {
      switch self {
      case .text: .text
      case .jsonl: .jsonl
      case .files: .files
      }
    }
  }

  @Argument(help: "Files, and folders of them; .gz, .bz2 and .zst are understood.")
  var files: [String] = []

  @Option(help: "The model file to write.")
  var output: String?

  @Option(
    help: """
      text: a sentence a line; jsonl: a document a line, its "text" split into lines; files: a \
      document a file.
      """)
  var inputFormat = InputFormat.text

  @OptionGroup(title: "SentencePiece's settings")
  var trainer: TrainerOptions

  @Option(help: "How many sentences to draw; 0 for all.")
  var inputSentenceSize = 0

  @Option(help: "Another seed draws other sentences.")
  var seed: UInt64 = 0

  @Option(help: "PATH=2.5: an input whose sentences are so much likelier to be drawn.")
  var weight: [String] = []

  @Option(help: "Memory for counting and training.")
  var memory = ByteCount(8_000_000_000)

  @Option(help: "How much text is counted between two saves.")
  var saveEvery = ByteCount(1_000_000_000)

  @Flag(inversion: .prefixedNo, help: "Go on from OUTPUT.state where a killed run left it.")
  var resume = true

  @Flag(help: "Fail at the first line that is no document.")
  var strict = false

  @OptionGroup var result: ResultOptions
  @OptionGroup var options: RunOptions
  @OptionGroup var other: OtherTrainerOptions

  /// So many lines that are no documents are named.
  private static let toldLimit = 10

  func validate() throws {
    guard !paths.isEmpty else { throw ValidationError("There is nothing to train on.") }
    guard output != nil || other.modelPrefix != nil else {
      throw ValidationError("Missing expected argument '--output <output>'")
    }
    guard inputSentenceSize >= 0, saveEvery.bytes > 0 else {
      throw ValidationError("--input-sentence-size and --save-every must not be negative.")
    }
    guard weight.isEmpty || inputSentenceSize > 0 else {
      throw ValidationError("--weight has a meaning only with --input-sentence-size.")
    }
    _ = try weights
  }

  func run() throws {
    let trainer = try self.trainer.trainer()
    let corpus = try TrainingCorpus(
      paths, format: inputFormat.format, weights: try weights, output: path,
      documentReader: readDocuments)
    let counting = self.counting
    if !resume, let state = counting.stateFolder { try removeCountingState(state) }
    let progress = CountingProgress()
    var told = 0
    let (model, tally, sentences) = try withProgress(
      quiet: options.quiet, line: { progress.line }
    ) {
      let (words, tally) = try trainer.countWords(in: corpus, counting, progress: progress) {
        if strict { throw $0 }
        told += 1
        if told <= Self.toldLimit { options.say("\($0)\n") }
        if told == Self.toldLimit { options.say("Further lines are only counted.\n") }
      }
      let model = try trainer.train(words, jobs: counting.jobs) { progress.train($0, of: $1) }
      return (model, tally, words.sentences)
    }
    try model.write(to: path)
    if let prefix = other.modelPrefix {
      let bytes = vocabularyFile(of: model, scores: trainer.settings.vocabularyOutputPieceScore)
      try writeAtomically(bytes, to: prefix + ".vocab")
    }
    if let state = counting.stateFolder { try removeCountingState(state) }
    let report = TrainingReport(
      output: path, pieces: model.pieces.count, sentences: sentences, tally: tally,
      seconds: progress.seconds)
    options.say(report.text)
    if result.json {
      var output = StandardOutput()
      try output.write(report.json)
      try output.flush()
    }
  }

  private var paths: [String] { files + commaSeparated(other.input ?? "") }

  private var path: String { output ?? "\(other.modelPrefix ?? "").model" }

  private var counting: CountingOptions {
    var counting = CountingOptions()
    counting.sampleSize = inputSentenceSize
    counting.seed = other.randomSeed ?? seed
    counting.jobs = other.numThreads ?? options.jobs
    counting.memory = memory.bytes
    counting.saveInterval = saveEvery.bytes
    counting.stateFolder = path + ".state"
    return counting
  }

  private var weights: [String: Double] {
    get throws {
      var weights: [String: Double] = [:]
      for wish in weight {
        guard let equals = wish.lastIndex(of: "="),
          let number = Double(wish[wish.index(after: equals)...])
        else { throw ValidationError("--weight is \(wish); it must be like PATH=2.5.") }
        weights[String(wish[..<equals])] = number
      }
      return weights
    }
  }
}

/// Takes the member `text` out of documents in JSON.
private let readDocuments: TrainingCorpus.DocumentReader = {
  let parser = JSONParser()
  return { line in
    guard let text = try parser.parse(line)["text"]?.bytes else {
      throw JSONError("the line has no string \"text\"")
    }
    return text
  }
}
