/// How well a vocabulary fits a text.
public struct TextCoverage: Equatable, Sendable {
  public private(set) var bytes = 0
  public private(set) var tokens = 0
  /// Tokens that are single bytes, or stand for what is unknown.
  public private(set) var bytesAndUnknown = 0
  /// How often each piece came, by id.
  public private(set) var counts: [Int]

  private let isFallback: [Bool]

  public init(_ model: TokenizerModel) {
    counts = Array(repeating: 0, count: model.pieces.count)
    isFallback = model.pieces.map { $0.kind == .byte || $0.kind == .unknown }
  }

  /// Adds the ids of so many bytes of text.
  public mutating func add(_ ids: [Int32], bytes: Int) {
    self.bytes += bytes
    tokens += ids.count
    for id in ids {
      counts[Int(id)] += 1
      if isFallback[Int(id)] { bytesAndUnknown += 1 }
    }
  }

  /// How many pieces came at all.
  public var piecesUsed: Int { counts.count { $0 > 0 } }

  public var bytesPerToken: Double { tokens == 0 ? 0 : Double(bytes) / Double(tokens) }
}
