import ArgumentParser
import Formats
import Ground
import Tokenizer

struct BenchTokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Measure how fast text becomes tokens, and vocabularies are trained.",
    discussion: """
      Every measurement begins with an empty cache. Reading files is not counted, loading the model \
      is told apart. Scripts/bench-tokenizer.sh sets other programs beside it.

        quipu bench tokenizer --model tokenizer.model --input documents.jsonl.zst
        quipu bench tokenizer --model tokenizer.model --input corpus.txt.zst --threads 2 --json
        quipu bench tokenizer --train corpus.txt.zst --threads 2
      """)

  @Option(help: "The model file to encode with.")
  var model: String?

  @Option(
    help: """
      Text to encode: documents as JSON Lines, or else text, cut behind a line feed into documents \
      of about 4 kB.
      """)
  var input: String?

  @Flag(help: "The whole input is one document.")
  var whole = false

  @Option(help: "Text to train a vocabulary on, with LLaMA's settings.")
  var train: String?

  @Option(help: "Pieces of that vocabulary.")
  var vocabSize = 32_000

  @Option(help: "How many threads work at once.")
  var threads = 1

  @Option(help: "Measurements of each kind; the median is told, and the least and the most.")
  var repeats = 3

  @Flag(help: "Also the text as one document, and a megabyte of a letter, of spaces, of chance.")
  var extremes = false

  @OptionGroup var result: ResultOptions

  func validate() throws {
    guard train != nil || (model != nil && input != nil) else {
      throw ValidationError("Give --model and --input to encode, or --train to train.")
    }
    guard threads > 0 else { throw ValidationError("--threads must be at least 1.") }
    guard repeats > 0 else { throw ValidationError("--repeats must be at least 1.") }
  }

  func run() throws {
    var figures: [BenchFigure] = []
    if let model, let input { figures += try encoding(model, input) }
    if let train { figures.append(try training(train)) }
    var output = StandardOutput()
    try output.write(
      result.json ? json(of: figures, threads: threads) : Array(table(of: figures).text.utf8))
    try output.flush()
  }

  private func encoding(_ path: String, _ input: String) throws -> [BenchFigure] {
    let (loading, encoder) = try elapsed {
      try TokenEncoder(try TokenizerModel(path: path), file: path)
    }
    var documents = try benchDocuments(input)
    if whole { documents = [documents.flatMap(\.self)] }
    var figures = [
      BenchFigure(name: "load", bytes: 0, tokens: encoder.count, runs: [loading]),
      encoding("encode", documents, encoder),
    ]
    guard extremes else { return figures }
    let million = 1_000_000
    figures += [
      encoding("single", [documents.flatMap(\.self)], encoder),
      encoding("letters", [Array(repeating: 0x61, count: million)], encoder),
      encoding("spaces", [Array(repeating: 0x20, count: million)], encoder),
      encoding("random", [randomLatin(million)], encoder),
    ]
    return figures
  }

  private func encoding(
    _ name: String, _ texts: [[UInt8]], _ encoder: TokenEncoder
  ) -> BenchFigure {
    var figure = BenchFigure(name: name, bytes: texts.reduce(0) { $0 + $1.count }, tokens: 0)
    for _ in 0..<repeats {
      let (time, tokens) = elapsed {
        texts.count == 1
          ? encoder.encode(texts[0], jobs: threads).count
          : encoder.encode(texts, jobs: threads).ids.count
      }
      figure.tokens = tokens
      figure.runs.append(time)
    }
    return figure
  }

  private func training(_ path: String) throws -> BenchFigure {
    var settings = TrainerSettings.llama
    settings.vocabSize = vocabSize
    let trainer = try BPETrainer(settings)
    var figure = BenchFigure(name: "train", bytes: try decodedSize(path), tokens: 0)
    for _ in 0..<repeats {
      let (time, model) = try elapsed {
        var counting = CountingOptions()
        counting.jobs = threads
        let (words, _) = try trainer.countWords(in: try TrainingCorpus([path]), counting)
        return try trainer.train(words, jobs: threads)
      }
      figure.tokens = model.pieces.count
      figure.runs.append(time)
    }
    return figure
  }
}

/// As many characters of Latin-1, the same each time.
private func randomLatin(_ count: Int) -> [UInt8] {
  var state: UInt64 = 7
  var text: [UInt8] = []
  for _ in 0..<count {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    let byte = UInt8(truncatingIfNeeded: state >> 56)
    if byte < 0x80 { text.append(byte) } else { text += [0xc0 | byte >> 6, 0x80 | byte & 0x3f] }
  }
  return text
}
