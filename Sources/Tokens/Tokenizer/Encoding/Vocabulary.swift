import Ground

/// The pieces of a BPE model as the encoder looks them up: by scalar and by pair of symbols.
///
/// A symbol is what stands between two possible merges: the id of a piece; a number from the count
/// of pieces up for a scalar that is in some piece but is none itself; or -1 for any other scalar.
struct Vocabulary: Sendable {
  let unknown: UnknownPieces
  /// True where 0x20 stands for U+2581 in normalised text.
  let marksSpaces: Bool
  private var scalars = ScalarTable()
  private(set) var merges = MergeTable([], symbols: 0)
  /// Above every rank of a merge.
  private(set) var rankLimit = 0
  var cuts = CutTable()
  /// By symbol, how many bytes of normalised text it is.
  private(set) var lengths: [Int32]
  /// Pieces that are cut out of text before anything is merged, with their ids.
  private var userDefined: DoubleArray?
  private(set) var hasUserDefined = false
  /// By id; true for pieces that merge but must not come out.
  private(set) var isUnused: [Bool]
  private(set) var hasUnused = false
  /// The pieces that the encoder makes of their own text, and how that stands in normalised text.
  ///
  /// What a trainer made is of this kind almost always.
  private(set) var ownUnits: [(key: ShortKey, id: Int32)] = []

  /// The sum over pieces of the squared length beyond which a model is refused, so that no model
  /// file can keep the loader busy for long; LLaMA's is 5 million.
  private static let workLimit = 1 << 31

  init(_ model: TokenizerModel, _ normalizer: Normalizer, file: String) throws(Fault) {
    func fault(_ what: String) -> Fault { Fault(file, at: 0, .unusable(what)) }
    guard model.pieces.count < 1 << 24 else { throw fault("the model has too many pieces") }
    unknown = try UnknownPieces(model, file: file)
    marksSpaces = normalizer.marksSpaces
    isUnused = model.pieces.map { $0.kind == .unused }
    hasUnused = isUnused.contains(true)
    lengths = Array(repeating: 0, count: model.pieces.count)
    let pieces = try model.textPieces(normalizer, file: file)
    var names = ByteStrings(minimumCapacity: pieces.count)
    var work = 0
    for (bytes, id) in pieces {
      guard names.insert(bytes.span).isNew else {
        throw fault("the piece \(model.pieces[id].text) is there twice")
      }
      work += bytes.count * bytes.count
      guard work < Self.workLimit else { throw fault("the pieces are too long") }
      lengths[id] = Int32(bytes.count)
      let (scalar, length) = decodeScalar(bytes.span, at: 0)
      if length == bytes.count { scalars[scalar] = Int32(id) }
    }
    addMerges(of: pieces, names: names, ranks: ranksByScore(model.pieces))
    let symbols = pieces.filter { model.pieces[$0.id].kind == .userDefined }
      .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }.map {
        (bytes: $0.bytes, value: $0.id)
      }
    if !symbols.isEmpty {
      userDefined = DoubleArrayBuilder.build(symbols)
      if userDefined == nil { throw fault("there are too many user-defined pieces") }
      hasUserDefined = true
    }
    if !hasUserDefined && !hasUnused { ownUnits = findOwnUnits(pieces) }
  }

  /// The longest user-defined piece that begins at `place`.
  func userDefined(in text: Span<UInt8>, at place: Int) -> (id: Int32, length: Int)? {
    guard let userDefined else { return nil }
    let match = userDefined.longestMatch(text, at: place, limit: Normalizer.symbolLimit)
    return match.length == 0 ? nil : (Int32(match.value), match.length)
  }

  /// The symbol of one scalar of normalised text.
  @inline(__always)
  func symbol(of scalar: UInt32) -> Int32 { scalars[scalar] }

  /// Every split of every piece into two symbols is a merge: the encoder joins strings, not the
  /// pairs that the trainer joined.
  private mutating func addMerges(
    of pieces: [(bytes: [UInt8], id: Int)], names: ByteStrings, ranks: [UInt32]
  ) {
    rankLimit = (ranks.max().map(Int.init) ?? 0) + 1
    for (bytes, _) in pieces { addScalars(of: bytes.span) }
    var found: [MergeTable.Merge] = []
    func symbol(_ part: Span<UInt8>) -> Int32? {
      let (first, length) = decodeScalar(part, at: 0)
      if length == part.count { return self.symbol(of: first) }
      return names.find(part).map { Int32(pieces[$0].id) }
    }
    for (bytes, id) in pieces {
      let text = bytes.span
      var (previous, place) = decodeScalar(text, at: 0)
      while place < text.count {
        let (next, length) = decodeScalar(text, at: place)
        cuts.join(previous, next)
        previous = next
        if let left = symbol(text.extracting(0..<place)),
          let right = symbol(text.extracting(place..<text.count))
        {
          found.append(.init(left: left, right: right, rank: ranks[id], symbol: Int32(id)))
        }
        place += length
      }
    }
    merges = MergeTable(found, symbols: lengths.count)
  }

  /// Gives a symbol to the scalars of a piece that are no pieces.
  private mutating func addScalars(of piece: Span<UInt8>) {
    var place = 0
    while place < piece.count {
      let (scalar, length) = decodeScalar(piece, at: place)
      if symbol(of: scalar) < 0 {
        scalars[scalar] = Int32(lengths.count)
        lengths.append(Int32(length))
      }
      place += length
    }
  }

  private func findOwnUnits(
    _ pieces: [(bytes: [UInt8], id: Int)]
  ) -> [(key: ShortKey, id: Int32)] {
    var merger = UnitMerger()
    var units: [(key: ShortKey, id: Int32)] = []
    for (bytes, id) in pieces where bytes.count <= ShortKey.limit {
      merger.take(bytes.span, self)
      merger.merge(self)
      guard merger.count == 1, merger.symbols[0] == Int32(id) else { continue }
      let padded = bytes + [UInt8](repeating: 0, count: ShortKey.window)
      unsafe units.append((ShortKey(padded.span.bytes, start: 0, count: bytes.count), Int32(id)))
    }
    return units
  }
}

extension TokenizerModel.Piece {
  /// True for pieces that text can be merged into.
  var isMergeable: Bool { kind == .normal || kind == .userDefined || kind == .unused }
}

/// The byte that a piece such as `<0x0A>` stands for.
func byteValue(of piece: [UInt8]) -> UInt8? {
  guard piece.count == 6, piece.starts(with: "<0x".utf8), piece[5] == 0x3e else { return nil }
  let digits = String(decoding: piece[3..<5], as: UTF8.self)
  guard let value = UInt8(digits, radix: 16), bytePiece(value) == piece else { return nil }
  return value
}

/// The name of a byte's piece, such as `<0x0A>`.
func bytePiece(_ byte: UInt8) -> [UInt8] {
  let digits = Array("0123456789ABCDEF".utf8)
  return Array("<0x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)], 0x3e]
}

/// Ranks by score, greatest first, equal scores alike: 0 merges first.
///
/// Scores are ordered as SentencePiece compares them, by their bits: -0 comes before -1 and after +0.
private func ranksByScore(_ pieces: [TokenizerModel.Piece]) -> [UInt32] {
  let keys = pieces.map { piece in
    let bits = piece.score.bitPattern
    return bits >> 31 == 0 ? bits | 0x8000_0000 : ~bits
  }
  var rank: [UInt32: UInt32] = [:]
  for key in Set(keys).sorted(by: >) { rank[key] = UInt32(rank.count) }
  return keys.map { rank[$0] ?? 0 }
}
