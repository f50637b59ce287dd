public import Ground

/// The two parts of a corpus.
public enum Split: String, Sendable, CaseIterable { case train, validation }

/// How documents become an order of tokens: pure functions of a document's id and a seed.
///
/// Nothing here depends on the order in which documents come, on counts of others, or on time. So
/// every task can decide about its own documents alone, and a rebuilt corpus is the same.
public struct Mix: Hashable, Sendable {
  public var seed: UInt64
  /// How often each source is seen, by source index; 2.45 is twice for all, a third time for 45 %.
  public var epochs: [Double]
  /// The share of documents held back for validation, between 0 and 1.
  public var validationFraction: Double
  /// How many tokens a shard has, about.
  public var tokensPerShard: Int

  /// - Precondition: Epochs are finite and not negative, the fraction is between 0 and 1, and
  ///   `tokensPerShard` is positive.
  public init(
    seed: UInt64, epochs: [Double], validationFraction: Double, tokensPerShard: Int
  ) {
    precondition(
      epochs.allSatisfy { $0 >= 0 && $0 < 1e6 }, "epochs \(epochs); 0 to 1,000,000 are possible")
    precondition(
      validationFraction >= 0 && validationFraction <= 1,
      "validation fraction \(validationFraction); 0 to 1 is possible")
    precondition(tokensPerShard > 0, "\(tokensPerShard) tokens a shard; at least 1 is needed")
    self.seed = seed
    self.epochs = epochs
    self.validationFraction = validationFraction
    self.tokensPerShard = tokensPerShard
  }

  public func isValidation(_ id: Hash128) -> Bool {
    hash(id, .validation).isBelow(validationFraction)
  }

  public func split(of id: Hash128) -> Split { isValidation(id) ? .validation : .train }

  /// How often a training document is used: the whole epochs, and one more for the fraction's share.
  public func copies(of id: Hash128, epochs: Double) -> Int {
    let whole = epochs.rounded(.down)
    return Int(whole) + (hash(id, .epoch).isBelow(epochs - whole) ? 1 : 0)
  }

  /// The place of a document's copy among all others of its split: ascending keys are the order.
  public func orderKey(of id: Hash128, epoch: Int) -> UInt64 {
    hash(id, .order, UInt64(epoch))
  }

  /// Every use of a document in its split.
  ///
  /// A validation document is used once, whatever its source's epochs, and never in training; a
  /// source with no epochs is not used at all.
  public func draws(of id: Hash128, source: Int) -> [Draw] {
    let copies =
      isValidation(id)
      ? (epochs[source] > 0 ? 1 : 0) : copies(of: id, epochs: epochs[source])
    return (0..<copies).map { Draw(key: orderKey(of: id, epoch: $0), id: id, epoch: $0) }
  }

  /// How many shards a split with that many tokens has: at least one.
  public func shardCount(tokens: Int) -> Int {
    max(1, tokens / tokensPerShard + (tokens % tokensPerShard == 0 ? 0 : 1))
  }

  /// The shard of a draw: shards cut the range of keys into equal parts, so that each can be
  /// gathered and sorted alone, and all of them one after the other are in the order of keys.
  public static func shard(ofKey key: UInt64, count: Int) -> Int {
    Int(key.multipliedFullWidth(by: UInt64(count)).high)
  }

  private enum Purpose: UInt64 { case validation = 1, epoch, order }

  /// XXH3 of the id (big-endian), the purpose and a number (little-endian), keyed by the seed.
  private func hash(_ id: Hash128, _ purpose: Purpose, _ number: UInt64 = 0) -> UInt64 {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    bytes.append(littleEndian: id.high.byteSwapped)
    bytes.append(littleEndian: id.low.byteSwapped)
    bytes.append(littleEndian: purpose.rawValue)
    bytes.append(littleEndian: number)
    return xxh3(bytes, seed: seed)
  }
}

/// One use of one document; `<` is the order of the split.
public struct Draw: Hashable, Comparable, Sendable {
  public var key: UInt64
  public var id: Hash128
  /// Which use of the document this is, from 0.
  public var epoch: Int

  public init(key: UInt64, id: Hash128, epoch: Int) {
    self.key = key
    self.id = id
    self.epoch = epoch
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.key, left.id, left.epoch) < (right.key, right.id, right.epoch)
  }
}

extension UInt64 {
  /// True for that fraction of all numbers.
  fileprivate func isBelow(_ fraction: Double) -> Bool {
    fraction >= 1 || Double(self >> 11) < fraction * 0x1p53
  }
}
