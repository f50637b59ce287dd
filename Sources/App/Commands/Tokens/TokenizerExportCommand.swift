import ArgumentParser
import Ground
import Tokenizer

struct TokenizerExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a model as Hugging Face's tokenizer.json.",
    discussion: """
        quipu tokenizer export tokenizer.model --output tokenizer.json
        quipu tokenizer export tokenizer.model --output model/

      Into a folder go tokenizer_config.json and special_tokens_map.json as well.
      """)

  @Argument(help: "The model file.")
  var model: String

  @Option(
    help: "The file to write, or a folder: one that is there, or a name that ends in a slash.")
  var output: String

  func run() throws {
    let tokenizer = try TokenizerModel(path: model)
    let json = try tokenizerJSON(of: tokenizer, file: model)
    guard output.hasSuffix("/") || fileKind(output) == .folder else {
      return try writeAtomically(json, to: output)
    }
    try makeFolder(output)
    try writeAtomically(json, to: "\(output)/tokenizer.json")
    try writeAtomically(
      tokenizerConfigJSON(of: tokenizer), to: "\(output)/tokenizer_config.json")
    try writeAtomically(
      specialTokensMapJSON(of: tokenizer), to: "\(output)/special_tokens_map.json")
  }
}
