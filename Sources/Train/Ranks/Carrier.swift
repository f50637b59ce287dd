public import Compute
public import Ground

/// How the ranks of a run exchange what lies in a backend's memory.
///
/// The ranks already talk by their hosts; what they compute with may lie elsewhere.
public protocol Carrier<Memory>: Sendable {
  associatedtype Memory: DeviceMemory

  /// A communicator for what the ranks of `members` compute with; all of them call it.
  func communicator(
    _ members: any Communicator<View<Float>>
  ) throws(Fault) -> any Communicator<Memory>

  /// An exchange that goes on while they compute; all of them call it.
  func exchange(_ members: any Communicator<View<Float>>) throws(Fault) -> any Exchange<Memory>
}

/// Carries what lies in the host's memory.
public struct HostCarrier: Carrier {
  private let engine: Processor<Float>

  public init(_ engine: Processor<Float>) { self.engine = engine }

  public func communicator(
    _ members: any Communicator<View<Float>>
  ) -> any Communicator<View<Float>> { members }

  public func exchange(
    _ members: any Communicator<View<Float>>
  ) throws(Fault) -> any Exchange<View<Float>> {
    members.ranks == 1 ? SoloExchange(engine) : LaneExchange(try members.split(color: 0))
  }
}
