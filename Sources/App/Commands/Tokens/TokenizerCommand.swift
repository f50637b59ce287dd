import ArgumentParser
import Ground
import Tokenizer

struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Train a tokenizer, and turn text into tokens and back.",
    discussion: "  quipu tokenizer train corpus.txt --output tokenizer.model --preset llama",
    subcommands: [Train.self, Encode.self, Decode.self, Inspect.self, Export.self])

  struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Learn byte-pair encoding, as SentencePiece does, from lines of text.",
      discussion: "  quipu tokenizer train corpus.txt.zst --output tokenizer.model --preset llama")

    enum Preset: String, CaseIterable, ExpressibleByArgument { case sentencepiece, llama }

    @Argument(help: "Text files, a sentence a line; .gz, .bz2 and .zst are understood.")
    var files: [String]

    @Option(help: "The model file to write.")
    var output: String

    @Option(help: "Whose defaults: SentencePiece's, or LLaMA's.")
    var preset = Preset.sentencepiece

    @Option(help: "Pieces in all. [8000; llama: 32000]")
    var vocabSize: Int?

    @Option(help: "The share of characters that become pieces. [0.9995; llama: 0.99995]")
    var characterCoverage: Double?

    @Option(help: "Longer lines are passed over, in bytes.")
    var maxSentenceLength: Int?

    @Option(help: "The longest piece, in characters.")
    var maxSentencepieceLength: Int?

    @Flag(inversion: .prefixedNo, help: "Digits stand alone.")
    var splitDigits: Bool?

    @Flag(inversion: .prefixedNo, help: "Characters without a piece are spelled in bytes.")
    var byteFallback: Bool?

    @Flag(inversion: .prefixedNo, help: "Runs of spaces may be pieces.")
    var allowWhitespaceOnlyPieces: Bool?

    @Flag(inversion: .prefixedNo, help: "A space is put before each text.")
    var addDummyPrefix: Bool?

    @Flag(inversion: .prefixedNo, help: "Fail where the text has too few pieces to offer.")
    var hardVocabLimit: Bool?

    @OptionGroup var options: RunOptions

    func run() throws {
      let trainer = try BPETrainer(settings)
      let meter = Meter()
      let words = try trainer.countWords(in: files, jobs: options.jobs)
      let model = try trainer.train(words)
      try model.write(to: output)
      options.say(
        "\(output): \(grouped(model.pieces.count)) pieces from \(grouped(words.sentences)) sentences "
          + "in \(fixed(meter.seconds, 1)) s"
          + (words.tooLong > 0 ? "; \(grouped(words.tooLong)) were too long" : "") + "\n")
    }

    private var settings: TrainerSettings {
      var settings = preset == .llama ? TrainerSettings.llama : TrainerSettings()
      settings.vocabSize = vocabSize ?? settings.vocabSize
      settings.characterCoverage = characterCoverage.map { Float($0) } ?? settings.characterCoverage
      settings.maxSentenceLength = maxSentenceLength ?? settings.maxSentenceLength
      settings.maxPieceLength = maxSentencepieceLength ?? settings.maxPieceLength
      settings.splitDigits = splitDigits ?? settings.splitDigits
      settings.byteFallback = byteFallback ?? settings.byteFallback
      settings.allowWhitespaceOnlyPieces =
        allowWhitespaceOnlyPieces ?? settings.allowWhitespaceOnlyPieces
      settings.addDummyPrefix = addDummyPrefix ?? settings.addDummyPrefix
      settings.hardVocabLimit = hardVocabLimit ?? settings.hardVocabLimit
      return settings
    }
  }

  struct Encode: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Turn text into tokens: a line of ids or pieces for each line of text.",
      discussion: "  quipu tokenizer encode --model tokenizer.model --format ids text.txt")

    enum Format: String, CaseIterable, ExpressibleByArgument { case ids, pieces, bin }

    @Option(help: "The model file.")
    var model: String

    @Option(help: "ids, pieces, or bin: the whole file as one text, in UInt16 or UInt32.")
    var format = Format.ids

    @Argument(help: "The text; standard input by default.")
    var file: String?

    func run() throws {
      let tokenizer = try TokenizerModel(path: model)
      let encoder = try TokenEncoder(tokenizer, file: model)
      let reader = try openDecoded(file ?? "/dev/stdin")
      var output = StandardOutput()
      var scratch = EncoderScratch()
      var ids: [Int32] = []
      if format == .bin {
        encoder.encode(try reader.readToEnd(), into: &ids, scratch: &scratch)
        let width = encoder.count > 65_536 ? 4 : 2
        for id in ids {
          try output.write((0..<width).map { UInt8(truncatingIfNeeded: id >> (8 * Int32($0))) })
        }
        return try output.flush()
      }
      var line: [UInt8] = []
      while let piece = try reader.readLine(into: &line) {
        guard piece == .whole else { throw reader.fault(.tooLong(limit: line.count)) }
        ids.removeAll(keepingCapacity: true)
        encoder.encode(line, into: &ids, scratch: &scratch)
        let words = ids.map { format == .ids ? String($0) : tokenizer.pieces[Int($0)].text }
        try output.write(words.joined(separator: " ") + "\n")
      }
      try output.flush()
    }
  }

  struct Decode: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Turn lines of ids back into text.",
      discussion: "  echo '15043 3186' | quipu tokenizer decode --model tokenizer.model")

    @Option(help: "The model file.")
    var model: String

    @Argument(help: "Lines of ids with spaces; standard input by default.")
    var file: String?

    func run() throws {
      let decoder = TokenDecoder(try TokenizerModel(path: model), file: model)
      let reader = try openDecoded(file ?? "/dev/stdin")
      var output = StandardOutput()
      var line: [UInt8] = []
      while let _ = try reader.readLine(into: &line) {
        let ids = try line.split(separator: 0x20).map { digits in
          guard let id = Int32(String(decoding: digits, as: UTF8.self)) else {
            throw reader.fault(
              .malformed("\"\(String(decoding: digits, as: UTF8.self))\" is no token id"))
          }
          return id
        }
        try output.write(decoder.decode(ids) + [0x0a])
      }
      try output.flush()
    }
  }

  struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what a model file holds.",
      discussion: "  quipu tokenizer inspect tokenizer.model")

    @Argument(help: "The model file.")
    var model: String

    @OptionGroup var result: ResultOptions

    func run() throws {
      let tokenizer = try TokenizerModel(path: model)
      let summary = ModelSummary(tokenizer)
      var table = Table("what", "value")
      table.add("pieces", grouped(tokenizer.pieces.count))
      for kind in TokenizerModel.Piece.Kind.allCases {
        if let count = summary.counts[kind] { table.add("\(kind) pieces", grouped(count)) }
      }
      table.add("single characters", grouped(summary.characters))
      table.add("pieces that begin a word", grouped(summary.wordStarts))
      table.add("merges", grouped(summary.merges))
      table.add("character coverage", "\(summary.characterCoverage)")
      table.add("longest", summary.longest.map { tokenizer.pieces[$0].text }.joined(separator: " "))
      try result.print(table)
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a model as Hugging Face's tokenizer.json.",
      discussion: "  quipu tokenizer export tokenizer.model --output tokenizer.json")

    @Argument(help: "The model file.")
    var model: String

    @Option(help: "The file to write.")
    var output: String

    func run() throws {
      try writeAtomically(tokenizerJSON(of: TokenizerModel(path: model)), to: output)
    }
  }
}
