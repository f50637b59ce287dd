import Compute
public import Ground
public import Llama
internal import Ranks

/// What data-parallel ranks share out among themselves (ZeRO, arXiv:1910.02054).
public enum Sharding: Int, CaseIterable, Sendable {
  /// AdamW's moments: every rank has all parameters and gradients.
  case moments = 1
  /// Moments, gradients and parameters: a layer's parameters are gathered when a pass needs them.
  case everything = 3
}

/// How a run is spread over ranks, and what it computes again to save memory.
///
/// None of it changes what is computed: only the order of sums, and so the last bits.
public struct Parallelism: Hashable, Sendable {
  /// Ranks that share every layer, and the sequence between layers; neighbours by number.
  public var tensorRanks = 1
  public var sharding = Sharding.moments
  public var recompute = Recompute.cheap

  public init() {}

  /// Checks that the ranks can be grouped so and share the model.
  ///
  /// - Throws: `Fault` with a sentence that says what would be right.
  public func check(ranks: Int, config: LlamaConfig, context: Int) throws(Fault) {
    guard tensorRanks > 0, ranks % tensorRanks == 0 else {
      throw Fault(
        "training settings", at: 0,
        .unusable(
          "\(ranks) ranks are no groups of \(tensorRanks) for tensor parallelism; "
            + "choose a divisor of \(ranks)"))
    }
    try config.validate(tensorRanks: tensorRanks)
    guard context % tensorRanks == 0 else {
      throw Fault(
        "training settings", at: 0,
        .unusable(
          "\(tensorRanks) ranks of tensor parallelism cannot share sequences of \(context) evenly; "
            + "choose a context that \(tensorRanks) divides"))
    }
  }
}

/// The groups that one rank of a run belongs to.
struct RankGroups<Memory: DeviceMemory> {
  /// By their hosts.
  let world: any Communicator<View<Float>>
  /// Those that have the same part of every layer, for other samples.
  let data: any Communicator<View<Float>>
  /// Those that share this rank's layers.
  let tensor: any Communicator<Memory>
  /// The same ranks as `data`, for what is sent while the rank computes.
  let exchange: any Exchange<Memory>

  init(
    _ world: any Communicator<View<Float>>, tensorRanks: Int, _ carrier: any Carrier<Memory>
  ) throws(Fault) {
    self.world = world
    if tensorRanks == 1 {
      (tensor, data) = (Solo(), world)
    } else {
      tensor = try carrier.communicator(try world.split(color: world.rank / tensorRanks))
      data = try world.split(color: world.rank % tensorRanks)
    }
    exchange = try carrier.exchange(data)
  }

  var share: TensorShare { TensorShare(rank: tensor.rank, ranks: tensor.ranks) }
}
