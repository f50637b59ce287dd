import CCUDA
import CUDA
import CUDACheck
import CUDAEmulator
import Compute
import Ranks
import Testing

extension EmulatedTests {
  /// NCCL's collectives on emulated devices against those of the hosts' memory.
  @Suite(.timeLimit(.minutes(1))) struct CollectiveTests {
    @Test(arguments: [1, 2, 4], [0, 3] as [UInt64])
    func collectivesAreTheHosts(ranks: Int, seed: UInt64) throws {
      var rows: [CheckRow] = []
      quipu_emulate_delays(seed)
      defer { quipu_emulate_delays(0) }
      try RankChecks.run(ranks, share: 24, isTimed: false) { rank in
        try EmulatedDevice.engine(rank)
      } report: {
        rows.append($0)
      }
      #expect(rows.count == 18)
      for row in rows { #expect(row.isPassed, "\(row.line)") }
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
