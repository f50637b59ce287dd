/// Every way to put a piece together from two pieces, by ids, best score first.
///
/// - Complexity: O(total length of the pieces), each at most 16 characters in practice.
public func merges(of model: TokenizerModel) -> [(left: Int, right: Int, piece: Int)] {
  var names = ByteStrings(minimumCapacity: model.pieces.count)
  for piece in model.pieces { _ = names.insert(piece.bytes.span) }
  guard names.count == model.pieces.count else { return [] }  // a name is there twice
  var merges: [(left: Int, right: Int, piece: Int)] = []
  for (id, piece) in model.pieces.enumerated() where piece.isMergeable {
    let text = piece.bytes.span
    var splits: [(left: Int, right: Int, piece: Int)] = []
    var place = decodeScalar(text, at: 0).length
    while place < text.count {
      if let left = names.find(text.extracting(0..<place)), model.pieces[left].isMergeable,
        let right = names.find(text.extracting(place..<text.count)),
        model.pieces[right].isMergeable
      {
        splits.append((left, right, id))
      }
      place += decodeScalar(text, at: place).length
    }
    merges += splits.sorted { ($0.left, $0.right) < ($1.left, $1.right) }
  }
  return merges.enumerated().sorted { one, two in
    let scores = (model.pieces[one.element.piece].score, model.pieces[two.element.piece].score)
    return scores.0 != scores.1 ? scores.0 > scores.1 : one.offset < two.offset
  }.map(\.element)
}
