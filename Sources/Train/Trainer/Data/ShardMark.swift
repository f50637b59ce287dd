import Ground
public import Shards

/// A file of training data as a checkpoint remembers it.
public struct ShardMark: Equatable, Sendable {
  public var name: String
  public var tokens: Int
  public var fingerprint: String

  public init(name: String, tokens: Int, fingerprint: String) {
    self.name = name
    self.tokens = tokens
    self.fingerprint = fingerprint
  }

  public init(_ shard: ShardReader) {
    self.init(
      name: fileName(of: shard.path), tokens: shard.tokenCount,
      fingerprint: shard.fingerprint.description)
  }
}
