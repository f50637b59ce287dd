import ArgumentParser
import Ground
import Tokenizer

struct TokenizerExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
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
