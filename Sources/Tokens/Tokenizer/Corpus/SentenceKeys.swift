import Ground

/// A sentence of the bin in which a sample ends.
struct SampleCandidate: Sendable {
  var key: SampleKey
  var bytes: [UInt8]
}

/// Gives the sentences of a corpus their keys.
struct SentenceKeys: Sendable {
  private let limit: Int
  private let seed: UInt64
  private let weights: [Double]

  init(_ settings: TrainerSettings, _ corpus: TrainingCorpus, _ options: CountingOptions) {
    limit = settings.maxSentenceLength
    seed = options.seed
    weights = corpus.inputs.map(\.weight)
  }

  /// Calls `body` with the key and the place of every sentence of `text` that can be trained on.
  func forEach(
    in text: CorpusBatch.Text, of input: Int, tally: inout CorpusTally,
    _ body: (SampleKey, Range<Int>) -> Void
  ) {
    let bytes = text.bytes.span
    forEachLine(in: bytes) { line in
      let sentence = bytes.extracting(line)
      switch SentenceFate(sentence, limit: limit) {
      case .empty: return
      case .tooLong: tally.tooLong += 1
      case .reserved: tally.reserved += 1
      case .kept:
        tally.sentences += 1
        let offset = text.offset + UInt64(line.lowerBound)
        let key = SampleKey(
          sentence, document: text.document, offset: offset, seed: seed, weight: weights[input])
        body(key, line)
      }
    }
  }
}
