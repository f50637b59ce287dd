import Glibc

/// Seconds of the clock, and of processor time of all threads together.
struct Elapsed {
  var wall: Double
  var cpu: Double
}

/// What `body` takes, and what it gives.
func elapsed<Result, Failure: Error>(
  _ body: () throws(Failure) -> Result
) throws(Failure) -> (Elapsed, Result) {
  let wall = benchSeconds(CLOCK_MONOTONIC), cpu = benchSeconds(CLOCK_PROCESS_CPUTIME_ID)
  let result = try body()
  return (
    Elapsed(
      wall: max(benchSeconds(CLOCK_MONOTONIC) - wall, 1e-9),
      cpu: max(benchSeconds(CLOCK_PROCESS_CPUTIME_ID) - cpu, 1e-9)), result
  )
}

private func benchSeconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  unsafe clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
