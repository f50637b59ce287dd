import Ground

/// A model's pieces as the encoder looks them up: by scalar, by bytes and by pair of symbols.
///
/// A symbol is what stands between two possible merges: the id of a piece, or, for a single scalar
/// that is no piece, that scalar with the sign bit set.
struct Vocabulary: Sendable {
  /// By ASCII scalar; U+0020 stands for U+2581, as in normalised text.
  private var ascii: [Int32]
  private var others: [UInt32: Int32] = [:]
  private(set) var merges = MergeTable()
  private(set) var boundaries = Boundaries()
  /// The ids of the 256 byte pieces, or none.
  private(set) var byteIDs: [Int32] = []
  private(set) var unknownID: Int32 = -1
  private(set) var userDefined: Literals
  /// By id; true for pieces that merge but must not come out.
  private(set) var isUnused: [Bool]
  private(set) var hasUnused = false
  /// The scalars of unused pieces of one scalar, by id.
  private var unusedScalars: [Int32: UInt32] = [:]

  /// The sum over pieces of the squared length beyond which a model is refused, so that no model
  /// file can keep the loader busy for long; LLaMA's is 5 million.
  static let workLimit = 1 << 31

  init(_ model: TokenizerModel, file: String) throws(Fault) {
    func fault(_ what: String) -> Fault { Fault(file, at: 0, .unusable(what)) }
    ascii = (0..<128).map { unknownSymbol($0) }
    ascii[0x20] = unknownSymbol(spaceMark)
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
        if length == piece.bytes.count {
          set(first, Int32(id))
          if piece.kind == .unused { unusedScalars[Int32(id)] = first }
        }
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

  /// The symbol of one scalar of normalised text.
  @inline(__always)
  func symbol(of scalar: UInt32) -> Int32 {
    if scalar < 128 { return ascii[Int(scalar)] }
    return others[scalar] ?? unknownSymbol(scalar)
  }

  /// The scalar that an unused piece without an origin stands for.
  func scalar(ofUnused id: Int32) -> UInt32 { unusedScalars[id] ?? 0xfffd }

  private mutating func set(_ scalar: UInt32, _ id: Int32) {
    if scalar == spaceMark {
      ascii[0x20] = id
    } else if scalar != 0x20 {  // never in normalised text
      if scalar < 128 { ascii[Int(scalar)] = id } else { others[scalar] = id }
    }
  }

  /// Every split of every piece into two symbols is a merge: the encoder joins strings, not the
  /// pairs that the trainer joined.
  private mutating func addMerges(of pieces: [TokenizerModel.Piece], names: ByteStrings) {
    let ranks = ranksByScore(pieces)
    func symbol(_ part: Span<UInt8>) -> Int32? {
      let (first, length) = decodeScalar(part, at: 0)
      if length == part.count {
        return first == spaceMark
          ? self.symbol(of: 0x20)
          : first == 0x20 ? nil : self.symbol(of: first)
      }
      guard let id = names.find(part), pieces[id].isMergeable else { return nil }
      return Int32(id)
    }
    for (id, piece) in pieces.enumerated() where piece.isMergeable {
      let text = piece.bytes.span
      var (previous, place) = decodeScalar(text, at: 0)
      while place < text.count {
        let (next, length) = decodeScalar(text, at: place)
        boundaries.join(previous, next)
        previous = next
        if let left = symbol(text.extracting(0..<place)),
          let right = symbol(text.extracting(place..<text.count))
        {
          merges.insert(left, right, rank: ranks[id], symbol: Int32(id))
        }
        place += length
      }
    }
  }
}

/// The symbol of a scalar that is no piece.
@inline(__always)
func unknownSymbol(_ scalar: UInt32) -> Int32 { Int32(bitPattern: scalar | 0x8000_0000) }

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
