public import Compute

/// A point in an engine's stream.
public struct CUDAMark: Sendable {
  let event: CUDAEvent
}

extension CUDAEngine: TimedBackend {
  public func mark() -> CUDAMark {
    carryOut { () throws(CUDAError) in
      let event = try CUDAEvent(device)
      try event.record(on: stream)
      return CUDAMark(event: event)
    }
  }

  /// By the device's clock, to half a microsecond.
  public func seconds(from earlier: CUDAMark, to later: CUDAMark) -> Double {
    carryOut { () throws(CUDAError) in
      try later.event.milliseconds(since: earlier.event) / 1000
    }
  }
}
