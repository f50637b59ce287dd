import ArgumentParser

struct TokenizerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenizer",
    abstract: "Train a tokenizer, and turn text into tokens and back.",
    discussion: "  quipu tokenizer train corpus.txt --output tokenizer.model --preset llama",
    subcommands: [
      TokenizerTrainCommand.self, TokenizerEncodeCommand.self, TokenizerDecodeCommand.self,
      TokenizerInspectCommand.self, TokenizerExportCommand.self,
    ])
}
