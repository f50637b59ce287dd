import Compute
import Ground
import Llama
import Ranks

/// Keeps a rank's parameters and gradients, and talks to the ranks that have the same ones.
///
/// Each rank answers for its share of every unit: it alone updates it.
protocol ShardKeeper: ParameterKeeper<View<Float>> {
  /// The share of a unit's parameters that this rank answers for.
  func ownParameters(of unit: Int) -> View<Float>

  /// The sum of all ranks' gradients there, once `finishGradients` is done.
  func ownGradients(of unit: Int) -> View<Float>

  /// Where all gradients are that this rank keeps.
  var allGradients: [View<Float>] { get }

  /// Says what comes: a pass with gradients or without, the last of a step or not.
  func begin(trains: Bool, isLast: Bool)

  /// Waits until the shares of all ranks are summed.
  func finishGradients() throws(Fault)

  /// Tells the other ranks, behind their next pass, that this rank's shares are new.
  func spread() throws(Fault)

  /// Waits until nothing is on its way.
  func settle() throws(Fault)
}
