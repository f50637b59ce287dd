public import Ground

/// The communicator of a run with one rank: there is nothing to do.
public struct Solo<Memory: Sendable>: Communicator {
  public init() {}

  public var rank: Int { 0 }
  public var ranks: Int { 1 }

  public func allReduce(_ values: Memory) {}
  public func reduceScatter(_ values: Memory) {}
  public func allGather(_ values: Memory) {}
  public func broadcast(_ values: Memory, from root: Int) {}
  public func sum(_ numbers: [Double]) -> [Double] { numbers }
  public func maximum(_ numbers: [Double]) -> [Double] { numbers }
  public func barrier() {}
  public func split(color: Int) -> any Communicator<Memory> { self }
  public func abort(_ fault: Fault) {}
  public var failure: Fault? { nil }

  public func send(_ values: Memory, to rank: Int) {
    preconditionFailure("rank 0 is alone and sends to rank \(rank)")
  }

  public func receive(_ values: Memory, from rank: Int) {
    preconditionFailure("rank 0 is alone and receives from rank \(rank)")
  }
}
