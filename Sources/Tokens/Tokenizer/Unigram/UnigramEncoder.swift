package import Ground

/// Cuts text into the pieces of a unigram model with the greatest sum of scores, exactly as
/// SentencePiece 0.2.3 does.
///
/// Viterbi's algorithm goes over the text once and keeps for each place the best way there. Scores
/// add up in 32 bits, so that between nearly equal ways the text before decides; of equal ways the
/// one with the longer last piece is taken. What no piece crosses is a border between units, and
/// short units are remembered, with how much text before them their answer can bear.
///
/// - SeeAlso: google/sentencepiece `src/unigram_model.cc`, `EncodeOptimized`.
package struct UnigramEncoder: Sendable {
  package let normalizer: Normalizer
  private let vocabulary: UnigramVocabulary
  /// Tells models apart, for what a scratch remembers is of one.
  private let identity: UInt64
  /// The most ids that one byte of normalised text can give.
  private let idsPerByte: Int

  /// - Throws: `Fault` naming `file` where the model is of another kind or contradicts itself.
  package init(_ model: TokenizerModel, file: String = "tokenizer.model") throws(Fault) {
    guard model.trainer.modelType == .unigram else {
      throw Fault(file, at: 0, .unusable("the model is not a unigram model"))
    }
    normalizer = try Normalizer(model, file: file)
    vocabulary = try UnigramVocabulary(model, normalizer, file: file)
    identity = xxh3(model.serialized())
    idsPerByte = vocabulary.unknown.byteIDs.isEmpty ? 1 : 3
  }

  /// The ids of `text`; for many texts, use the other form.
  package func encode(_ text: [UInt8]) -> [Int32] {
    var ids: [Int32] = []
    var scratch = UnigramScratch()
    encode(text.span, into: &ids, scratch: &scratch)
    return ids
  }

  /// Appends the ids of `text` to `ids`.
  ///
  /// - Complexity: O(n) time in the bytes of `text`, times at most the longest piece; O(n) memory,
  ///   which `scratch` keeps.
  package func encode(
    _ text: Span<UInt8>, into ids: inout [Int32], scratch: inout UnigramScratch
  ) {
    var normalized: [UInt8] = []
    swap(&normalized, &scratch.text)  // taken out, so that `scratch` can change while it is read
    normalized.removeAll(keepingCapacity: true)
    normalizer.normalize(text, into: &normalized)
    scratch.unknowns = []
    let end = normalized.count
    if end > 0 {
      for _ in 0..<UnitKey.window { normalized.append(0) }
      encode(normalized.span, end: end, into: &ids, scratch: &scratch)
    }
    swap(&normalized, &scratch.text)
  }

  /// Appends the texts, as SentencePiece shows them, that the last call made the unknown piece of.
  package func appendUnknown(of scratch: UnigramScratch, to texts: inout [[UInt8]]) {
    guard vocabulary.unknown.byteIDs.isEmpty else { return }
    for range in scratch.unknowns {
      texts.append(
        scratch.text[range].flatMap { byte in
          byte == 0x20 && normalizer.marksSpaces ? spaceMarkBytes : [byte]
        })
    }
  }

  /// Appends the ids of text that the normalizer has made.
  ///
  /// - Precondition: The text ends at `end` > 0, and `UnitKey.window` bytes follow.
  private func encode(
    _ text: Span<UInt8>, end: Int, into ids: inout [Int32], scratch: inout UnigramScratch
  ) {
    // Remembered ids are written six at a time.
    let most = idsPerByte * end + UnigramScratch.Slot.idLimit
    scratch.prepare(for: identity, ids: most)
    var unknowns: [Range<Int>] = []
    let count = unsafe text.withUnsafeBufferPointer { text in
      unsafe scratch.withBuffers { buffers, nodes in
        guard let text = text.baseAddress else { return 0 }
        var run = unsafe UnigramRun(vocabulary: vocabulary, text: text, end: end, buffers)
        unsafe run.encode(nodes: &nodes)
        unsafe unknowns = run.unknowns
        return unsafe run.ids - buffers.ids
      }
    }
    scratch.unknowns = unknowns
    ids.append(contentsOf: scratch.ids[..<count])
  }
}
