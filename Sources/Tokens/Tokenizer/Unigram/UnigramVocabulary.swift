import Ground

/// The pieces of a unigram model with what Viterbi's algorithm asks of them.
struct UnigramVocabulary: Sendable {
  /// A double array over the pieces as they stand in normalised text.
  ///
  /// A unit holds what one step needs, so that one look into memory is enough. The value of a piece
  /// is its id, and stands in the upper half of the unit at its node's base:
  ///
  ///     bits 63 … 32       31 … 10   9          8         7 … 0
  ///     score, or the id   base      is piece   a value   label
  let trie: [UInt64]
  /// By id.
  let scores: [Float]
  /// The score of a character that is no piece.
  let unknownScore: Float
  /// A bit for each two ASCII characters, at the lower six bits of the second in `word(_:_:)`: set
  /// where a piece has them side by side.
  let joinsASCII: [UInt64]
  /// The same for all others.
  private let boundaries: CutTable
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
    var boundaries = CutTable()
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
    guard array.units.count <= 1 << 22 else {
      throw Fault(file, at: 0, .unusable("the model has too many pieces"))
    }
    trie = array.units.enumerated().map { node, unit in
      if unit >> 31 != 0 { return UInt64(unit) << 32 | 0x100 }
      let id = array.value(at: node)
      let base = UInt64(node ^ DoubleArray.offset(unit)) << 10
      let score = UInt64(id.map { scores[$0].bitPattern } ?? 0) << 32
      return score | base | (id == nil ? 0 : 0x200) | UInt64(unit & 0xff)
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
