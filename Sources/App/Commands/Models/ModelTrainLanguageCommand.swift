import ArgumentParser
import TextModels

struct ModelTrainLanguageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-language",
    abstract: "Train a classifier that tells languages apart.",
    discussion: """
      As train-classifier, with the settings that suit languages: DEFAULTS. Every line is an example, \
      best of a few hundred characters.

        quipu model train-language texts.txt --output languages.bin
        quipu model train-language texts.txt --output languages.ftz --qnorm
      """)

  @OptionGroup var training: FastTextTraining

  func run() throws { try training.run(FastTextTrainer()) }
}
