public import Compute
internal import Ranks

/// How units lie one after another in flat memory that ranks share: each has room for equal shares.
///
/// A share is a multiple of 64 elements, so that every share of a device's memory is aligned and
/// collectives move equal parts.
public struct UnitRooms: Sendable {
  /// Of each unit, its elements in the order of the model, then what is over.
  public let ranges: [Range<Int>]
  /// Elements of each unit without what is over.
  public let counts: [Int]
  private let ranks: Int

  public init(_ units: ParameterUnits, ranks: Int) {
    self.ranks = ranks
    counts = units.ranges.map(\.count)
    var start = 0
    ranges = counts.map { count in
      let room = (count + 64 * ranks - 1) / (64 * ranks) * 64 * ranks
      defer { start += room }
      return start..<start + room
    }
  }

  /// Elements of all rooms.
  public var count: Int { ranges.last?.upperBound ?? 0 }
  /// Elements of the largest.
  public var largest: Int { ranges.map(\.count).max() ?? 0 }
  /// Elements of a rank's shares of all units.
  public var shareCount: Int { count / ranks }

  /// A rank's share of a unit, counted from the unit's start; it may reach into what is over.
  public func share(of unit: Int, rank: Int) -> Range<Int> {
    rankShare(rank, of: ranks, count: ranges[unit].count)
  }

  /// Where a rank's share of a unit lies where its shares alone follow one another.
  public func place(ofShare unit: Int) -> Range<Int> {
    ranges[unit].lowerBound / ranks..<ranges[unit].upperBound / ranks
  }
}

extension LlamaConfig {
  /// What a rank keeps from step to step: parameters, gradients, AdamW's state.
  ///
  /// - Parameters:
  ///   - engine: The kind of backend.
  ///   - share: This rank's share of each layer.
  ///   - dataRanks: Ranks that have the same share, for other samples.
  ///   - sharesAll: Whether they share parameters and gradients too (ZeRO 3), not moments alone.
  ///   - keepsMaster: Whether AdamW keeps parameters in f32 where the passes round them.
  /// - Returns: Bytes by purpose.
  public func stateMemory<Engine: TrainingBackend>(
    of engine: Engine.Type, share: TensorShare, dataRanks: Int, sharesAll: Bool,
    keepsMaster: Bool = true
  ) -> [MemoryUse] {
    let rooms = UnitRooms(units(share), ranks: dataRanks)
    let own = rooms.shareCount, isShared = sharesAll && dataRanks > 1
    let kept = isShared ? own : rooms.count, width = Engine.elementBytes
    var uses = [
      MemoryUse(purpose: "parameters", bytes: width * kept),
      MemoryUse(purpose: "gradients", bytes: 4 * kept),
      MemoryUse(purpose: "moments", bytes: 8 * own),
    ]
    if Engine.roundsParameters && keepsMaster {
      uses.append(MemoryUse(purpose: "parameters in f32", bytes: 4 * own))
    }
    if isShared {
      uses.append(MemoryUse(purpose: "gathered layers", bytes: 2 * width * rooms.largest))
      uses.append(MemoryUse(purpose: "gradients on their way", bytes: 2 * 4 * rooms.largest))
    }
    return uses
  }
}
