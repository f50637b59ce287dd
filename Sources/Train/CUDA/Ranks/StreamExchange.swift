public import Compute
public import Ground
public import Ranks

/// Collectives by NCCL on a stream of their own, behind what the engine computes.
///
/// Neither the call nor the ticket's `wait` waits on the host: events order the two streams. All of it
/// may be recorded in a `CUDAGraph` of the engine's stream, if every ticket made there is waited for
/// there, and no other is. One thread at a time uses the engine and its exchanges.
public struct StreamExchange: Exchange {
  public typealias Memory = CUDAMemory

  private let engine: CUDAEngine
  private let stream: CUDAStream
  private let group: CUDAGroup

  public var rank: Int { group.rank }
  public var ranks: Int { group.ranks }

  /// Makes a group of NCCL and a stream for it; all of the members call it.
  ///
  /// - Parameters:
  ///   - engine: Of a GPU that no other member has.
  ///   - members: The same ranks by their hosts; used by nothing else from now on.
  /// - Throws: `Fault` where a member has no NCCL or cannot reach the others.
  public init(
    _ engine: CUDAEngine, _ members: any Communicator<View<Float>>
  ) throws(Fault) {
    self.engine = engine
    stream = engine.carryOut { () throws(CUDAError) in try CUDAStream(engine.device) }
    group = try CUDAGroup(engine.device, members)
    engine.stream.watch.add(group)
  }

  public func reduceScatter(_ values: CUDAMemory) -> Ticket {
    start { () throws(CUDAError) in try group.reduceScatter(values, on: stream) }
  }

  public func reduceScatter(_ values: CUDAMemory, adding sum: CUDAMemory) -> Ticket {
    let mine = group.share(of: values)
    return start { () throws(CUDAError) in
      try group.reduceScatter(values, on: stream)
      try engine.add(mine, to: sum, on: stream)
    }
  }

  public func allGather(_ values: CUDAMemory) -> Ticket {
    start { () throws(CUDAError) in try group.allGather(values, on: stream) }
  }

  /// Gives work to the stream, behind what the engine was given so far.
  private func start(_ work: () throws(CUDAError) -> Void) -> Ticket {
    if engine.stream.isMuted { return Ticket {} }  // a recording has it
    let (engine, group) = (engine, group)
    do throws(Fault) {
      let end = try group.sharing { () throws(CUDAError) in
        try stream.wait(for: try engine.stream.mark())
        try work()
        return try stream.mark()
      }
      return Ticket { () throws(Fault) in
        try group.sharing { () throws(CUDAError) in try engine.stream.wait(for: end) }
      }
    } catch {
      return Ticket { () throws(Fault) in throw error }
    }
  }
}

extension CUDAStream {
  /// A mark where the stream is now.
  fileprivate func mark() throws(CUDAError) -> CUDAEvent {
    let event = try CUDAEvent(device, isTimed: false)
    try event.record(on: self)
    return event
  }
}
