import Ground

/// A model's pieces as the encoder looks them up: by scalar, by bytes and by pair of symbols.
///
/// A symbol is what stands between two possible merges: the id of a piece; a number from the count
/// of pieces up for a scalar that is in some piece but is none itself; or -1 for any other scalar.
struct Vocabulary: Sendable {
  /// U+0020 stands for U+2581, as in normalised text.
  private var scalars = ScalarTable()
  private(set) var merges = MergeTable([], symbols: 0)
  /// Above every rank of a merge.
  private(set) var rankLimit = 0
  private(set) var cuts = CutTable()
  /// By symbol, how many bytes of normalised text it is.
  private(set) var lengths: [Int32]
  /// The ids of the 256 byte pieces, or none.
  private(set) var byteIDs: [Int32] = []
  private(set) var unknownID: Int32 = -1
  private(set) var userDefined: Literals
  /// By id; true for pieces that merge but must not come out.
  private(set) var isUnused: [Bool]
  private(set) var hasUnused = false

  /// The sum over pieces of the squared length beyond which a model is refused, so that no model
  /// file can keep the loader busy for long; LLaMA's is 5 million.
  static let workLimit = 1 << 31

  init(_ model: TokenizerModel, file: String) throws(Fault) {
    func fault(_ what: String) -> Fault { Fault(file, at: 0, .unusable(what)) }
    lengths = model.pieces.map { Int32(normalizedLength($0.bytes.span)) }
    isUnused = Array(repeating: false, count: model.pieces.count)
    userDefined = Literals(
      model.pieces.enumerated().filter { $1.kind == .userDefined }.map { (id: $0, bytes: $1.bytes) }
    )
    var names = ByteStrings(minimumCapacity: model.pieces.count)
    var bytes = [Int32?](repeating: nil, count: 256)
    var work = 0
    for (id, piece) in model.pieces.enumerated() {
      guard names.insert(piece.bytes.span).isNew else {
        throw fault("the piece \(piece.text) is there twice")
      }
      work &+= piece.bytes.count &* piece.bytes.count
      guard piece.bytes.count < 8000, work < Self.workLimit else {
        throw fault("pieces are too long: piece \(id) has \(piece.bytes.count) bytes")
      }
      switch piece.kind {
      case .unknown:
        guard unknownID < 0 else { throw fault("there are two unknown pieces") }
        unknownID = Int32(id)
      case .byte:
        guard let byte = byteValue(of: piece.bytes) else {
          throw fault("the byte piece \(piece.text) names no byte")
        }
        bytes[Int(byte)] = Int32(id)
      case .normal, .userDefined, .unused:
        if piece.kind == .unused {
          isUnused[id] = true
          hasUnused = true
        }
        let (first, length) = decodeScalar(piece.bytes.span, at: 0)
        if length == piece.bytes.count { set(first, Int32(id)) }
      case .control: continue
      }
    }
    if model.trainer.byteFallback {
      byteIDs = bytes.compactMap(\.self)
      guard byteIDs.count == 256 else {
        throw fault("the model falls back to bytes but has \(byteIDs.count) of the 256 pieces")
      }
    } else if unknownID < 0 {
      throw fault("the model has neither an unknown piece nor byte pieces")
    }
    addMerges(of: model.pieces, names: names)
  }

  /// The pieces that the encoder makes of their own text, and how that begins in normalised text.
  ///
  /// What a trainer made is of this kind almost always.
  func ownUnits(_ model: TokenizerModel) -> [(key: ShortKey, id: Int32)] {
    var merger = UnitMerger()
    var text: [UInt8] = []
    var units: [(key: ShortKey, id: Int32)] = []
    for (id, piece) in model.pieces.enumerated() where piece.kind == .normal {
      guard lengths[id] <= ShortKey.limit else { continue }
      text.removeAll(keepingCapacity: true)
      text.appendNormalized(piece.bytes.span, isValid: true)
      merger.take(text.span, self)
      merger.merge(self)
      guard merger.count == 1, merger.symbols[0] == Int32(id) else { continue }
      let count = text.count
      text.append(contentsOf: repeatElement(0, count: ShortKey.window))
      unsafe units.append((ShortKey(text.span.bytes, start: 0, count: count), Int32(id)))
    }
    return units
  }

  /// The symbol of one scalar of normalised text.
  @inline(__always)
  func symbol(of scalar: UInt32) -> Int32 { scalars[scalar] }

  private mutating func set(_ scalar: UInt32, _ id: Int32) {
    if scalar == spaceMark {
      scalars[0x20] = id
    } else if scalar != 0x20 {  // never in normalised text
      scalars[scalar] = id
    }
  }

  /// Gives a symbol to the scalars of a piece that are no pieces.
  private mutating func addScalars(of piece: Span<UInt8>) {
    var place = 0
    while place < piece.count {
      let (scalar, length) = decodeScalar(piece, at: place)
      let plain = scalar == spaceMark ? 0x20 : scalar
      if scalar != 0x20 && symbol(of: plain) < 0 {
        scalars[plain] = Int32(lengths.count)
        lengths.append(plain == 0x20 ? 1 : Int32(length))
      }
      place += length
    }
  }

  /// Every split of every piece into two symbols is a merge: the encoder joins strings, not the
  /// pairs that the trainer joined.
  private mutating func addMerges(of pieces: [TokenizerModel.Piece], names: ByteStrings) {
    let ranks = ranksByScore(pieces)
    rankLimit = (ranks.max().map(Int.init) ?? 0) + 1
    for piece in pieces where piece.isMergeable { addScalars(of: piece.bytes.span) }
    var found: [MergeTable.Merge] = []
    func symbol(_ part: Span<UInt8>) -> Int32? {
      let (first, length) = decodeScalar(part, at: 0)
      if length == part.count {
        return first == 0x20 ? nil : self.symbol(of: first == spaceMark ? 0x20 : first)
      }
      guard let id = names.find(part), pieces[id].isMergeable else { return nil }
      return Int32(id)
    }
    for (id, piece) in pieces.enumerated() where piece.isMergeable {
      let text = piece.bytes.span
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
}

/// How many bytes a piece is where U+2581 is one.
private func normalizedLength(_ piece: Span<UInt8>) -> Int {
  var length = piece.count
  var place = 0
  while place < piece.count {
    let (scalar, count) = decodeScalar(piece, at: place)
    if scalar == spaceMark { length -= 2 }
    place += count
  }
  return length
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
