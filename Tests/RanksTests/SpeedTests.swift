import Compute
import Glibc
import Ground
import Ranks
import Testing

/// Prints figures; run with `QUIPU_SPEED=1 swift test -c release --filter RanksTests.SpeedTests`.
@Suite(.enabled(if: unsafe getenv("QUIPU_SPEED") != nil)) struct SpeedTests {
  /// What a sum of 64 MiB over the ranks takes, beside a copy of as much on each rank.
  @Test(arguments: Carrier.allCases, [2, 4])
  func sumsOfLargeValues(carrier: Carrier, ranks: Int) throws {
    let count = 1 << 24
    let seconds = try onRanks(ranks, over: carrier) { channel in
      let view = Arena<Float>(count: count).all
      let other = Arena<Float>(count: count).all
      view.set(1)
      other.set(2)
      let copying = try best(channel) { other.copy(from: view) }
      let summing = try best(channel) { try channel.allReduce(view) }
      let gathering = try best(channel) { try channel.allGather(view) }
      let small = view.part(0, 16)
      let rounds = try best(channel) { for _ in 0..<100 { try channel.allReduce(small) } } / 100
      return [copying, summing, gathering, rounds]
    }
    let bytes = Double(4 * count)
    let figures = seconds[0].prefix(3).map { "\(Int(bytes / $0 / 1e6))" }
    print(
      "\(carrier), \(ranks) ranks: copy \(figures[0]) MB/s, allReduce \(figures[1]) MB/s, allGather "
        + "\(figures[2]) MB/s, allReduce of 16 values \(Int(seconds[0][3] * 1e6)) µs")
  }
}

/// The shortest of five runs that all ranks begin together.
private func best(_ channel: Channel, _ body: () throws -> Void) throws -> Double {
  var best = Double.infinity
  for _ in 0..<5 {
    try channel.barrier()
    let start = ContinuousClock.now
    try body()
    try channel.barrier()
    best = min(best, (ContinuousClock.now - start) / .seconds(1))
  }
  return best
}
