public import Ground

extension BPETrainer {
  /// Counts the words of a corpus, or of a sample of its sentences.
  ///
  /// The counts depend neither on `jobs` nor on the order of the files. With a `stateFolder`, the
  /// state is saved there after every `saveInterval` bytes, and counting goes on from what is there;
  /// `removeCountingState` is for when the vocabulary is safe. `reject` takes the lines that are no
  /// documents, in order; counting ends where it throws.
  ///
  /// - Throws: `Fault` where a file cannot be read, the saved state is of other settings or files,
  ///   or the distinct words do not fit into `memory`.
  /// - Complexity: O(n) time, twice over where a sample is drawn; memory grows with the number of
  ///   distinct words, on each of the threads.
  public func countWords(
    in corpus: TrainingCorpus, _ options: CountingOptions = CountingOptions(),
    progress: CountingProgress = CountingProgress(), reject: (Fault) throws -> Void = { _ in }
  ) throws -> (words: WordCounts, tally: CorpusTally) {
    precondition(options.sampleSize >= 0 && options.saveInterval > 0, "\(options)")
    var run = try CountingRun(self, corpus, options, progress)
    try run.drawSample(reject)
    try run.countWords(reject)
    return (run.state.words, run.state.tally)
  }
}

/// What a count depends on, as names and values, to tell whether a saved state is of the same.
func countingIdentity(
  _ settings: TrainerSettings, _ corpus: TrainingCorpus, _ options: CountingOptions
) -> [String] {
  var lines: [String] = []
  for case (let name?, let value) in Mirror(reflecting: settings).children
  where !withoutInfluence.contains(name) { lines.append("\(name): \(value)") }
  lines.append("format: \(corpus.format)")
  lines.append("sample: \(options.sampleSize)")
  lines.append("seed: \(options.seed)")
  lines += corpus.inputs.map {
    "input: \($0.path), \($0.size) bytes, changed at \($0.modified), weight \($0.weight)"
  }
  return lines.map { line in line.split(separator: "\n").joined(separator: " ") }
}

/// The settings that no count depends on, so that they can still be changed after a long one.
private let withoutInfluence: Set<String> = [
  "vocabSize", "characterCoverage", "maxPieceLength", "requiredChars", "hardVocabLimit",
  "vocabularyOutputPieceScore", "unknownSurface",
]
