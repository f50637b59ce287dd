import Compute
import Ground
import Ranks
import Synchronization
import Testing

/// Runs `body` on every rank of a group and gives what they return, by rank.
func onRanks<Result: Sendable>(
  _ ranks: Int, _ body: @Sendable @escaping (MemoryCommunicator<Float>) throws -> Result
) throws -> [Result] {
  let group = MemoryGroup<Float>(ranks: ranks)
  let next = Mutex(0)
  var results: [Result] = []
  try orderedMap(
    jobs: ranks,
    next: {
      next.withLock { next in
        defer { next += 1 }
        return next < ranks ? next : nil
      }
    },
    transform: { try body(group.communicator(rank: $0)) },
    accept: { results.append($0) })
  return results
}

@Suite struct CommunicatorTests {
  @Test(arguments: [1, 2, 3, 4])
  func sumsAreTakenInTheOrderOfRanks(ranks: Int) throws {
    // 1 + 2⁻²⁴ is 1 in f32: any other order would give another sum.
    let values: [Float] = [1, 0x1p-24, 0x1p-24, 0x1p-24]
    let sums = try onRanks(ranks) { channel in
      let view = Arena<Float>(count: 101).all
      view.set(values[channel.rank])
      for _ in 0..<3 {
        view.set(values[channel.rank])
        try channel.allReduce(view)
      }
      return view.array
    }
    let expected = values[..<ranks].reduce(0, +)
    for sum in sums { #expect(sum == Array(repeating: expected, count: 101)) }
  }

  @Test func numbersAreSummedOnEveryRank() throws {
    let sums = try onRanks(3) { channel in
      var last: [Double] = []
      for round in 0..<50 {
        last = try channel.sum([Double(channel.rank + round), 1])
      }
      return last
    }
    #expect(sums == Array(repeating: [150, 3], count: 3))
  }

  @Test func everyRankGetsTheRootsValues() throws {
    let values = try onRanks(4) { channel in
      let view = Arena<Float>(count: 5).all
      view.set(Float(channel.rank))
      try channel.broadcast(view, from: 2)
      return view.array
    }
    #expect(values == Array(repeating: [2, 2, 2, 2, 2], count: 4))
  }

  @Test func aFailedRankEndsTheOthers() throws {
    let fault = Fault("disk", at: 0, .unusable("gone"))
    let error = #expect(throws: Fault.self) {
      _ = try onRanks(3) { channel in
        if channel.rank == 1 {
          channel.abort(fault)
          throw fault
        }
        try channel.barrier()
      }
    }
    #expect(error == fault)
  }
}
