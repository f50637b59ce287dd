import Compute
import Ground
import Ranks
import Testing

/// Sizes with no values, fewer values than ranks, and odd shares.
private let counts = [0, 1, 5, 7, 64, 1001]

@Suite(.timeLimit(.minutes(2))) struct CollectiveTests {
  @Test(arguments: Carrier.allCases, [1, 2, 3, 4, 8])
  func everyRankGetsTheSumInTheOrderOfRanks(carrier: Carrier, ranks: Int) throws {
    let results = try onRanks(ranks, over: carrier) { channel in
      try counts.map { count in
        let view = filled(channel.rank, count)
        try channel.allReduce(view)
        return view.array
      }
    }
    let expected = counts.map { plainSum(ranks, $0) }
    for result in results { #expect(result == expected) }
  }

  @Test(arguments: Carrier.allCases, [1, 2, 3, 4, 8])
  func aRanksShareIsSummedAndTheRestLeft(carrier: Carrier, ranks: Int) throws {
    let results = try onRanks(ranks, over: carrier) { channel in
      try counts.map { count in
        let view = filled(channel.rank, count)
        try channel.reduceScatter(view)
        return view.array
      }
    }
    for (rank, result) in results.enumerated() {
      for (count, values) in zip(counts, result) {
        var expected = (0..<count).map { value(rank, $0) }
        let share = rankShare(rank, of: ranks, count: count)
        expected.replaceSubrange(share, with: plainSum(ranks, count)[share])
        #expect(values == expected)
      }
    }
  }

  @Test(arguments: Carrier.allCases, [1, 2, 3, 4, 8])
  func sharesAreGathered(carrier: Carrier, ranks: Int) throws {
    let results = try onRanks(ranks, over: carrier) { channel in
      try counts.map { count in
        let view = filled(channel.rank, count)
        try channel.allGather(view)
        return view.array
      }
    }
    let expected = counts.map { count in
      (0..<ranks).flatMap { rank in
        rankShare(rank, of: ranks, count: count).map { value(rank, $0) }
      }
    }
    for result in results { #expect(result == expected) }
  }

  @Test(arguments: Carrier.allCases, [1, 2, 3, 4, 8])
  func everyRankGetsTheRootsValues(carrier: Carrier, ranks: Int) throws {
    let results = try onRanks(ranks, over: carrier) { channel in
      try (0..<channel.ranks).map { root in
        try counts.map { count in
          let view = filled(channel.rank, count)
          try channel.broadcast(view, from: root)
          return view.array
        }
      }
    }
    for result in results {
      for root in 0..<ranks {
        #expect(result[root] == counts.map { count in (0..<count).map { value(root, $0) } })
      }
    }
  }

  @Test(arguments: Carrier.allCases, [1, 2, 3, 8])
  func numbersAreSummedAndCompared(carrier: Carrier, ranks: Int) throws {
    let results = try onRanks(ranks, over: carrier) { channel in
      let rank = Double(channel.rank)
      var sums: [[Double]] = []
      for round in 0..<20 { sums.append(try channel.sum([rank + Double(round), 1])) }
      try channel.barrier()
      let broken = channel.rank == channel.ranks - 1 ? Double.nan : 7
      let largest = try channel.maximum([rank, -rank, broken])
      return (sums, largest, try channel.sum([]))
    }
    let base = Double(ranks * (ranks - 1) / 2)
    for (sums, largest, none) in results {
      #expect(sums == (0..<20).map { [base + Double(ranks * $0), Double(ranks)] })
      #expect(largest[..<2] == [Double(ranks - 1), 0])
      #expect(largest[2].isNaN)
      #expect(none.isEmpty)
    }
  }

  @Test(arguments: Carrier.allCases, [2, 3, 8])
  func valuesGoRoundTheRing(carrier: Carrier, ranks: Int) throws {
    let results = try onRanks(ranks, over: carrier) { channel in
      let view = filled(channel.rank, 33)
      let next = (channel.rank + 1) % channel.ranks
      let before = (channel.rank + channel.ranks - 1) % channel.ranks
      for _ in 0..<channel.ranks {
        if channel.rank == 0 {
          try channel.send(view, to: next)
          try channel.receive(view, from: before)
        } else {
          let mine = Arena<Float>(count: view.count).all
          mine.copy(from: view)
          try channel.receive(view, from: before)
          try channel.send(mine, to: next)
        }
      }
      return view.array
    }
    for (rank, result) in results.enumerated() {
      #expect(result == (0..<33).map { value(rank, $0) })
    }
  }

  @Test func sharesCoverAllAndDifferByOneAtMost() {
    for ranks in 1...9 {
      for count in [0, 1, 8, 9, 100] {
        let shares = (0..<ranks).map { rankShare($0, of: ranks, count: count) }
        #expect(shares.flatMap { Array($0) } == Array(0..<count))
        let sizes = shares.map(\.count)
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
      }
    }
  }

  /// 8 MiB each way exceed what the system buffers: a rank that only sends would wait for ever.
  @Test(arguments: [2, 4])
  func largeValuesDoNotLockUpAndAreThoseOfMemory(ranks: Int) throws {
    let count = 1 << 21 + 3
    let results = try Carrier.allCases.map { carrier in
      try onRanks(ranks, over: carrier) { channel in
        let view = Arena<Float>(count: count).all
        let pattern = (0..<4096).map { value(channel.rank, $0) }
        for first in stride(from: 0, to: count, by: 4096) {
          let part = first..<min(first + 4096, count)
          view.part(part).copy(from: Array(pattern[..<part.count]))
        }
        try channel.allReduce(view)
        return unsafe xxh3(view.array.withUnsafeBytes { unsafe [UInt8]($0) })
      }
    }
    #expect(results[0] == results[1])
    #expect(Set(results[1]).count == 1)
  }
}
