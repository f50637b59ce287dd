public import Ground

/// Turns text into ids exactly as SentencePiece 0.2.3 does, on any number of threads at once.
///
/// It knows BPE models with the identity normalizer, such as LLaMA's, and refuses others. The ids
/// of `<s>` and `</s>` are never among those of a text; whoever wants them adds them.
///
/// - SeeAlso: google/sentencepiece `src/bpe_model.cc`, `src/normalizer.cc`.
public struct TokenEncoder: Sendable {
  let vocabulary: Vocabulary
  let addsDummyPrefix: Bool
  /// What a new scratch knows from the start.
  private let ownUnits: [(key: ShortKey, id: Int32)]
  /// Tells models apart, for what a scratch remembers is of one.
  private let identity: UInt64

  /// The id of the piece for unknown text; nil where bytes stand in and the model has none.
  public let unknownID: Int32?
  /// The ids of the pieces that begin and end a text; nil where the model has none.
  public let beginID: Int32?
  public let endID: Int32?
  /// How many ids there are.
  public let count: Int

  /// - Throws: `Fault` naming `file` where the model is of another kind or contradicts itself.
  public init(_ model: TokenizerModel, file: String = "tokenizer.model") throws(Fault) {
    func refuse(_ what: String) -> Fault { Fault(file, at: 0, .unusable(what)) }
    guard model.trainer.modelType == .bpe else {
      throw refuse("the model is not a BPE model")
    }
    let normalizer = model.normalizer
    guard normalizer.precompiledCharsmap.isEmpty, !normalizer.removeExtraWhitespaces else {
      throw refuse("the model's normalizer \(normalizer.name) is not the identity")
    }
    guard normalizer.escapeWhitespaces, !model.trainer.treatWhitespaceAsSuffix else {
      throw refuse("the model does not mark spaces in front of words")
    }
    guard model.pieces.count < 1 << 24 else { throw refuse("the model has too many pieces") }
    vocabulary = try Vocabulary(model, file: file)
    ownUnits =
      vocabulary.hasUnused || !vocabulary.userDefined.isEmpty ? [] : vocabulary.ownUnits(model)
    addsDummyPrefix = normalizer.addDummyPrefix
    identity = xxh3(model.serialized())
    count = model.pieces.count
    unknownID = vocabulary.unknownID < 0 ? nil : vocabulary.unknownID
    func control(_ id: Int) -> Int32? {
      model.pieces.indices.contains(id) && model.pieces[id].kind == .control ? Int32(id) : nil
    }
    beginID = control(model.trainer.beginID)
    endID = control(model.trainer.endID)
  }

  /// The ids of `text`; for many texts, use `encode(_:into:scratch:)`.
  public func encode(_ text: [UInt8]) -> [Int32] {
    var ids: [Int32] = []
    var scratch = EncoderScratch()
    encode(text.span, into: &ids, scratch: &scratch)
    return ids
  }

  /// Appends the ids of `text` to `ids`; see the other form.
  public func encode(_ text: [UInt8], into ids: inout [Int32], scratch: inout EncoderScratch) {
    encode(text.span, into: &ids, scratch: &scratch)
  }

  /// Appends the ids of `text` to `ids`.
  ///
  /// Every byte that is not part of well-formed UTF-8 counts as U+FFFD.
  ///
  /// - Complexity: O(n) time, and memory for the ids alone, whatever the text.
  public func encode(_ text: Span<UInt8>, into ids: inout [Int32], scratch: inout EncoderScratch) {
    encode(text, isStart: true, into: &ids, scratch: &scratch)
  }

  /// Appends the ids of a text or, where `isStart` is false, of its rest behind an exact cut.
  func encode(
    _ text: Span<UInt8>, isStart: Bool, into ids: inout [Int32], scratch: inout EncoderScratch
  ) {
    if text.isEmpty { return }
    scratch.prepare(for: identity, isNarrow: count <= UnitCache.narrowLimit, ownUnits)
    if vocabulary.hasUnused { scratch.merger.forgetOrigins() }
    let start = ids.count
    unsafe text.withUnsafeBufferPointer { text in
      let hasPrefix = addsDummyPrefix && isStart
      for inParts in [true, false] {
        ids.removeLast(ids.count - start)
        if unsafe encodeWindows(
          of: text, hasPrefix: hasPrefix, inParts: inParts, into: &ids, scratch: &scratch)
        {
          return
        }
      }
    }
    joinUnknown(&ids, from: start)
  }

  /// Leaves one of each run of unknown pieces: what is unknown side by side is one.
  func joinUnknown(_ ids: inout [Int32], from start: Int) {
    if vocabulary.byteIDs.isEmpty { ids.collapse(vocabulary.unknownID, from: start) }
  }

  /// False where how one unit was merged can change another's ids: models with unused pieces.
  var canCut: Bool { !vocabulary.hasUnused }
}

extension [Int32] {
  fileprivate mutating func collapse(_ unknown: Int32, from start: Int) {
    var kept = start
    for index in start..<count {
      if index > start && self[index] == unknown && self[kept - 1] == unknown { continue }
      self[kept] = self[index]
      kept += 1
    }
    removeLast(count - kept)
  }
}
