public import Ground

/// The tokens of many shards as one long row, in the order of the shards.
public final class TokenStream: Sendable {
  public let shards: [ShardReader]
  /// Tokens of all shards.
  public let count: Int
  private let starts: [Int]  // the first token of each shard

  public init(_ shards: [ShardReader]) {
    self.shards = shards
    var starts: [Int] = []
    var count = 0
    for shard in shards {
      starts.append(count)
      count += shard.tokenCount
    }
    self.starts = starts
    self.count = count
  }

  /// Opens all shards of a folder, in byte order of their names.
  ///
  /// - Throws: `Fault` where the folder has none, or one is damaged.
  public convenience init(folder: String) throws(Fault) {
    guard fileKind(folder) == .folder else {
      throw Fault(
        folder, at: 0,
        .unusable(
          "there is no such folder of token shards; `quipu build` makes it, or give another"))
    }
    var shards: [ShardReader] = []
    for stem in try shardStems(in: folder) { shards.append(try ShardReader(path: stem)) }
    guard !shards.isEmpty else {
      throw Fault(
        folder, at: 0,
        .unusable("the folder has no token shards (.bin with .idx); build the corpus first"))
    }
    self.init(shards)
  }

  /// How many sequences of `length` inputs and as many targets there are; the rest is left out.
  ///
  /// Sequence `i` has the tokens from `i · length`; its targets are shifted by one, so neighbours
  /// share one token and every token but the first is a target at most once.
  public func sequenceCount(length: Int) -> Int {
    precondition(length > 0, "sequences of \(length) tokens")
    return max(0, (count - 1) / length)
  }

  /// Appends the `length + 1` tokens of a sequence: inputs are all but the last, targets all but
  /// the first.
  ///
  /// - Precondition: `sequence` is in `0..<sequenceCount(length:)`.
  /// - Complexity: O(length + log shards).
  public func append(sequence: Int, length: Int, to tokens: inout [UInt32]) {
    precondition(
      sequence >= 0 && sequence < sequenceCount(length: length),
      "sequence \(sequence) of \(sequenceCount(length: length))")
    append(sequence * length..<(sequence + 1) * length + 1, to: &tokens)
  }

  /// Appends the tokens of a range, which may run over shards.
  ///
  /// - Precondition: The range lies in `0..<count`.
  public func append(_ range: Range<Int>, to tokens: inout [UInt32]) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= count, "tokens \(range) of \(count)")
    var place = range.lowerBound
    var shard = shard(containing: place)
    while place < range.upperBound {
      let start = starts[shard]
      let end = min(range.upperBound, start + shards[shard].tokenCount)
      shards[shard].append(place - start..<end - start, to: &tokens)
      place = end
      shard += 1
    }
  }

  /// The shard and document that a token of the stream belongs to.
  ///
  /// - Precondition: `token` is in `0..<count`.
  public func origin(of token: Int) -> (shard: Int, document: Int) {
    let shard = shard(containing: token)
    return (shard, shards[shard].document(containing: token - starts[shard]))
  }

  /// The last shard that begins at or before a token; shards may be empty.
  private func shard(containing token: Int) -> Int {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= token { low = middle } else { high = middle }
    }
    return low
  }
}
