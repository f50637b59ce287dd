public import Ground

/// Trains a vocabulary, piece for piece as SentencePiece 0.2.3 does with the same settings.
///
/// Fill `WordCounts` from as many threads as you like, merge them and call `train`; or have a corpus
/// counted, or a sample of it. Every setting of `TrainerSettings` trains what SentencePiece trains, to
/// the score.
///
/// It goes in three steps. Text is cut into units that no piece reaches across, and equal units are
/// counted (`WordCounts`, `UnitCutter`). The alphabet is chosen by how often characters come
/// (`Alphabet`). Then the most frequent pair of neighbouring symbols is joined in all units, again
/// and again (`MergeLoop`).
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
    try self.init(settings, normalizer: try LineNormalizer(settings))
  }

  /// Trains on lines that were normalized by rules of one's own, whatever the settings name; the
  /// model calls them `user_defined`, as SentencePiece does.
  ///
  /// - Throws: `Fault` where the settings contradict each other, or the rules cannot be compiled.
  public init(_ settings: TrainerSettings, rules: NormalizationRules) throws(Fault) {
    try self.init(settings, normalizer: try LineNormalizer(rules, named: "user_defined", settings))
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

  /// The vocabulary of what was counted, the same for any number of `jobs`, which are threads.
  ///
  /// `progress` is told now and then how many merges are made, and how many are wanted.
  ///
  /// - Throws: `Fault` where the text has too few pieces for `vocabSize`, or its alphabet too many
  ///   characters; it names the size that can be had.
  /// - Complexity: O(n log n) in the distinct words.
  public func train(
    _ counts: WordCounts, jobs: Int = 1,
    progress: (_ merges: Int, _ wanted: Int) -> Void = { _, _ in }
  ) throws(Fault) -> TokenizerModel {
    let units = counts.units
    guard units.count > 0 else { throw fault("there is no text to train on") }
    let alphabet = Alphabet(units, settings, jobs: jobs)
    let least = meta.count + (settings.autoCharacterCoverage ? 1 : alphabet.scalars.count)
    guard least <= settings.vocabSize else {
      throw fault(
        "the alphabet alone needs a vocabulary of \(least) pieces, and \(settings.vocabSize) were "
          + "asked for: ask for more, or cover fewer characters")
    }
    let budget = settings.vocabSize - meta.count
    let wanted = settings.autoCharacterCoverage ? budget : settings.vocabSize - least
    var loop = MergeLoop(units, alphabet, rules, jobs: jobs)
    guard !loop.isTooLong else {
      throw fault("there are too many different words: \(units.count)")
    }
    if loop.run(wanted, progress: { progress($0, wanted) }) < wanted {
      // Nothing is left that stands anywhere; what once did follows, so all of it must be kept.
      loop = MergeLoop(units, alphabet, rules, jobs: jobs)
      _ = loop.runKeepingAll(wanted) { progress($0, wanted) }
    }
    let pieces = chosen(alphabet, loop, budget)
    if pieces.count < budget && settings.hardVocabLimit {
      throw fault(
        "the text yields at most \(meta.count + pieces.count) pieces, and \(settings.vocabSize) were "
          + "asked for: ask for that many or fewer, or set hard_vocab_limit to false")
    }
    return try assemble(pieces, spellings: loop.spellings)
  }

  /// The symbols that become pieces, in their order: merges, then characters.
  private func chosen(
    _ alphabet: borrowing Alphabet, _ loop: borrowing MergeLoop, _ budget: Int
  ) -> [Int] {
    let letters = alphabet.scalars.count
    guard settings.autoCharacterCoverage else {
      return Array(letters..<letters + loop.counts.count) + Array(0..<letters)
    }
    let coverage = AutoCoverage(budget: budget, counts: loop.counts, alphabet: alphabet) { merge in
      scalars(of: loop.spellings[letters + merge].span).map { Int(alphabet.number(of: $0)) }
    }
    return Array(letters..<letters + coverage.merges) + coverage.characters
  }

  /// Puts the trained pieces where no control piece stands, with their scores.
  private func assemble(_ order: [Int], spellings: borrowing Spellings) throws(Fault)
    -> TokenizerModel
  {
    var pieces: [TokenizerModel.Piece] = []
    var trained = order.enumerated().makeIterator()
    var seen = ByteStrings(minimumCapacity: meta.count + order.count)
    for id in 0..<max(meta.count + order.count, 1 + (meta.keys.max() ?? 0)) {
      if let piece = meta[id] {
        guard pieces.count == id else {
          throw fault("the text yields too few pieces to give \(piece.text) the id \(id)")
        }
        pieces.append(piece)
      } else if let (turn, name) = trained.next() {
        pieces.append(.init(bytes: spellings[name], score: -Float(turn)))
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
