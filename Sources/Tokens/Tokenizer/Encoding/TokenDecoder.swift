public import Ground

/// Turns ids back into text exactly as SentencePiece 0.2.3 does.
///
/// - SeeAlso: google/sentencepiece `src/sentencepiece_processor.cc`, `Decode`.
public struct TokenDecoder: Sendable {
  private enum Entry: Sendable {
    case text([UInt8], leadingMark: Bool)
    case byte(UInt8)
    case unknown
    case control
  }

  private let entries: [Entry]
  private let unknownSurface: [UInt8]
  /// True where the mark that a text begins with is not one of its spaces.
  private let dropsFirstMark: Bool
  /// True where all marks that pieces at the start of a text begin with are none.
  private let dropsAllMarks: Bool
  private let denormalizer: Normalizer?
  private let file: String

  /// Takes any model: what a piece reads as does not depend on how the model was trained.
  public init(_ model: TokenizerModel, file: String = "tokenizer.model") {
    self.file = file
    unknownSurface = model.trainer.unknownSurface
    dropsAllMarks = model.normalizer.removeExtraWhitespaces
    dropsFirstMark = model.normalizer.addDummyPrefix || dropsAllMarks
    denormalizer = model.denormalizer
    entries = model.pieces.map { piece in
      switch piece.kind {
      case .control: .control
      case .unknown: .unknown
      case .byte: byteValue(of: piece.bytes).map(Entry.byte) ?? .control
      case .normal, .userDefined, .unused:
        .text(withSpaces(piece.bytes), leadingMark: piece.bytes.starts(with: spaceMarkBytes))
      }
    }
  }

  /// The text of `ids`.
  ///
  /// - Throws: `Fault` where an id is not in the vocabulary.
  public func decode(_ ids: [Int32]) throws(Fault) -> [UInt8] {
    var stream = Stream()
    var text: [UInt8] = []
    for id in ids { try append(id, to: &text, &stream) }
    finish(&text, &stream)
    return text
  }

  /// Where a text that comes id by id stands.
  public struct Stream: Sendable {
    /// Byte pieces that are not yet a whole scalar.
    fileprivate var pending: [UInt8] = []
    /// True while the space that the encoder put in front may still come.
    fileprivate var isAtStart = true
    /// Text that the model's denormalizer has still to be done with.
    fileprivate var raw: [UInt8] = []

    public init() {}
  }

  /// Appends what `id` adds to the text, which is nothing while a scalar is incomplete.
  ///
  /// What is appended by all calls and `finish` together is what `decode` gives, and every part of
  /// it is well-formed UTF-8.
  public func append(
    _ id: Int32, to text: inout [UInt8], _ stream: inout Stream
  ) throws(Fault) {
    guard id >= 0, Int(id) < entries.count else {
      throw Fault(file, at: 0, .unusable("no piece has the id \(id)"))
    }
    guard denormalizer != nil else {
      append(entries[Int(id)], to: &text, &stream)
      return
    }
    var raw: [UInt8] = []
    swap(&raw, &stream.raw)
    append(entries[Int(id)], to: &raw, &stream)
    swap(&raw, &stream.raw)
    denormalize(&text, &stream, isEnd: false)
  }

  /// Appends what is left when the last id has come.
  public func finish(_ text: inout [UInt8], _ stream: inout Stream) {
    guard denormalizer != nil else {
      settle(&text, &stream, isEnd: true)
      return
    }
    var raw: [UInt8] = []
    swap(&raw, &stream.raw)
    settle(&raw, &stream, isEnd: true)
    swap(&raw, &stream.raw)
    denormalize(&text, &stream, isEnd: true)
  }

  private func append(_ entry: Entry, to text: inout [UInt8], _ stream: inout Stream) {
    let before = text.count
    if case .byte(let byte) = entry {
      stream.pending.append(byte)
      settle(&text, &stream, isEnd: false)
      if text.count > before { stream.isAtStart = false }
      return
    }
    settle(&text, &stream, isEnd: true)
    if text.count > before { stream.isAtStart = false }
    switch entry {
    case .control, .byte: break
    case .unknown: text.append(contentsOf: unknownSurface)
    case .text(let bytes, let leadingMark):
      let drops = stream.isAtStart && leadingMark && dropsFirstMark
      text.append(contentsOf: drops ? bytes.dropFirst() : bytes[...])
      if drops && !dropsAllMarks { stream.isAtStart = false }
    }
    if text.count > before { stream.isAtStart = false }
  }

  /// Moves text from `stream.raw` through the denormalizer, as far as what follows cannot matter.
  private func denormalize(_ text: inout [UInt8], _ stream: inout Stream, isEnd: Bool) {
    guard let denormalizer else { return }
    if denormalizer.isLocal {
      let raw = stream.raw
      let done = denormalizer.normalizePrefix(raw.span, isEnd: isEnd, into: &text)
      stream.raw.removeFirst(done)
    } else if isEnd {
      text += denormalizer.normalized(stream.raw)
      stream.raw = []
    }
  }

  /// Moves whole scalars from the pending bytes to the text; a byte that begins none is U+FFFD.
  private func settle(_ text: inout [UInt8], _ stream: inout Stream, isEnd: Bool) {
    var place = 0
    let pending = stream.pending
    while place < pending.count {
      let needed = neededBytes(pending[place])
      if !isEnd && pending.count - place < needed { break }
      if let length = scalarLength(pending.span, at: place) {
        text.append(contentsOf: pending[place..<place + length])
        place += length
      } else {
        text.append(contentsOf: UTF8.encodedReplacementCharacter)
        place += 1
      }
    }
    stream.pending.removeFirst(place)
  }
}

/// How many bytes a scalar takes that begins with `first`.
private func neededBytes(_ first: UInt8) -> Int {
  first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf8 ? 4 : 1
}

/// A piece's bytes with a space for every U+2581.
private func withSpaces(_ piece: [UInt8]) -> [UInt8] {
  var text: [UInt8] = []
  text.appendNormalized(piece.span, isValid: true)
  return text
}
