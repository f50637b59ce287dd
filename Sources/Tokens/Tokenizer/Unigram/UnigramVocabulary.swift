import Ground

/// The pieces of a unigram model with what Viterbi's algorithm asks of them.
struct UnigramVocabulary: Sendable {
  /// A double array over the pieces as they stand in normalised text; its values are ids.
  ///
  /// Each unit has in its upper half, if it ends a piece, the bits of that piece's score, so that one look
  /// into memory is enough.
  let trie: [UInt64]
  /// By id.
  let scores: [Float]
  /// The score of a character that is no piece.
  let unknownScore: Float
  /// A bit for each two ASCII characters, at the lower six bits of the second in `word(_:_:)`: set
  /// where a piece has them side by side.
  let joinsASCII: [UInt64]
  /// The same for all others.
  private let boundaries: Boundaries
  let marksSpaces: Bool
  let unknown: UnknownPieces

  /// How much worse than the worst piece an unknown character is.
  private static let unknownPenalty: Float = 10

  /// - Throws: `Fault` where the model contradicts itself.
  init(_ model: TokenizerModel, _ normalizer: Normalizer, file: String) throws(Fault) {
    unknown = try UnknownPieces(model, file: file)
    marksSpaces = normalizer.marksSpaces
    var scores: [Float] = []
    var worst = Float.greatestFiniteMagnitude
    for (id, piece) in model.pieces.enumerated() {
      guard piece.score.isFinite else {
        throw Fault(file, at: 0, .unusable("the score of piece \(id) is \(piece.score)"))
      }
      if piece.kind == .normal { worst = min(worst, piece.score) }
      scores.append(piece.kind == .userDefined ? Self.bonus(piece.bytes.count) : piece.score)
    }
    self.scores = scores
    unknownScore = worst - Self.unknownPenalty
    var keys: [(bytes: [UInt8], value: Int)] = []
    var boundaries = Boundaries()
    var joinsASCII = [UInt64](repeating: 0, count: 256)
    for (bytes, id) in try model.textPieces(normalizer, file: file) {
      keys.append((bytes, id))
      let text = bytes.span
      var (previous, place) = decodeScalar(text, at: 0)
      while place < text.count {
        let (next, length) = decodeScalar(text, at: place)
        boundaries.join(previous, next)
        if previous | next < 128 { joinsASCII[Self.word(previous, next)] |= 1 << UInt64(next & 63) }
        previous = next
        place += length
      }
    }
    self.boundaries = boundaries
    self.joinsASCII = joinsASCII
    keys.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    for (one, two) in zip(keys, keys.dropFirst()) where one.bytes == two.bytes {
      throw Fault(
        file, at: 0, .unusable("the piece \(model.pieces[two.value].text) is there twice"))
    }
    let used = keys.filter { model.pieces[$0.value].kind != .unused }
    guard let array = DoubleArrayBuilder.build(used) else {
      throw Fault(file, at: 0, .unusable("the model has too many pieces"))
    }
    trie = array.units.enumerated().map { node, unit in
      let id = unit >> 31 == 0 ? array.value(at: node) : nil
      return UInt64(unit) | UInt64(id.map { scores[$0].bitPattern } ?? 0) << 32
    }
  }

  /// True where a piece may have these characters side by side, so that text is not cut there.
  @inline(__always)
  func isJoined(_ left: UInt32, _ right: UInt32) -> Bool {
    boundaries.isJoined(left, right)
  }

  @inline(__always)
  static func word(_ left: UInt32, _ right: UInt32) -> Int {
    Int(left << 1 | right >> 6)
  }

  /// The score of a user-defined piece of so many bytes: so good that it is always taken.
  private static func bonus(_ length: Int) -> Float { Float(0.1 * Double(length - 1)) }
}
