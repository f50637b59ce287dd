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
      ? SoloExchange(engine) : try StreamExchange(engine, try members.split(color: 0))
  }
}
