public import Ground

/// Trains a vocabulary, piece for piece as SentencePiece 0.2.3 does with the same settings.
///
/// Fill `WordCounts` from as many threads as you like, merge them and call `train`. The identity
/// normalizer is the only one, sentences are not sampled, and spaces are marked in front of words.
///
/// - SeeAlso: google/sentencepiece `src/bpe_model_trainer.cc`, `src/trainer_interface.cc`.
public struct BPETrainer: Sendable {
  public let settings: TrainerSettings
  private let rules: PieceRules
  private let normalizer: LineNormalizer
  private let empty: WordCounts
  private let meta: [Int: TokenizerModel.Piece]

  /// - Throws: `Fault` where the settings contradict each other.
  public init(_ settings: TrainerSettings) throws(Fault) {
    try self.init(settings, normalizer: .identity(settings))
  }

  /// Trains on lines that `normalizer` has rewritten.
  package init(_ settings: TrainerSettings, normalizer: LineNormalizer) throws(Fault) {
    try settings.check()
    self.settings = settings
    meta = try settings.metaPieces()
    rules = PieceRules(settings)
    self.normalizer = normalizer
    empty = WordCounts(
      rules, normalizer: normalizer, literals: meta.sorted { $0.key < $1.key }.map(\.value.bytes))
  }

  /// Counts of no text, to be filled.
  public func counts() -> WordCounts { empty }

  /// The vocabulary of what was counted.
  ///
  /// - Throws: `Fault` where the text has too few pieces for `vocabSize`, or its alphabet too many
  ///   characters; it names the size that can be had.
  /// - Complexity: O(n log n) in the distinct words.
  public func train(_ counts: WordCounts) throws(Fault) -> TokenizerModel {
    let (bytes, units) = counts.units.all()
    guard !units.isEmpty else { throw fault("there is no text to train on") }
    guard bytes.count + units.count + 16 < Int(Int32.max) else {
      throw fault("there are too many different words: \(units.count)")
    }
    let alphabet = Alphabet(bytes: bytes, units: units, settings: settings)
    let least = meta.count + alphabet.scalars.count
    guard least <= settings.vocabSize else {
      throw fault(
        "the alphabet alone needs a vocabulary of \(least) pieces, and \(settings.vocabSize) were "
          + "asked for: ask for more, or cover fewer characters")
    }
    let (names, merges) = merge(bytes, units, alphabet, settings.vocabSize - least)
    if merges < settings.vocabSize - least && settings.hardVocabLimit {
      throw fault(
        "the text yields at most \(least + merges) pieces, and \(settings.vocabSize) were asked "
          + "for: ask for that many or fewer, or set hard_vocab_limit to false")
    }
    let letters = alphabet.scalars.count
    return try assemble(
      Array(letters..<letters + merges) + Array(0..<letters), names: names)
  }

  /// Joins pairs; first without those too rare to be reached, and with them if that was not enough.
  private func merge(
    _ bytes: [UInt8], _ units: [(range: Range<Int>, count: Int)], _ alphabet: Alphabet,
    _ count: Int
  ) -> (ByteStrings, Int) {
    let total = units.reduce(0) { $0 + $1.count }
    for floor in [total / 1_000_000, 0] {
      var loop = MergeLoop(
        bytes: bytes, units: units, alphabet: alphabet, rules: rules, floor: floor)
      if let made = loop.run(count) { return (loop.names, made) }
    }
    return (ByteStrings(), 0)
  }

  /// Puts the trained pieces where no control piece stands, with their scores.
  private func assemble(_ order: [Int], names: ByteStrings) throws(Fault) -> TokenizerModel {
    var pieces: [TokenizerModel.Piece] = []
    var trained = order.enumerated().makeIterator()
    var seen = ByteStrings(minimumCapacity: settings.vocabSize)
    for id in 0..<settings.vocabSize {
      if let piece = meta[id] {
        guard pieces.count == id else {
          throw fault("the text yields too few pieces to give \(piece.text) the id \(id)")
        }
        pieces.append(piece)
      } else if let (turn, name) = trained.next() {
        pieces.append(.init(bytes: Array(names[name]), score: -Float(turn)))
      }
      if let last = pieces.last, pieces.count > seen.count, !seen.insert(last.bytes.span).isNew {
        throw fault("the piece \(last.text) is there twice")
      }
    }
    return TokenizerModel(
      pieces: pieces, trainer: TrainerSpec(settings, vocabSize: pieces.count),
      normalizer: normalizer.spec)
  }

  private func fault(_ what: String) -> Fault { Fault("tokenizer", at: 0, .unusable(what)) }
}
