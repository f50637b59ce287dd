internal import Glibc
internal import Ground

/// How the next token is chosen from logits.
public struct Sampling: Equatable, Sendable {
  /// Divides the logits; 0 takes the most likely token.
  public var temperature: Double
  /// Only the most likely tokens that together reach this probability are drawn from.
  ///
  /// - SeeAlso: nucleus sampling, arXiv:1904.09751, section 3.1.
  public var topP: Double
  public var seed: UInt64

  public init(temperature: Double = 0, topP: Double = 1, seed: UInt64 = 0) {
    precondition(temperature >= 0 && topP > 0 && topP <= 1, "\(temperature), \(topP)")
    self.temperature = temperature
    self.topP = topP
    self.seed = seed
  }

  public static let greedy = Sampling()

  /// The token for a position: the same logits, seed and position give the same token.
  ///
  /// - Complexity: O(V), or O(V · log V) where `topP` is below 1.
  public func choose(from logits: [Float], position: Int) -> Int32 {
    precondition(!logits.isEmpty, "no logits")
    var best = 0
    for index in logits.indices where logits[index] > logits[best] { best = index }
    if temperature == 0 { return Int32(best) }
    let top = Double(logits[best])
    let weights = logits.map { exp((Double($0) - top) / temperature) }
    var order = Array(weights.indices)
    var kept = order.count
    let total = weights.reduce(0, +)
    var mass = total
    if topP < 1 {
      order.sort { (weights[$1], $0) < (weights[$0], $1) }
      mass = 0
      kept = 0
      while kept < order.count && mass < topP * total {
        mass += weights[order[kept]]
        kept += 1
      }
    }
    let chance = Double(scatter(seed ^ scatter(UInt64(position))) >> 11) * 0x1p-53
    var left = chance * mass
    for index in order[..<kept] {
      left -= weights[index]
      if left < 0 { return Int32(index) }
    }
    return Int32(best)
  }
}
