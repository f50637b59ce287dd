import ArgumentParser

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Train, use and look into classifiers and language models of text.",
    discussion: """
      The files are those of fastText (.bin, .ftz) and KenLM (ARPA, probing, trie).

        quipu model train-language texts.txt --output languages.bin
        quipu model train-lm corpus.txt.zst --output english.bin --tokenizer tokenizer.model
        quipu model score languages.bin documents.jsonl.zst --json
      """,
    subcommands: [
      ModelTrainLanguageCommand.self, ModelTrainClassifierCommand.self, ModelTrainLMCommand.self,
      ModelScoreCommand.self, ModelInspectCommand.self, ModelQuantizeCommand.self,
      ModelConvertCommand.self, ModelCutoffsCommand.self,
    ])
}
