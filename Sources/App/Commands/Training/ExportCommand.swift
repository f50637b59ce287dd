import ArgumentParser
import Compute
import Ground
import Llama
import Tokenizer
import Trainer

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a trained model in Hugging Face's layout.",
    discussion: "  quipu export run --output model --type bf16")

  enum Number: String, CaseIterable, ExpressibleByArgument { case f32, bf16 }

  @Argument(help: ArgumentHelp("The folder of a training run.", valueName: "run"))
  var runFolder: String

  @Option(help: "The folder to write.")
  var output: String

  @Option(help: "How parameters are stored.")
  var type = Number.f32

  @OptionGroup var options: RunOptions

  func run() throws {
    let folder = RunFolder(path: runFolder)
    let (model, step) = try folder.model(
      maximumTokens: 1, workers: WorkerPool(threads: options.jobs), message: options.say)
    try model.exportHuggingFace(to: output, as: type == .f32 ? .f32 : .bf16)
    if let path = folder.tokenizerPath {
      let tokenizer = try TokenizerModel(path: path)
      try tokenizer.write(to: "\(output)/tokenizer.model")
      try writeAtomically(tokenizerJSON(of: tokenizer), to: "\(output)/tokenizer.json")
      try writeAtomically(
        tokenizerConfigJSON(of: tokenizer, contextLength: model.config.context),
        to: "\(output)/tokenizer_config.json")
    }
    options.say(
      "\(output): the model of step \(step), \(grouped(model.config.parameterCount)) parameters\n")
  }
}
