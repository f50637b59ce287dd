public import Ground

/// Turns text into ids exactly as SentencePiece 0.2.3 does, on any number of threads at once.
///
/// It knows BPE models with the identity normalizer, such as LLaMA's, and refuses others. The ids
/// of `<s>` and `</s>` are never among those of a text; whoever wants them adds them.
///
/// - SeeAlso: google/sentencepiece `src/bpe_model.cc`, `src/normalizer.cc`.
public struct TokenEncoder: Sendable {
  private let vocabulary: Vocabulary
  private let addsDummyPrefix: Bool
  /// False where how one unit was merged can change another's ids: models with unused pieces.
  private let cuts: Bool
  private let remembers: Bool
  /// Tells models apart, for what a scratch remembers is of one.
  private let identity: UInt64
  /// The most ids that one byte of normalised text can give.
  private let idsPerByte: Int

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
    addsDummyPrefix = normalizer.addDummyPrefix
    cuts = !vocabulary.hasUnused
    identity = xxh3(model.serialized())
    remembers = cuts && vocabulary.userDefined.isEmpty
    idsPerByte = vocabulary.symbol(of: 0x20) < 0 ? 3 : 1
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

  /// Appends the ids of `text` to `ids`.
  ///
  /// Every byte that is not part of well-formed UTF-8 counts as U+FFFD.
  ///
  /// - Precondition: `text` has less than 2³¹ - 1 bytes.
  /// - Complexity: O(n log n) time at worst, O(n) for text with words.
  public func encode(_ text: [UInt8], into ids: inout [Int32], scratch: inout EncoderScratch) {
    encode(text.span, into: &ids, scratch: &scratch)
  }

  /// Appends the ids of `text` to `ids`; see the other form.
  public func encode(_ text: Span<UInt8>, into ids: inout [Int32], scratch: inout EncoderScratch) {
    if text.isEmpty { return }
    scratch.prepare(for: identity)
    var normalized: [UInt8] = []
    swap(&normalized, &scratch.text)  // taken out, so that `scratch` can change while it is read
    normalized.removeAll(keepingCapacity: true)
    if addsDummyPrefix { normalized.append(0x20) }
    normalized.appendNormalized(text, isValid: (try? UTF8Span(validating: text)) != nil)
    let end = normalized.count
    for _ in 0..<ShortKey.window { normalized.append(0) }
    ids.reserve(idsPerByte * end)
    let start = ids.count
    if cuts {
      encodeUnits(normalized.span, end: end, into: &ids, scratch: &scratch)
    } else {
      scratch.merger.forgetOrigins()
      encodeUnit(normalized.span, 0..<end, into: &ids, scratch: &scratch)
    }
    if vocabulary.byteIDs.isEmpty { ids.collapse(vocabulary.unknownID, from: start) }
    swap(&normalized, &scratch.text)
  }

  /// Cuts the text where that is exact, and encodes unit by unit.
  private func encodeUnits(
    _ text: Span<UInt8>, end: Int, into ids: inout [Int32], scratch: inout EncoderScratch
  ) {
    var start = 0
    var (previous, place) = decodeScalar(text, at: 0)
    while place < end {
      let (next, length) = decodeScalar(text, at: place)
      if !vocabulary.boundaries.isJoined(previous, next) {
        encodeOrRecall(text, start..<place, into: &ids, scratch: &scratch)
        start = place
      }
      previous = next
      place += length
    }
    encodeOrRecall(text, start..<end, into: &ids, scratch: &scratch)
  }

  @inline(__always)
  private func encodeOrRecall(
    _ text: Span<UInt8>, _ unit: Range<Int>, into ids: inout [Int32],
    scratch: inout EncoderScratch
  ) {
    guard remembers, unit.count <= ShortKey.limit else {
      encodeUnit(text, unit, into: &ids, scratch: &scratch)
      return
    }
    if unit.count == 1 {
      let symbol = vocabulary.symbol(of: UInt32(text[unit.lowerBound]))
      if symbol >= 0 {
        ids.append(symbol)
        return
      }
    }
    let key = unsafe ShortKey(text.bytes, start: unit.lowerBound, count: unit.count)
    let place = Int(truncatingIfNeeded: key.hash >> (64 - EncoderScratch.cacheBits))
    let slot = scratch.cache[place]
    if slot.key == key {
      for index in 0..<slot.count { ids.append(slot.ids[index]) }
      return
    }
    let first = ids.count
    encodeUnit(text, unit, into: &ids, scratch: &scratch)
    let count = ids.count - first
    guard count <= 8 else { return }
    var fresh = EncoderScratch.Slot(key: key, count: count)
    for index in 0..<count { fresh.ids[index] = ids[first + index] }
    scratch.cache[place] = fresh
  }

  private func encodeUnit(
    _ text: Span<UInt8>, _ unit: Range<Int>, into ids: inout [Int32],
    scratch: inout EncoderScratch
  ) {
    var place = unit.lowerBound
    scratch.merger.begin()
    while place < unit.upperBound {
      if !vocabulary.userDefined.isEmpty,
        let match = vocabulary.userDefined.match(text, at: place, end: unit.upperBound)
      {
        flush(into: &ids, &scratch.merger)
        ids.append(match.id)
        scratch.merger.begin()
        place += match.length
        continue
      }
      let (next, length) = decodeScalar(text, at: place)
      scratch.merger.append(vocabulary.symbol(of: next))
      place += length
    }
    flush(into: &ids, &scratch.merger)
  }

  private func flush(into ids: inout [Int32], _ merger: inout UnitMerger) {
    merger.merge(vocabulary)
    for symbol in merger.symbols {
      if symbol >= 0 && !vocabulary.isUnused[Int(symbol)] {
        ids.append(symbol)
      } else {
        appendUnknown(symbol, into: &ids, merger)
      }
    }
  }

  /// Appends a scalar that is no piece, or takes an unused piece apart again.
  private func appendUnknown(_ symbol: Int32, into ids: inout [Int32], _ merger: UnitMerger) {
    // SentencePiece takes apart at most 100 levels, and lets what is deeper stand.
    var waiting = [(symbol: symbol, depth: 0)]
    while let (symbol, depth) = waiting.popLast() {
      if symbol >= 0 {
        if !vocabulary.isUnused[Int(symbol)] || depth > 100 {
          ids.append(symbol)
          continue
        }
        if let origin = merger.origins[symbol] {
          waiting.append((origin.right, depth + 1))
          waiting.append((origin.left, depth + 1))
          continue
        }
      }
      guard !vocabulary.byteIDs.isEmpty else {
        ids.append(vocabulary.unknownID)
        continue
      }
      let scalar =
        symbol >= 0 ? vocabulary.scalar(ofUnused: symbol) : UInt32(bitPattern: symbol) & 0x7fff_ffff
      var bytes: [UInt8] = []
      bytes.append(scalar: scalar)
      for byte in bytes { ids.append(vocabulary.byteIDs[Int(byte)]) }
    }
  }
}

extension [Int32] {
  /// Makes room for `more` without giving up that the array doubles when it grows.
  fileprivate mutating func reserve(_ more: Int) {
    if count + more > capacity { reserveCapacity(Swift.max(count + more, 2 * capacity)) }
  }

  /// Leaves one of each run of `unknown`: what is unknown side by side is one piece.
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
