import ArgumentParser
import Ground
import TextModels

struct ModelQuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Make a classifier small: fastText's .ftz of a .bin.",
    discussion: """
      With --retrain as the program: lr 0.05, epoch 5, and the model's own settings otherwise.

        quipu model quantize languages.bin --output languages.ftz --qnorm
        quipu model quantize pages.bin --output pages.ftz --cutoff 100000 --retrain --input pages.txt
      """)

  @Argument(help: "The model, a .bin.")
  var model: String

  @Option(name: .shortAndLong, help: "The quantised model to write.")
  var output: String

  @OptionGroup(title: "fastText's settings")
  var quantizing: QuantizingOptions

  @Option(help: "The training text, for --retrain.")
  var input: [String] = []

  @OptionGroup(title: "How to train again; epoch, lr and so on")
  var settings: FastTextOptions

  @OptionGroup var options: RunOptions

  func validate() throws {
    guard quantizing.retrain == !input.isEmpty else {
      throw ValidationError("--retrain and --input go together.")
    }
  }

  func run() throws {
    let trained = try TrainedFastText(try FastTextModel(path: model))
    // The program's `quantize` trains again with these, whatever the model was trained with.
    var trainer = FastTextTrainer()
    trainer.settings = trained.settings
    trainer.settings.epoch = 5
    trainer.lr = 0.05
    trainer = settings.applied(to: trainer)
    trainer.jobs = options.jobs
    let line = ProgressLine()
    let quantizer = quantizing.quantizer(trainer, input, jobs: options.jobs)
    try withoutLeftovers(of: [output]) {
      try withProgress(quiet: options.quiet, line: { line.line }) {
        try quantizer.quantize(trained) { line.show($0.line) }.write(to: output)
      }
    }
    let (before, after) = (Int(try fileSize(model)), Int(try fileSize(output)))
    options.say("\(output): \(inBytes(after)), of \(inBytes(before))\n")
  }
}
