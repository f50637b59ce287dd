public import Compute
internal import Ground

/// Collectives of a group of ranks that go on while each computes, in the order of the calls.
///
/// What is started sees all that the rank computed before the call, and ends before what the rank
/// computes after the ticket's `wait`. Between the two, neither may touch what the other writes. Every
/// rank makes the same calls in the same order with as many values, a multiple of the number of ranks.
public protocol Exchange<Memory>: Sendable {
  associatedtype Memory: DeviceMemory

  /// This rank, from 0.
  var rank: Int { get }
  /// How many there are.
  var ranks: Int { get }

  /// Replaces this rank's share of its values by the sum of all ranks' values there.
  func reduceScatter(_ values: Memory) -> Ticket

  /// The same, and adds that share to `sum`.
  func reduceScatter(_ values: Memory, adding sum: Memory) -> Ticket

  /// Fills in the other ranks' shares with what they have there.
  func allGather(_ values: Memory) -> Ticket
}

extension Exchange {
  /// Where this rank's share of `count` values lies.
  public func share(of count: Int) -> Range<Int> { rankShare(rank, of: ranks, count: count) }
}

/// The exchange of a run with one rank: there is nothing to carry.
public struct SoloExchange<Engine: Backend>: Exchange {
  private let engine: Engine

  public init(_ engine: Engine) { self.engine = engine }

  public var rank: Int { 0 }
  public var ranks: Int { 1 }

  public func reduceScatter(_ values: Engine.Memory) -> Ticket { Ticket {} }
  public func allGather(_ values: Engine.Memory) -> Ticket { Ticket {} }

  public func reduceScatter(_ values: Engine.Memory, adding sum: Engine.Memory) -> Ticket {
    engine.add(values, to: sum)
    return Ticket {}
  }
}

/// An exchange of what lies in the host's memory: a thread carries it out.
public struct LaneExchange<Scalar: Real>: Exchange {
  public let rank: Int
  public let ranks: Int
  private let group: any Communicator<View<Scalar>>
  private let lane = Lane()
  /// Adds on the lane's thread.
  private let alone = WorkerPool(threads: 1)

  /// - Parameter group: Used by nothing else from now on.
  public init(_ group: any Communicator<View<Scalar>>) {
    (rank, ranks) = (group.rank, group.ranks)
    self.group = group
  }

  public func reduceScatter(_ values: View<Scalar>) -> Ticket {
    let group = group
    return lane.start { () throws(Fault) in try group.reduceScatter(values) }
  }

  public func reduceScatter(_ values: View<Scalar>, adding sum: View<Scalar>) -> Ticket {
    let (group, alone, mine) = (group, alone, share(of: values.count))
    return lane.start { () throws(Fault) in
      try group.reduceScatter(values)
      add(values.part(mine), to: sum, workers: alone)
    }
  }

  public func allGather(_ values: View<Scalar>) -> Ticket {
    let group = group
    return lane.start { () throws(Fault) in try group.allGather(values) }
  }
}
