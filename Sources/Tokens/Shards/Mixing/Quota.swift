/// What one source offers: its tokens once through, and how often they are seen.
public struct Pool: Hashable, Sendable {
  public var source: String
  /// Tokens of the kept documents, each counted once.
  public var tokens: Int
  public var epochs: Double

  public init(source: String, tokens: Int, epochs: Double) {
    self.source = source
    self.tokens = tokens
    self.epochs = epochs
  }
}

/// A row of LLaMA's Table 1, as it comes out.
public struct Quota: Hashable, Sendable {
  public var source: String
  public var uniqueTokens: Int
  public var epochs: Double
  /// Unique tokens × epochs, rounded.
  public var sampledTokens: Int
  /// Sampled tokens over those of all sources, 0 to 1.
  public var share: Double
}

/// Sampled tokens and shares by source.
///
/// - SeeAlso: LLaMA Table 1 (arXiv:2302.13971); shares are of tokens.
public func quotas(_ pools: [Pool]) -> [Quota] {
  let sampled = pools.map { (Double($0.tokens) * $0.epochs).rounded() }
  let total = sampled.reduce(0, +)
  return zip(pools, sampled).map { pool, sampled in
    Quota(
      source: pool.source, uniqueTokens: pool.tokens, epochs: pool.epochs,
      sampledTokens: Int(sampled), share: total > 0 ? sampled / total : 0)
  }
}

/// The epochs that give `total` sampled tokens with the wanted shares: the inverse of `quotas`.
///
/// A source without tokens gets no epochs.
public func epochs(of uniqueTokens: [Int], shares: [Double], total: Double) -> [Double] {
  precondition(
    uniqueTokens.count == shares.count, "\(shares.count) shares for \(uniqueTokens.count)")
  return zip(uniqueTokens, shares).map { $0 > 0 ? $1 * total / Double($0) : 0 }
}
