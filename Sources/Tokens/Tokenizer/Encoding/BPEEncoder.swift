import Ground

/// Encodes with a BPE model exactly as SentencePiece 0.2.3 does.
///
/// The library merges neighbours in one heap over the whole text: the pair whose joined string is
/// the piece with the highest score first, among equals the leftmost. Here the text is first cut
/// where no piece can cross (`CutTable`), short units are looked up (`UnitCache`), and only the rest
/// is merged (`UnitMerger`).
///
/// - SeeAlso: google/sentencepiece `src/bpe_model.cc`.
struct BPEEncoder: Sendable {
  let normalizer: Normalizer
  var vocabulary: Vocabulary
  /// How many ids there are.
  let count: Int
  /// Tells models apart, for what a scratch remembers is of one.
  private let identity: UInt64
  /// True where normalising changes nothing but malformed bytes and what stands for a space, which
  /// windows do on their own.
  let isIdentity: Bool
  /// True where, on top of that, a space is put in front.
  let hasPrefix: Bool

  init(_ model: TokenizerModel, file: String) throws(Fault) {
    normalizer = try Normalizer(model, file: file)
    vocabulary = try Vocabulary(model, normalizer, file: file)
    count = model.pieces.count
    identity = xxh3(model.serialized())
    let spec = model.normalizer
    hasPrefix = spec.addDummyPrefix && !model.trainer.treatWhitespaceAsSuffix
    isIdentity =
      spec.precompiledCharsmap.isEmpty && !spec.removeExtraWhitespaces && spec.escapeWhitespaces
      && hasPrefix == spec.addDummyPrefix
  }

  /// Appends the ids of `text` to `ids`.
  func encode(_ text: Span<UInt8>, into ids: inout [Int32], scratch: inout EncoderScratch) {
    if isIdentity {
      encodePart(text, isNormalized: false, hasPrefix: hasPrefix, into: &ids, scratch: &scratch)
    } else {
      var normalized: [UInt8] = []
      swap(&normalized, &scratch.normalized)  // taken out, so that `scratch` can change
      normalized.removeAll(keepingCapacity: true)
      normalizer.normalize(text, into: &normalized)
      encodePart(
        normalized.span, isNormalized: true, hasPrefix: false, into: &ids, scratch: &scratch)
      swap(&normalized, &scratch.normalized)
    }
  }

  /// Appends the ids of a text, or of what is between exact cuts in one.
  ///
  /// - Parameters:
  ///   - text: The text.
  ///   - isNormalized: True for what the normalizer has made; else it must be the identity.
  ///   - hasPrefix: True where a space is still to be put in front.
  ///   - ids: What the ids are appended to.
  ///   - scratch: Of this thread.
  func encodePart(
    _ text: Span<UInt8>, isNormalized: Bool, hasPrefix: Bool, into ids: inout [Int32],
    scratch: inout EncoderScratch
  ) {
    if text.isEmpty { return }
    scratch.prepare(for: identity, isNarrow: count <= UnitCache.narrowLimit, vocabulary.ownUnits)
    if !canCut { scratch.merger.forgetOrigins() }
    let start = ids.count
    unsafe text.withUnsafeBufferPointer { text in
      for inParts in [true, false] {
        ids.removeLast(ids.count - start)
        scratch.window.begin(isNormalized: isNormalized, hasPrefix: hasPrefix)
        if unsafe encodeWindows(of: text, inParts: inParts, into: &ids, scratch: &scratch) {
          return
        }
      }
    }
    joinUnknown(&ids, from: start)
  }

  /// Leaves one of each run of unknown pieces: what is unknown side by side is one.
  func joinUnknown(_ ids: inout [Int32], from start: Int) {
    guard vocabulary.unknown.byteIDs.isEmpty else { return }
    let unknown = vocabulary.unknown.unknownID
    var kept = start
    for index in start..<ids.count {
      if index > start && ids[index] == unknown && ids[kept - 1] == unknown { continue }
      ids[kept] = ids[index]
      kept += 1
    }
    ids.removeLast(ids.count - kept)
  }

  /// False where how one unit was merged can change another's ids: models with unused pieces.
  var canCut: Bool { !vocabulary.hasUnused }
}
