import Compute
import Llama
import Ranks

/// This rank's share of a tensor, with what AdamW knows of it.
struct OwnedTensor {
  let tensor: NamedTensor
  /// The tensor's place among the model's.
  let number: Int
  /// Row-major within the tensor's block.
  let elements: Range<Int>
  let parameters, gradients, firstMoments, secondMoments: View<Float>

  var region: TensorRegion {
    TensorRegion(
      shape: tensor.shape, rows: tensor.rows, columns: tensor.columns, elements: elements)
  }

  var pieces: [TensorPiece] {
    [("", parameters), ("first_moment.", firstMoments), ("second_moment.", secondMoments)].map {
      TensorPiece(name: $0 + tensor.name, region: region, values: $1)
    }
  }

  /// What a rank of a data group has of all tensors.
  static func all(
    _ units: ParameterUnits, of keeper: any ShardKeeper, rank: any Communicator<View<Float>>
  ) -> [OwnedTensor] {
    let shares = units.ranges.map { range in
      let share = rank.share(of: range.count)
      return share.lowerBound + range.lowerBound..<share.upperBound + range.lowerBound
    }
    let count = shares.reduce(0) { $0 + $1.count }
    let first = Arena<Float>(count: count).all, second = Arena<Float>(count: count).all
    var owned: [OwnedTensor] = []
    var place = 0
    for (unit, share) in shares.enumerated() {
      for (number, tensor) in units.tensors.enumerated()
      where tensor.range.overlaps(share) {
        let range = tensor.range.clamped(to: share)
        let within = range.lowerBound - share.lowerBound
        owned.append(
          OwnedTensor(
            tensor: tensor, number: number,
            elements: range.lowerBound - tensor.offset..<range.upperBound - tensor.offset,
            parameters: keeper.ownParameters(of: unit).part(within, range.count),
            gradients: keeper.ownGradients(of: unit).part(within, range.count),
            firstMoments: first.part(place, range.count),
            secondMoments: second.part(place, range.count)))
        place += range.count
      }
    }
    return owned
  }
}
