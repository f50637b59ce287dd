import ArgumentParser
import TextModels

struct ModelTrainClassifierCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-classifier",
    abstract: "Train a classifier of texts, as fastText's `supervised` does.",
    discussion: """
      The names and defaults are those of the fastText program: lr 0.1, dim 100, epoch 5, words alone, \
      softmax. Its own spelling is understood as well: -lr 0.5 -wordNgrams 2. The model does not \
      depend on --jobs.

        quipu model train-classifier pages.txt --output references.bin
        quipu model train-classifier pages.txt --output references.ftz --epoch 10 --word-ngrams 2 \\
          --qnorm --cutoff 100000 --retrain
      """)

  @OptionGroup var training: FastTextTraining

  func run() throws { try training.run(FastTextTrainer()) }
}
