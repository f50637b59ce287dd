import Glibc

/// Seconds of the clock, and of processor time of all threads together.
public struct Elapsed: Sendable {
  public var wall: Double
  public var cpu: Double

  public init(wall: Double, cpu: Double) {
    self.wall = wall
    self.cpu = cpu
  }
}

/// What `body` takes, and what it gives.
public func elapsed<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> (Elapsed, Result) {
  let wall = seconds(CLOCK_MONOTONIC), cpu = seconds(CLOCK_PROCESS_CPUTIME_ID)
  let result = try body()
  return (
    Elapsed(
      wall: max(seconds(CLOCK_MONOTONIC) - wall, 1e-9),
      cpu: max(seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, 1e-9)), result
  )
}

private func seconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  unsafe clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
