public import Compute
public import Ground
public import Ranks

/// Ranks that exchange what lies on their GPUs, by NCCL.
///
/// Collectives are carried out in the engine's order, later than the call: what they give is there for
/// whatever the engine computes next. Numbers and barriers go by the hosts, and so does the word of a
/// rank that is lost: then `CUDAEngine.settle` and every other wait of the engine ends, what the device
/// should have computed is worth nothing (losses are NaN), and the next call here throws the fault.
///
/// Values are summed in NCCL's order, the same on every run with the same ranks, not that of ranks;
/// those of bf16 are rounded after each addition. Shares are equal: counts are multiples of `ranks`.
public struct NCCLCommunicator: Communicator {
  public typealias Memory = CUDAMemory

  private let engine: CUDAEngine
  private let group: CUDAGroup
  private let members: any Communicator<View<Float>>

  public var rank: Int { group.rank }
  public var ranks: Int { group.ranks }
  public var failure: Fault? { members.failure }

  /// Makes NCCL's group of the members, all of which call it; also one of a rank alone.
  ///
  /// - Parameters:
  ///   - engine: Of a GPU that no other member has.
  ///   - members: The same ranks by their hosts; used by nothing else at a time.
  /// - Throws: `Fault` where a member has no NCCL or cannot reach the others.
  public init(
    _ engine: CUDAEngine, _ members: any Communicator<View<Float>>
  ) throws(Fault) {
    self.init(engine, try CUDAGroup(engine.device, members), members)
  }

  private init(
    _ engine: CUDAEngine, _ group: CUDAGroup, _ members: any Communicator<View<Float>>
  ) {
    self.engine = engine
    self.group = group
    self.members = members
    engine.stream.watch.add(group)
  }

  public func allReduce(_ values: CUDAMemory) throws(Fault) {
    try group.sharing { () throws(CUDAError) in
      try group.allReduce(values, on: engine.stream)
    }
  }

  public func reduceScatter(_ values: CUDAMemory) throws(Fault) {
    try group.sharing { () throws(CUDAError) in
      try group.reduceScatter(values, on: engine.stream)
    }
  }

  public func allGather(_ values: CUDAMemory) throws(Fault) {
    try group.sharing { () throws(CUDAError) in
      try group.allGather(values, on: engine.stream)
    }
  }

  public func broadcast(_ values: CUDAMemory, from root: Int) throws(Fault) {
    precondition(root >= 0 && root < ranks, "rank \(root) of \(ranks)")
    try group.sharing { () throws(CUDAError) in
      try group.broadcast(values, from: root, on: engine.stream)
    }
  }

  public func send(_ values: CUDAMemory, to other: Int) throws(Fault) {
    precondition(other >= 0 && other < ranks && other != rank, "rank \(rank) sends to \(other)")
    try group.sharing { () throws(CUDAError) in
      try group.send(values, to: other, on: engine.stream)
    }
  }

  public func receive(_ values: CUDAMemory, from other: Int) throws(Fault) {
    precondition(other >= 0 && other < ranks && other != rank, "rank \(rank) hears \(other)")
    try group.sharing { () throws(CUDAError) in
      try group.receive(values, from: other, on: engine.stream)
    }
  }

  public func sum(_ numbers: [Double]) throws(Fault) -> [Double] { try members.sum(numbers) }

  public func maximum(_ numbers: [Double]) throws(Fault) -> [Double] {
    try members.maximum(numbers)
  }

  /// Waits until every rank's host is here, whatever its GPU still has to do.
  public func barrier() throws(Fault) { try members.barrier() }

  /// - Precondition: The colour is from 0 on.
  public func split(color: Int) throws(Fault) -> any Communicator<CUDAMemory> {
    let part = try members.split(color: color)
    guard let group = try group.split(color: color, part) else { return Solo() }
    return NCCLCommunicator(engine, group, part)
  }

  public func abort(_ fault: Fault) {
    members.abort(fault)
    group.abort()
  }
}
