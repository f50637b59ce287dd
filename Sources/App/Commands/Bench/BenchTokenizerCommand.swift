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
    var figures: [TokenizerFigure] = []
    if let model, let input { figures += try encoding(model, input) }
    if let train { figures.append(try training(train)) }
    var output = StandardOutput()
    try output.write(result.json ? json(figures) : Array(table(figures).text.utf8))
    try output.flush()
  }

  private func encoding(_ path: String, _ input: String) throws -> [TokenizerFigure] {
    let (loading, encoder) = try elapsed {
      try TokenEncoder(try TokenizerModel(path: path), file: path)
    }
    var documents = try benchDocuments(input)
    if whole { documents = [documents.flatMap(\.self)] }
    var figures = [
      TokenizerFigure(name: "load", bytes: 0, tokens: encoder.count, runs: [loading]),
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
  ) -> TokenizerFigure {
    var figure = TokenizerFigure(name: name, bytes: texts.reduce(0) { $0 + $1.count }, tokens: 0)
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

  private func training(_ path: String) throws -> TokenizerFigure {
    var settings = TrainerSettings.llama
    settings.vocabSize = vocabSize
    let trainer = try BPETrainer(settings)
    var figure = TokenizerFigure(name: "train", bytes: try decodedSize(path), tokens: 0)
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

  private func table(_ figures: [TokenizerFigure]) -> Table {
    var table = Table("what", "MB", "tokens", "MB/s", "MB a CPU-second", "least", "most")
    for figure in figures where figure.bytes > 0 {
      let (wall, cpu) = (figure.rates(\.wall), figure.rates(\.cpu))
      table.add(
        figure.name, fixed(Double(figure.bytes) / 1e6, 1), grouped(figure.tokens),
        fixed(wall.median, 1), fixed(cpu.median, 1), fixed(cpu.least, 1), fixed(cpu.most, 1))
    }
    return table
  }

  private func json(_ figures: [TokenizerFigure]) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      for figure in figures {
        json.key(figure.name)
        json.object { json in
          json.key("cpuSeconds")
          json.number(figure.seconds(\.cpu).median)
          json.key("wallSeconds")
          json.number(figure.seconds(\.wall).median)
          json.key("bytes")
          json.integer(figure.bytes)
          json.key("tokens")
          json.integer(figure.tokens)
          json.key("threads")
          json.integer(threads)
        }
      }
      json.key("peakBytes")
      json.integer(mostResidentMemory())
    }
    return json.bytes + [0x0a]
  }
}

/// Measurements of one kind.
struct TokenizerFigure {
  var name: String
  var bytes: Int
  /// Tokens made, or pieces.
  var tokens: Int
  var runs: [Elapsed] = []

  func seconds(_ kind: (Elapsed) -> Double) -> (least: Double, median: Double, most: Double) {
    let all = runs.map(kind).sorted()
    return (all[0], all[all.count / 2], all[all.count - 1])
  }

  /// Megabytes a second.
  func rates(_ kind: (Elapsed) -> Double) -> (least: Double, median: Double, most: Double) {
    let seconds = seconds(kind)
    let size = Double(bytes) / 1e6
    return (size / seconds.most, size / seconds.median, size / seconds.least)
  }
}

/// The documents of a file of JSON Lines, or text in pieces of about 4 kB.
private func benchDocuments(_ path: String) throws -> [[UInt8]] {
  let reader = try openDecoded(path)
  var documents: [[UInt8]] = []
  var line: [UInt8] = []
  if path.contains(".jsonl") {
    let parser = JSONParser()
    while let piece = try reader.readLine(into: &line) {
      guard piece == .whole else { throw reader.fault(.tooLong(limit: line.count)) }
      guard let text = try? parser.parse(line)["text"]?.bytes else {
        throw reader.fault(.malformed("the line is no object with \"text\""))
      }
      documents.append(Array(text))
    }
  } else {
    let text = try reader.readToEnd()
    var start = 0
    while start < text.count {
      var end = min(start + 4036, text.count)
      while end < text.count && text[end - 1] != 0x0a { end += 1 }
      documents.append(Array(text[start..<end]))
      start = end
    }
  }
  guard documents.contains(where: { !$0.isEmpty }) else {
    throw reader.fault(.unusable("there is no text to encode"))
  }
  return documents
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

/// How many bytes a file has when it is decoded.
private func decodedSize(_ path: String) throws -> Int {
  let reader = try openDecoded(path)
  var size = 0
  var piece: [UInt8] = []
  while true {
    piece.removeAll(keepingCapacity: true)
    try reader.read(1 << 20, into: &piece)
    if piece.isEmpty { return size }
    size += piece.count
  }
}
