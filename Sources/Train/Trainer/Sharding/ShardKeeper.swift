import Compute
import Ground
import Llama
import Ranks

/// Keeps a rank's parameters and gradients, and talks to the ranks that have the same ones.
///
/// Each rank answers for its share of every unit: it alone updates it.
protocol ShardKeeper<Memory>: ParameterKeeper {
  /// The share of a unit's parameters that this rank answers for; of a unit's room, see `UnitRooms`.
  func ownParameters(of unit: Int) -> Memory

  /// The sum of all ranks' gradients there, once the last pass of a step is done.
  func ownGradients(of unit: Int) -> Memory

  /// Where all gradients are that this rank keeps.
  var allGradients: Memory { get }

  /// Says what passes come: with gradients or without, the last of a step or not.
  func prepare(trains: Bool, isLast: Bool)

  /// Says that this rank's shares are new; the other ranks see them in their next pass.
  func spread()
}

/// How units lie one after another in flat memory that ranks share: each has room for equal shares.
///
/// A share is a multiple of 64 elements, so that every share of a device's memory is aligned and
/// collectives move equal parts.
struct UnitRooms {
  /// Of each unit, its elements in the order of the model, then what is over.
  let ranges: [Range<Int>]
  /// Elements of each unit without what is over.
  let counts: [Int]
  private let ranks: Int

  init(_ units: ParameterUnits, ranks: Int) {
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
  var count: Int { ranges.last?.upperBound ?? 0 }
  /// Elements of the largest.
  var largest: Int { ranges.map(\.count).max() ?? 0 }
  /// Elements of a rank's shares of all units.
  var shareCount: Int { count / ranks }

  /// A rank's share of a unit, counted from the unit's start; it may reach into what is over.
  func share(of unit: Int, rank: Int) -> Range<Int> {
    rankShare(rank, of: ranks, count: ranges[unit].count)
  }

  /// Where a rank's share of a unit lies where its shares alone follow one another.
  func place(ofShare unit: Int) -> Range<Int> {
    ranges[unit].lowerBound / ranks..<ranges[unit].upperBound / ranks
  }
}
