import ArgumentParser
import TextModels

struct ModelTrainLanguageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-language",
    abstract: "Train a classifier that tells languages apart.",
    discussion: """
      As train-classifier, with settings that suit languages: n-grams of 1 to 4 characters, words \
      that come a thousand times, lr 0.5, dim 16, epoch 10, minCount 1000, bucket 500,000. Every line \
      is an example, best of a few hundred characters.

        quipu model train-language texts.txt --output languages.bin
        quipu model train-language texts.txt --output languages.ftz --qnorm
      """)

  @OptionGroup var training: FastTextTraining

  func run() throws { try training.run(.languages) }
}
