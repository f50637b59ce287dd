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
