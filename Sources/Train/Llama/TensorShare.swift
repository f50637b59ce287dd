public import Ground

/// Which part of every layer a rank has where several share it: tensor parallelism.
///
/// Products before attention and before the activation are cut by outputs, those after by inputs;
/// embedding and output layer by vocabulary. Gains are on every rank.
///
/// - SeeAlso: Megatron-LM, arXiv:1909.08053, section 3.
public struct TensorShare: Equatable, Sendable {
  public let rank: Int
  public let ranks: Int

  public init(rank: Int, ranks: Int) {
    precondition(rank >= 0 && rank < ranks, "rank \(rank) of \(ranks)")
    self.rank = rank
    self.ranks = ranks
  }

  /// All of it on one rank.
  public static let whole = TensorShare(rank: 0, ranks: 1)

  func part(of count: Int) -> Range<Int> {
    let size = count / ranks
    return rank * size..<(rank + 1) * size
  }
}

extension LlamaConfig {
  /// Throws where so many ranks cannot share a layer evenly.
  public func validate(tensorRanks ranks: Int) throws(Fault) {
    let sizes = [
      ("heads", heads), ("key-value heads", keyValueHeads), ("hidden channels", hiddenDim),
      ("vocabulary entries", vocabularySize),
    ]
    for (name, size) in sizes where size % ranks != 0 {
      throw Fault(
        "model", at: 0,
        .unusable(
          "\(ranks) ranks of tensor parallelism cannot share \(size) \(name) evenly; "
            + "choose a number that divides it"))
    }
  }
}

/// The sizes of a rank's part, by the letters of shape suffixes.
struct Sizes: Equatable, Sendable {
  /// Channels of the residual stream; never cut.
  let C: Int
  /// Heads, key-value heads, channels of a head.
  let N, M, D: Int
  /// Hidden channels, vocabulary.
  let H, V: Int
  /// Channels of attention's output, and of a row of queries, keys and values.
  var A: Int { N * D }
  var X: Int { (N + 2 * M) * D }

  init(_ config: LlamaConfig, _ share: TensorShare) {
    C = config.dim
    (N, M, D) = (config.heads / share.ranks, config.keyValueHeads / share.ranks, config.headDim)
    (H, V) = (config.hiddenDim / share.ranks, config.vocabularySize / share.ranks)
  }
}
