import Tokenizer

/// Encodes as the definition says, slowly: every step looks at every pair of neighbours.
struct ReferenceEncoder {
  private var ids: [[UInt32]: Int] = [:]
  private let model: TokenizerModel

  init(_ model: TokenizerModel) {
    self.model = model
    for (id, piece) in model.pieces.enumerated()
    where [.normal, .userDefined, .unused].contains(piece.kind) {
      ids[piece.text.unicodeScalars.map(\.value)] = id
    }
  }

  private struct Symbol {
    var text: [UInt32]
    var isFrozen: Bool
  }

  func encode(_ text: String) -> [Int32] {
    if text.isEmpty { return [] }
    let prefix = model.normalizer.addDummyPrefix ? " " : ""
    var symbols = split((prefix + text).unicodeScalars.map { $0 == " " ? 0x2581 : $0.value })
    var origins: [[UInt32]: ([UInt32], [UInt32])] = [:]
    func candidate(_ left: Int) -> Int? {
      guard left >= 0, left + 1 < symbols.count else { return nil }
      let (one, two) = (symbols[left], symbols[left + 1])
      if one.isFrozen || two.isFrozen { return nil }
      guard let id = ids[one.text + two.text] else { return nil }
      return id
    }
    func note(_ left: Int) {
      if candidate(left) != nil {
        let (one, two) = (symbols[left].text, symbols[left + 1].text)
        origins[one + two] = (one, two)
      }
    }
    for left in symbols.indices { note(left) }
    while true {
      var best: (score: Float, left: Int)?
      for left in symbols.indices {
        guard let id = candidate(left) else { continue }
        let score = model.pieces[id].score
        if let best, score <= best.score { continue }
        best = (score, left)
      }
      guard let best else { break }
      symbols[best.left].text += symbols[best.left + 1].text
      symbols.remove(at: best.left + 1)
      note(best.left - 1)
      note(best.left)
    }
    var result: [Int32] = []
    for symbol in symbols { emit(symbol.text, origins, &result) }
    return result
  }

  private func split(_ text: [UInt32]) -> [Symbol] {
    var symbols: [Symbol] = []
    var place = 0
    while place < text.count {
      let match = model.pieces.filter { $0.kind == .userDefined }
        .map { $0.text.unicodeScalars.map(\.value) }
        .filter { text[place...].starts(with: $0) }
        .max { $0.count < $1.count }
      symbols.append(Symbol(text: match ?? [text[place]], isFrozen: match != nil))
      place += match?.count ?? 1
    }
    return symbols
  }

  private func emit(
    _ text: [UInt32], _ origins: [[UInt32]: ([UInt32], [UInt32])], _ result: inout [Int32]
  ) {
    if let id = ids[text] {
      if model.pieces[id].kind != .unused {
        result.append(Int32(id))
        return
      }
      if let origin = origins[text] {
        emit(origin.0, origins, &result)
        emit(origin.1, origins, &result)
        return
      }
    }
    if model.trainer.byteFallback {
      let characters = text.compactMap(Unicode.Scalar.init).map(Character.init)
      result += String(characters).utf8.map { 3 + Int32($0) }
    } else if result.last != 0 {
      result.append(0)
    }
  }
}
