import Compute
import Llama
import Ranks

/// This rank's share of a tensor, with what AdamW knows of it.
struct OwnedTensor<Memory: DeviceMemory> {
  let tensor: NamedTensor
  /// The tensor's place among the model's.
  let number: Int
  /// Row-major within the tensor's block.
  let elements: Range<Int>
  /// As the passes read them.
  let parameters: Memory
  /// In f32, where the passes' are rounded and AdamW keeps both.
  let master: Memory?
  let gradients, firstMoments, secondMoments: Memory

  var region: TensorRegion {
    TensorRegion(
      shape: tensor.shape, rows: tensor.rows, columns: tensor.columns, elements: elements)
  }

  /// What a checkpoint has of it: names before the tensor's, and where the numbers are.
  var saved: [(prefix: String, memory: Memory)] {
    [
      ("", master ?? parameters), ("first_moment.", firstMoments),
      ("second_moment.", secondMoments),
    ]
  }

  /// What a rank of a data group has of all tensors.
  ///
  /// - Parameters:
  ///   - units: This rank's tensors.
  ///   - keeper: Has parameters and gradients.
  ///   - engine: Allocates the rest.
  ///   - rank: Of the data group.
  ///   - ranks: Of the data group.
  ///   - keepsMaster: Whether there are parameters in f32 besides.
  /// - Returns: In the order of units and their tensors.
  static func all<Engine: TrainingBackend>(
    _ units: ParameterUnits, of keeper: any ShardKeeper<Memory>, on engine: Engine, rank: Int,
    of ranks: Int, keepsMaster: Bool
  ) -> [OwnedTensor] where Engine.Memory == Memory {
    let rooms = UnitRooms(units, ranks: ranks)
    let shares = units.ranges.enumerated().map { unit, range in
      let share = rooms.share(of: unit, rank: rank)
      return share.lowerBound + range.lowerBound..<share.upperBound + range.lowerBound
    }
    let masters = keepsMaster ? engine.allocateWide(rooms.shareCount) : nil
    let first = engine.allocateWide(rooms.shareCount)
    let second = engine.allocateWide(rooms.shareCount)
    var owned: [OwnedTensor] = []
    for (unit, share) in shares.enumerated() {
      let place = rooms.place(ofShare: unit).lowerBound
      for (number, tensor) in units.tensors.enumerated()
      where tensor.range.overlaps(share.clamped(to: units.ranges[unit])) {
        let range = tensor.range.clamped(to: share)
        let within = range.lowerBound - share.lowerBound
        let beside = place + within
        owned.append(
          OwnedTensor(
            tensor: tensor, number: number,
            elements: range.lowerBound - tensor.offset..<range.upperBound - tensor.offset,
            parameters: keeper.ownParameters(of: unit).part(within, range.count),
            master: masters?.part(beside, range.count),
            gradients: keeper.ownGradients(of: unit).part(within, range.count),
            firstMoments: first.part(beside, range.count),
            secondMoments: second.part(beside, range.count)))
      }
    }
    return owned
  }
}
