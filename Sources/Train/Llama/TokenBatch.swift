/// Sequences one after another, and the token that should follow each.
public struct TokenBatch: Sendable {
  public let sequences: Int
  public let length: Int
  public let tokens: [Int32]
  public let targets: [Int32]

  /// Tokens that look like nothing, the same on every run; the last has no target.
  public init(sequences: Int, length: Int, vocabulary: Int, seed: UInt64) {
    self.sequences = sequences
    self.length = length
    var state = seed
    tokens = (0..<sequences * length).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int32(Int(state >> 33) % vocabulary)
    }
    targets = tokens.dropFirst() + [-1]
  }
}
