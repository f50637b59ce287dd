package import Ground

/// Cuts text into words or into characters and looks each up, as SentencePiece 0.2.3 does for the
/// simplest two of its models.
///
/// - SeeAlso: google/sentencepiece `src/word_model.cc`, `src/char_model.cc`.
package struct SplitEncoder: Sendable {
  package let normalizer: Normalizer
  private let pieces: ByteStrings
  /// By number in `pieces`.
  private let ids: [Int32]
  private let unknown: UnknownPieces
  /// Strings that are one character here, in a model of characters; nil in a model of words.
  private let symbols: DoubleArray?
  private let splitsWords: Bool

  /// - Throws: `Fault` naming `file` where the model is of another kind or contradicts itself.
  package init(_ model: TokenizerModel, file: String = "tokenizer.model") throws(Fault) {
    let type = model.trainer.modelType
    guard type == .word || type == .character else {
      throw Fault(file, at: 0, .unusable("the model is not one of words or characters"))
    }
    splitsWords = type == .word
    normalizer = try Normalizer(model, file: file)
    unknown = try UnknownPieces(model, file: file)
    var names = ByteStrings(minimumCapacity: model.pieces.count)
    var ids: [Int32] = []
    var keys: [(bytes: [UInt8], value: Int)] = []
    for (bytes, id) in try model.textPieces(normalizer, file: file) {
      guard names.insert(bytes.span).isNew else {
        throw Fault(file, at: 0, .unusable("the piece \(model.pieces[id].text) is there twice"))
      }
      ids.append(model.pieces[id].kind == .unused ? -1 : Int32(id))
      if model.pieces[id].kind == .userDefined { keys.append((bytes, id)) }
    }
    keys.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    symbols = keys.isEmpty || splitsWords ? nil : DoubleArrayBuilder.build(keys)
    pieces = names
    self.ids = ids
  }

  /// The ids of `text`.
  package func encode(_ text: [UInt8]) -> [Int32] {
    var ids: [Int32] = []
    encode(text.span, into: &ids)
    return ids
  }

  /// Appends the ids of `text` to `ids`.
  ///
  /// - Complexity: O(n) in the bytes of `text`.
  package func encode(_ text: Span<UInt8>, into ids: inout [Int32]) {
    var normalized: [UInt8] = []
    normalizer.normalize(text, into: &normalized)
    let text = normalized.span
    var isUnknown = false
    var start = 0
    while start < text.count {
      let end = splitsWords ? endOfWord(text, start) : endOfCharacter(text, start)
      let part = text.extracting(start..<end)
      if let number = pieces.find(part), self.ids[number] >= 0 {
        ids.append(self.ids[number])
        isUnknown = false
      } else {
        unknown.append(
          part, marksSpaces: normalizer.marksSpaces, follows: isUnknown, into: &ids)
        isUnknown = true
      }
      start = end
    }
  }

  /// A word ends before the next mark.
  private func endOfWord(_ text: Span<UInt8>, _ start: Int) -> Int {
    var end = start + decodeScalar(text, at: start).length
    while end < text.count {
      let (scalar, length) = decodeScalar(text, at: end)
      if scalar == (normalizer.marksSpaces ? 0x20 : spaceMark) { break }
      end += length
    }
    return end
  }

  private func endOfCharacter(_ text: Span<UInt8>, _ start: Int) -> Int {
    let match = symbols?.longestMatch(text, at: start, limit: 64)
    if let match, match.length > 0 { return start + match.length }
    return start + decodeScalar(text, at: start).length
  }
}
