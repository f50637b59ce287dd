import CUDA
import CUDAEmulator
import Compute
import Glibc
import Ground
import Ranks
import Testing

extension EmulatedTests {
  /// Ranks that do not come: whoever waits for them ends with a fault.
  @Suite(.timeLimit(.minutes(1))) struct LostRankTests {
    private static let lost = Fault("rank 1", at: 0, .unusable("its machine is gone"))

    private static func failure(_ work: () throws -> Void) -> Fault? {
      do {
        try work()
        return nil
      } catch {
        return error as? Fault
      }
    }

    @Test func aWaitForALostRankEnds() throws {
      let faults = try EmulatedRanks.run(3) { engine, members -> [Fault?] in
        let team = try NCCLCommunicator(engine, members)
        let exchange = try StreamExchange(engine, try members.split(color: 0))
        if team.rank == 1 {
          try members.barrier()
          usleep(5_000)  // the others are waiting for their GPUs by now
          team.abort(Self.lost)
          return []
        }
        let memory = try engine.memory([1, 2, 3])
        var ticket: Ticket?
        return [
          Self.failure {
            try team.allReduce(memory)
            ticket = exchange.allGather(memory)
            try ticket?.wait()
            try members.barrier()
            engine.synchronise()  // ends, though the sum never comes
            try team.allReduce(memory)
          },
          Self.failure { try exchange.reduceScatter(memory).wait() },
          Self.failure { try ticket?.wait() },
          Self.failure { try team.barrier() },
        ]
      }
      for rank in [0, 2] {
        #expect(faults[rank][0] == Self.lost)
        #expect(faults[rank][1] == Self.lost)
        #expect(faults[rank][3] == Self.lost)
      }
    }

    @Test func lossesOfABrokenStepAreNaN() throws {
      let losses = try EmulatedRanks.run(2) { engine, members -> Double in
        let team = try NCCLCommunicator(engine, members)
        if team.rank == 1 {
          try members.barrier()
          team.abort(Self.lost)
          return 0
        }
        let logits = try engine.memory([Float](repeating: 0, count: 8), .bf16)
        let losses = Arena<Double>(count: 1).all
        try team.allReduce(logits)
        engine.crossEntropy(
          logits, targets: [3].span, losses: losses, V: 8, scale: 1, wantsGradient: false)
        try members.barrier()
        engine.settle()
        return losses[0]
      }
      #expect(losses[0].isNaN)
    }

    /// NCCL sees what no host sees: then the hosts are told.
    @Test func aBrokenLinkIsTheFaultOfAll() throws {
      let faults = try EmulatedRanks.run(2) { engine, members -> Fault? in
        let team = try NCCLCommunicator(engine, members)
        let memory = try engine.memory([1])
        if team.rank == 1 {
          try members.barrier()
          quipu_emulate_broken_link(0, 6)
          return Self.failure { while true { try team.barrier() } }
        }
        return Self.failure {
          try team.allReduce(memory)
          try members.barrier()
          engine.synchronise()
          try team.barrier()
        }
      }
      let expected = Fault(
        "rank 0", at: 0,
        .unusable("a collective of NCCL failed with 6: an emulated error"))
      #expect(faults == [expected, expected])
    }

    /// What a rank asks for and another does not is an error, not a hang or mixed numbers.
    @Test func ranksThatCallDifferentlyFail() throws {
      let faults = try EmulatedRanks.run(2) { engine, members -> Fault? in
        let team = try NCCLCommunicator(engine, members)
        let memory = try engine.memory([1, 2, 3, 4])
        return Self.failure {
          if team.rank == 0 { try team.allReduce(memory) } else { try team.allGather(memory) }
          engine.synchronise()
          try team.barrier()
          try team.barrier()
        }
      }
      for fault in faults { #expect(fault != nil) }
    }
  }
}
