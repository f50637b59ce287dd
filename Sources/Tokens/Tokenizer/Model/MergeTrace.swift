public import Ground

/// Why a text becomes the pieces it does: every merge of a BPE model, in order.
public struct MergeTrace: Equatable, Sendable {
  /// Two neighbours that became one.
  public struct Step: Equatable, Sendable {
    public var left: String
    public var right: String
    /// The piece that both are together.
    public var id: Int32
    /// Its score, which was the greatest of all pairs there were.
    public var score: Float
    /// What the text consists of afterwards.
    public var symbols: [String]
  }

  /// What merging begins with: characters, and user-defined pieces, which nothing joins.
  public let start: [String]
  public let steps: [Step]
  /// What the encoder gives, where characters without a piece are spelled in bytes.
  public let ids: [Int32]

  private struct Symbol {
    var bytes: [UInt8]
    var isFixed: Bool
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// Merges `text` step by step.
  ///
  /// - Throws: `Fault` naming `file` where the model is not a BPE model or contradicts itself.
  /// - Complexity: O(n²) in the characters of `text`, which is meant to be a word.
  public init(
    _ model: TokenizerModel, _ text: String, file: String = "tokenizer.model"
  ) throws(Fault) {
    guard model.trainer.modelType == .bpe else {
      throw Fault(file, at: 0, .unusable("only BPE models merge"))
    }
    ids = try TokenEncoder(model, file: file).encode(Array(text.utf8))
    var names = ByteStrings(minimumCapacity: model.pieces.count)
    var owners: [Int] = []
    for (id, piece) in model.pieces.enumerated() where piece.isMergeable {
      if names.insert(piece.bytes.span).isNew { owners.append(id) }
    }
    let normalized = try Normalizer(model, file: file).normalized(Array(text.utf8))
    var symbols = Self.symbols(of: normalized, model)
    start = symbols.map(\.text)
    var steps: [Step] = []
    while true {
      var best: (place: Int, id: Int)?
      for place in symbols.indices.dropLast() {
        if symbols[place].isFixed || symbols[place + 1].isFixed { continue }
        let joined = symbols[place].bytes + symbols[place + 1].bytes
        guard let number = names.find(joined.span) else { continue }
        let id = owners[number]
        if let best, model.pieces[id].score <= model.pieces[best.id].score { continue }
        best = (place, id)
      }
      guard let best else { break }
      let right = symbols.remove(at: best.place + 1)
      let left = symbols[best.place]
      symbols[best.place].bytes += right.bytes
      steps.append(
        Step(
          left: left.text, right: right.text, id: Int32(best.id),
          score: model.pieces[best.id].score, symbols: symbols.map(\.text)))
    }
    self.steps = steps
  }

  private static func symbols(of text: [UInt8], _ model: TokenizerModel) -> [Symbol] {
    let fixed = model.pieces.filter { $0.kind == .userDefined }.map(\.bytes)
    var symbols: [Symbol] = []
    var place = 0
    while place < text.count {
      let rest = text[place...]
      let longest = fixed.filter { rest.starts(with: $0) }.max { $0.count < $1.count }
      let length = longest?.count ?? decodeScalar(text.span, at: place).length
      symbols.append(Symbol(bytes: Array(rest.prefix(length)), isFixed: longest != nil))
      place += length
    }
    return symbols
  }
}
