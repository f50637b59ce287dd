public import Compute
public import Ground
public import Ranks

/// Carries what lies on GPUs by NCCL; a rank alone does without it.
public struct NCCLCarrier: Carrier {
  public typealias Memory = CUDAMemory

  private let engine: CUDAEngine

  public init(_ engine: CUDAEngine) { self.engine = engine }

  public func communicator(
    _ members: any Communicator<View<Float>>
  ) throws(Fault) -> any Communicator<CUDAMemory> {
    members.ranks == 1 ? Solo() : try NCCLCommunicator(engine, members)
  }

  public func exchange(
    _ members: any Communicator<View<Float>>
  ) throws(Fault) -> any Exchange<CUDAMemory> {
    members.ranks == 1
      ? LoneExchange(engine: engine)
      : try StreamExchange(engine, try members.split(color: 0))
  }
}

/// The exchange of a rank alone: there is nothing to carry.
struct LoneExchange: Exchange {
  let engine: CUDAEngine

  var rank: Int { 0 }
  var ranks: Int { 1 }

  func reduceScatter(_ values: CUDAMemory) -> Ticket { Ticket {} }

  func reduceScatter(_ values: CUDAMemory, adding sum: CUDAMemory) -> Ticket {
    engine.add(values, to: sum)
    return Ticket {}
  }

  func allGather(_ values: CUDAMemory) -> Ticket { Ticket {} }
}
