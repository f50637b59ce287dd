/// What a person asks of a vocabulary.
public struct ModelSummary: Equatable, Sendable {
  /// How many pieces there are of each kind.
  public var counts: [TokenizerModel.Piece.Kind: Int] = [:]
  /// How many normal pieces are single characters: the alphabet.
  public var characters = 0
  /// How many normal pieces begin with a space.
  public var wordStarts = 0
  /// Normal pieces by their length in characters; no piece has length 0.
  public var lengths: [Int] = []
  /// The ids of the longest normal pieces, by characters; earlier ids first among equals.
  public var longest: [Int] = []
  /// How many ways there are to put a piece together from two.
  public var merges = 0
  /// The share of characters that training was told to cover.
  public var characterCoverage: Float

  /// Looks at every piece; `longest` names at most so many.
  public init(_ model: TokenizerModel, longest limit: Int = 10) {
    characterCoverage = model.trainer.characterCoverage
    merges = Tokenizer.merges(of: model).count
    var byLength: [(length: Int, id: Int)] = []
    for (id, piece) in model.pieces.enumerated() {
      counts[piece.kind, default: 0] += 1
      guard piece.kind == .normal else { continue }
      let length = scalars(of: piece.bytes.span).count
      while lengths.count <= length { lengths.append(0) }
      lengths[length] += 1
      if length == 1 { characters += 1 }
      if piece.bytes.starts(with: spaceMarkBytes) { wordStarts += 1 }
      byLength.append((length, id))
    }
    byLength.sort { $0.length != $1.length ? $0.length > $1.length : $0.id < $1.id }
    longest = byLength.prefix(limit).map(\.id)
  }
}
