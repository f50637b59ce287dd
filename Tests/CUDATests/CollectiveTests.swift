import CCUDA
import CUDA
import CUDACheck
import Compute
import Ground
import Ranks
import Testing

extension EmulatedTests {
  /// NCCL's collectives on emulated devices against those of the hosts' memory.
  @Suite(.timeLimit(.minutes(1))) struct CollectiveTests {
    static let cases: [(ranks: Int, format: CUDAFormat)] = [1, 2, 4].flatMap { ranks in
      [(ranks, .f32), (ranks, .bf16)]
    }

    /// One collective of a communicator on values of a memory.
    typealias Collective<Memory: Sendable> =
      @Sendable (any Communicator<Memory>, Memory) throws(Fault) -> Void

    private static func ring<Memory: Sendable>(
      _ ranks: any Communicator<Memory>, _ values: Memory
    ) throws(Fault) {
      let rank = ranks.rank, count = ranks.ranks
      if count == 1 { return }
      if rank > 0 { try ranks.receive(values, from: rank - 1) }
      try ranks.send(values, to: (rank + 1) % count)
      if rank == 0 { try ranks.receive(values, from: count - 1) }
    }

    /// Sums that are rounded are those of the hosts too: here ranks are summed in their order.
    @Test(arguments: cases) func collectivesAreTheHosts(ranks: Int, format: CUDAFormat) throws {
      let count = 480
      _ = try EmulatedRanks.run(ranks, seed: 3) { engine, members in
        let team = try NCCLCommunicator(engine, members)
        let numbers =
          format == .f32
          ? brokenNumbers(count, rank: team.rank) : wholeNumbers(count, rank: team.rank)
        func check(
          _ name: String, _ ours: Collective<CUDAMemory>, _ theirs: Collective<View<Float>>
        ) throws {
          let memory = try engine.memory(numbers, format)
          let view = Arena<Float>(count: count).all
          view.copy(from: numbers)
          try ours(team, memory)
          try theirs(members, view)
          #expect(engine.download(memory) == view.array, "\(name), rank \(team.rank)")
        }
        try check("all-reduce") { r, v throws(Fault) in
          try r.allReduce(v)
        } _: {
          r, v throws(Fault) in
          try r.allReduce(v)
        }
        try check("reduce-scatter") { r, v throws(Fault) in
          try r.reduceScatter(v)
        } _: {
          r, v throws(Fault) in
          try r.reduceScatter(v)
        }
        try check("all-gather") { r, v throws(Fault) in
          try r.allGather(v)
        } _: {
          r, v throws(Fault) in
          try r.allGather(v)
        }
        try check("broadcast") { r, v throws(Fault) in
          try r.broadcast(v, from: ranks - 1)
        } _: {
          r, v throws(Fault) in
          try r.broadcast(v, from: ranks - 1)
        }
        try check("ring") { r, v throws(Fault) in
          try Self.ring(r, v)
        } _: {
          r, v throws(Fault) in
          try Self.ring(r, v)
        }
      }
    }

    @Test func numbersGoByTheHosts() throws {
      let results = try EmulatedRanks.run(4) { engine, members in
        let team = try NCCLCommunicator(engine, members)
        try team.barrier()
        return [
          try team.sum([Double(team.rank), 1]), try team.maximum([Double(-team.rank), 0.5]),
        ]
      }
      for result in results { #expect(result == [[6, 4], [0, 0.5]]) }
    }

    /// Ranks 0 and 2 are together, so are 1 and 3, or rank 3 is alone; by `ncclCommSplit` and without.
    @Test(arguments: [true, false], [[0, 1, 0, 1], [5, 5, 5, 2]])
    func partsAreSummedApart(hasSplit: Bool, colors: [Int]) throws {
      let change: @Sendable (inout quipu_collective) -> Void = { table in
        if !hasSplit { unsafe table.split = nil }
      }
      let sums = try EmulatedRanks.run(4, change: change) { engine, members in
        let team = try NCCLCommunicator(engine, members), rank = team.rank
        let part = try team.split(color: colors[rank])
        let others = colors.indices.filter { colors[$0] == colors[rank] }
        #expect(part.ranks == others.count && others[part.rank] == rank)
        let memory = try engine.memory([Float(1 << rank)])
        try part.allReduce(memory)
        let whole = try engine.memory([Float(1 << rank)])
        try team.allReduce(whole)
        #expect(engine.download(whole) == [15])
        return engine.download(memory)[0]
      }
      let expected = colors.map { color in
        colors.indices.reduce(Float(0)) { $0 + (colors[$1] == color ? Float(1 << $1) : 0) }
      }
      #expect(sums == expected)
    }

    @Test func aCheckOfOneRankPasses() throws {
      var rows: [CheckRow] = []
      let bench = CheckBench(try EmulatedDevice.engine(), threads: 1) { rows.append($0) }
      try DeviceChecks.collective(bench, count: 96)
      #expect(rows.count == 14)
      for row in rows { #expect(row.isPassed, "\(row.line)") }
    }

    @Test func oneRankNeedsNoGroup() throws {
      let engine = try EmulatedDevice.engine(), carrier = NCCLCarrier(engine)
      #expect(try carrier.communicator(Solo()) is Solo<CUDAMemory>)
      let exchange = try carrier.exchange(Solo())
      let values = try engine.memory([1, 2, 3]), sum = try engine.memory([10, 20, 30])
      try exchange.reduceScatter(values, adding: sum).wait()
      try exchange.reduceScatter(values).wait()
      try exchange.allGather(values).wait()
      #expect(engine.download(sum) == [11, 22, 33])
      #expect(engine.download(values) == [1, 2, 3])
    }

    @Test func noNCCLIsTheFaultOfAll() throws {
      let failures = try EmulatedRanks.run(
        2, change: { unsafe $0.create_id = nil }
      ) { engine, members -> String in
        do {
          _ = try NCCLCommunicator(engine, members)
          return "none"
        } catch {
          return "\(error)"
        }
      }
      #expect(failures[0].contains("ncclGetUniqueId: this NCCL does not have it"))
      #expect(failures[1] == failures[0])
    }
  }
}
