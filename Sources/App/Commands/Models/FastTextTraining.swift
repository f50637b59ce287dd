import ArgumentParser
import Formats
import Ground
import TextModels

/// What training a language identifier and any other classifier share.
struct FastTextTraining: ParsableArguments {
  @Argument(help: "Lines `__label__xx text`; .gz, .bz2 and .zst are understood.")
  var files: [String]

  @Option(
    name: .shortAndLong, help: "The model to write: .bin, or .ftz for a small, quantised one.")
  var output: String

  @OptionGroup(title: "fastText's settings")
  var settings: FastTextOptions

  @OptionGroup(title: "Quantising, where OUTPUT ends with .ftz")
  var quantizing: QuantizingOptions

  @Option(name: .program("thread"), help: "The program's name of --jobs.")
  var thread: Int?

  @Option(help: "Memory that training may use.")
  var memory = ByteCount(16_000_000_000)

  @OptionGroup var result: ResultOptions
  @OptionGroup var options: RunOptions

  func validate() throws {
    guard thread ?? 1 > 0 else { throw ValidationError("--thread must be at least 1.") }
  }

  /// Trains with the settings of `trainer` where the user wants no others.
  func run(_ trainer: FastTextTrainer) throws {
    var trainer = settings.applied(to: trainer)
    trainer.jobs = thread ?? options.jobs
    trainer.memory = memory.bytes
    let clock = ContinuousClock()
    let start = clock.now
    let model = try withoutLeftovers(of: [output]) { try train(trainer) }
    let size = Int(try fileSize(output))
    let seconds = (clock.now - start) / .seconds(1)
    let counts = model.textCounts
    options.say(
      "\(output): \(grouped(model.labelCount)) labels, \(grouped(model.wordCount)) words, "
        + "\(inBytes(size)), from \(grouped(counts.lines)) lines"
        + (counts.unlabelledLines > 0 ? ", \(grouped(counts.unlabelledLines)) without a label" : "")
        + ", \(grouped(counts.tokens)) tokens, in \(fixed(seconds, 1)) s\n")
    guard result.json else { return }
    var json = JSONWriter()
    json.object { json in
      json.key("output")
      json.string(output)
      for (name, number) in [
        ("labels", model.labelCount), ("words", model.wordCount), ("bytes", size),
        ("lines", counts.lines), ("linesWithoutLabel", counts.unlabelledLines),
        ("tokens", counts.tokens),
      ] {
        json.key(name)
        json.integer(number)
      }
      json.key("seconds")
      json.number(seconds)
    }
    var standard = StandardOutput()
    try standard.write(json.bytes + [0x0a])
    try standard.flush()
  }

  /// Trains, and writes the model in the form that the output's name asks for.
  private func train(_ trainer: FastTextTrainer) throws -> TrainedFastText {
    let line = ProgressLine()
    return try withProgress(quiet: options.quiet, line: { line.line }) {
      let model = try trainer.train(files) { line.show($0.line) }
      if output.hasSuffix(".ftz") {
        let quantizer = quantizing.quantizer(trainer, files, jobs: trainer.jobs)
        try quantizer.quantize(model) { line.show($0.line) }.write(to: output)
      } else {
        try model.write(to: output)
      }
      return model
    }
  }
}

struct QuantizingOptions: ParsableArguments {
  @Option(name: .program("cutoff"), help: "Keep so many words and n-grams; 0 for all.")
  var cutoff = 0

  @Flag(name: .program("retrain"), help: "With --cutoff: train again with what is left.")
  var retrain = false

  @Flag(name: .program("qnorm"), help: "Quantise the lengths of vectors apart.")
  var qnorm = false

  @Flag(name: .program("qout"), help: "Quantise the vectors of labels too.")
  var qout = false

  @Option(name: .program("dsub"), help: "So many numbers become one code.")
  var dsub = 2

  func quantizer(_ trainer: FastTextTrainer, _ files: [String], jobs: Int) -> FastTextQuantizer {
    var quantizer = FastTextQuantizer()
    quantizer.cutoff = cutoff
    quantizer.qnorm = qnorm
    quantizer.qout = qout
    quantizer.dsub = dsub
    quantizer.jobs = jobs
    if retrain {
      quantizer.retrain = trainer
      quantizer.retrainFiles = files
    }
    return quantizer
  }
}
