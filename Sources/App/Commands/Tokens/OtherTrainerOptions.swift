import ArgumentParser

/// Options of SentencePiece's `spm_train` that are spelled otherwise here, or that mean nothing to
/// byte-pair encoding: they are understood, so that its command lines work, but not shown.
struct OtherTrainerOptions: ParsableArguments {
  @Option(help: .hidden) var input: String?
  @Option(help: .hidden) var modelPrefix: String?
  @Option(help: .hidden) var modelType = "bpe"
  @Option(help: .hidden) var numThreads: Int?
  @Option(help: .hidden) var randomSeed: UInt64?

  // No effect on byte-pair encoding.
  @Option(help: .hidden) var acceptLanguage: String?
  @Option(help: .hidden) var seedSentencepieceSize: Int?
  @Option(help: .hidden) var shrinkingFactor: Double?
  @Option(help: .hidden) var numSubIterations: Int?
  @Flag(inversion: .prefixedNo, help: .hidden) var shuffleInputSentence = true
  @Flag(inversion: .prefixedNo, help: .hidden) var trainExtremelyLargeCorpus = false

  // Only their defaults can be had.
  @Option(help: .hidden) var selfTestSampleSize = 0
  @Option(help: .hidden) var denormalizationRuleTsv = ""
  @Option(help: .hidden) var seedSentencepiecesFile = ""
  @Flag(inversion: .prefixedNo, help: .hidden) var useAllVocab = false
  @Flag(inversion: .prefixedNo, help: .hidden) var enableDifferentialPrivacy = false

  func validate() throws {
    guard modelType == "bpe" else {
      throw ValidationError("--model-type is \(modelType); bpe is what can be trained.")
    }
    guard numThreads ?? 1 > 0 else {
      throw ValidationError("--num-threads is \(numThreads ?? 0); it must be at least 1.")
    }
    for (name, isDefault) in [
      ("self-test-sample-size", selfTestSampleSize == 0),
      ("denormalization-rule-tsv", denormalizationRuleTsv.isEmpty),
      ("seed-sentencepieces-file", seedSentencepiecesFile.isEmpty),
      ("use-all-vocab", !useAllVocab),  // SentencePiece refuses it for byte-pair encoding as well
      ("enable-differential-privacy", !enableDifferentialPrivacy),
    ] where !isDefault {
      throw ValidationError("--\(name) is not supported.")
    }
  }
}
