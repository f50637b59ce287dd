import ArgumentParser
import Formats
import Ground
import TextModels
import Tokenizer

struct ModelTrainLMCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-lm",
    abstract: "Train an n-gram language model with modified Kneser-Ney smoothing, as lmplz does.",
    discussion: """
      The names and defaults are those of KenLM's lmplz, whose text this takes: a sentence a line. With \
      --tokenizer a sentence is a whole text, a line or a document of JSON Lines, normalised and cut \
      into pieces as CCNet does. Memory, disk and --jobs change no byte of the model.

        quipu model train-lm corpus.txt.zst --output words.arpa
        quipu model train-lm wikipedia.jsonl.zst --tokenizer en.sp.model --output en.arpa.bin \\
          --vocab-estimate 65536 --discount-fallback
      """)

  @Argument(help: "Texts; .gz, .bz2 and .zst are understood.")
  var files: [String]

  @Option(help: "The model to write.")
  var output: String

  @Option(help: "arpa, probing or trie. By default arpa where OUTPUT ends so, else probing.")
  var format: LanguageModelFormat?

  @Option(help: "A SentencePiece model, to train on CCNet's pieces and not on words.")
  var tokenizer: String?

  @Option(
    help: """
      With --tokenizer; text: a text a line; jsonl: a document a line; files: a text a file. By default \
      jsonl where the name of a file has .jsonl, else text.
      """)
  var inputFormat: TextFormat?

  @OptionGroup(title: "lmplz's settings")
  var settings: KneserNeyOptions

  @OptionGroup(title: "KenLM's binary")
  var binary: BinaryOptions

  @OptionGroup var result: ResultOptions
  @OptionGroup var options: RunOptions

  private var target: LanguageModelFormat { format ?? LanguageModelFormat(of: output) }

  func validate() throws {
    guard inputFormat == nil || tokenizer != nil else {
      throw ValidationError("--input-format has a meaning only with --tokenizer.")
    }
    _ = try settings.settings(jobs: 1)
    if target != .arpa { _ = try binary.settings(target, memory: settings.memory.bytes) }
  }

  func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    // A binary is made of the text, which then is only on the way.
    let arpa = target == .arpa ? output : temporaryName(for: output + ".arpa")
    defer { if target != .arpa { try? removeFile(arpa) } }
    let report = try withoutLeftovers(of: [output, output + ".arpa", arpa]) { try train(arpa) }
    let seconds = (clock.now - start) / .seconds(1)
    options.say(
      "\(output): order \(settings.order), \(inBytes(Int(try fileSize(output)))), from "
        + "\(grouped(report.sentences)) sentences, \(grouped(report.tokens)) tokens, "
        + "\(grouped(report.types)) types, in \(fixed(seconds, 1)) s\n")
    if result.json { try result.print(table(report)) } else { options.say(table(report).text) }
  }

  private func train(_ arpa: String) throws -> KneserNeyReport {
    let line = ProgressLine()
    return try withProgress(quiet: options.quiet, line: { line.line }) {
      var trainer = try KneserNeyTrainer(try settings.settings(jobs: options.jobs))
      try read(into: &trainer, line)
      let report = try trainer.finish(writing: arpa) { line.show($0.line) }
      if target != .arpa {
        line.show("building \(output)")
        let settings = try binary.settings(target, memory: settings.memory.bytes)
        try NGramBinary.build(from: arpa, to: output, settings)
      }
      return report
    }
  }

  private func read(into trainer: inout KneserNeyTrainer, _ line: ProgressLine) throws {
    guard let tokenizer else {
      for file in files { try trainer.addLines(of: file) { line.show($0.line) } }
      return
    }
    let pieces = try CCNetPieces(try TokenizerModel(path: tokenizer), file: tokenizer)
    let batches = TextBatches(files, format: inputFormat)
    let pool = Pool { CCNetPieces.Scratch() }
    try orderedMap(
      jobs: options.jobs, next: { try batches.next() },
      transform: { batch in
        try pool.withOne { scratch in
          var sentences: [[UInt8]] = []
          let faults = try batch.forEachText { text, _ throws(Fault) in
            var sentence: [UInt8] = []
            pieces.append(text, to: &sentence, scratch: &scratch)
            if !sentence.isEmpty { sentences.append(sentence) }
          }
          return (sentences, faults)
        }
      },
      accept: { (sentences: [[UInt8]], faults: [Fault]) in
        for sentence in sentences { try trainer.add(sentence: sentence.span) }
        for fault in faults { options.say("\(fault)\n") }
        line.show("counting n-grams: \(grouped(trainer.tokens)) tokens")
      })
  }

  private func table(_ report: KneserNeyReport) -> Table {
    var table = Table("n-grams", "in the text", "kept", "discounts")
    for (length, order) in report.orders.enumerated() {
      let discounts = order.discounts.map { fixed(Double($0), 4) }.joined(separator: " ")
      table.add(
        "\(length + 1)", grouped(order.count), grouped(order.kept),
        discounts + (order.isFallback ? " (fallback)" : ""))
    }
    return table
  }
}

extension KneserNeyProgress {
  /// As people read it.
  var line: String {
    guard let total, total > 0 else { return "\(stage.rawValue): \(grouped(done))" }
    return "\(stage.rawValue): \(fixed(100 * Double(done) / Double(total), 1)) %"
  }
}
