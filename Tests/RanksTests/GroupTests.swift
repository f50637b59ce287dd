import Compute
import Ground
import Ranks
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct GroupTests {
  @Test(arguments: Carrier.allCases)
  func ranksOfAColourAreAGroupInTheirOrder(carrier: Carrier) throws {
    let results = try onRanks(5, over: carrier) { channel in
      let group = try channel.split(color: channel.rank % 2)
      let view = filled(channel.rank, 11)
      try group.allReduce(view)
      let alone = try group.split(color: group.rank)
      #expect(alone.ranks == 1)
      try alone.barrier()
      return (group.rank, group.ranks, view.array)
    }
    #expect(results.map(\.0) == [0, 0, 1, 1, 2])
    #expect(results.map(\.1) == [3, 2, 3, 2, 3])
    let even = (0..<11).map { value(0, $0) + value(2, $0) + value(4, $0) }
    let odd = (0..<11).map { value(1, $0) + value(3, $0) }
    for (rank, result) in results.enumerated() {
      #expect(result.2 == (rank % 2 == 0 ? even : odd))
    }
  }

  /// Tensor groups on the computing threads and data groups on the lanes' threads, at once.
  @Test(arguments: Carrier.allCases)
  func groupsDoNotMixTheirMessages(carrier: Carrier) throws {
    let sums = try onRanks(4, over: carrier) { channel in
      let tensor = try channel.split(color: channel.rank / 2)
      let data = try channel.split(color: channel.rank % 2)
      let lane = Lane()
      let rank = Float(channel.rank)
      var wrong = 0
      for round in 0..<100 {
        let slow = Arena<Float>(count: 5000 + round).all
        slow.set(rank)
        let ticket = lane.start { () throws(Fault) in try data.allReduce(slow) }
        for _ in 0..<3 {
          let fast = Arena<Float>(count: 64).all
          fast.set(rank)
          try tensor.allReduce(fast)
          if fast.array != Array(repeating: Float(channel.rank / 2 * 4 + 1), count: 64) {
            wrong += 1
          }
        }
        try ticket.wait()
        let expected = Float(channel.rank % 2 * 2 + 2)
        if slow.array != Array(repeating: expected, count: slow.count) { wrong += 1 }
      }
      return wrong
    }
    #expect(sums == [0, 0, 0, 0])
  }

  @Test(arguments: Carrier.allCases)
  func aFaultInOneGroupEndsAll(carrier: Carrier) throws {
    let faults = try onRanks(4, over: carrier) { channel in
      fault {
        // A fast rank may fail while another is still here.
        let group = try channel.split(color: channel.rank / 2)
        if channel.rank == 0 {
          group.abort(Fault("disk", at: 7, .unusable("gone")))
        } else if channel.rank > 1 {
          try group.receive(filled(0, 3), from: 1 - group.rank)
        }
        for _ in 0..<1000 { try channel.barrier() }
      }
    }
    let text = carrier == .memory ? "disk: byte 7: gone" : "rank 0: disk: byte 7: gone"
    #expect(faults[0] == "disk: byte 7: gone")
    #expect(faults[1...] == [text, text, text])
  }
}

@Suite(.timeLimit(.minutes(1))) struct LaneTests {
  @Test func workIsDoneInOrderAndBeforeTheLaneEnds() throws {
    let seen = Mutex<[Int]>([])
    var tickets: [Ticket] = []
    do {
      let lane = Lane()
      for number in 0..<100 {
        tickets.append(lane.start { seen.withLock { $0.append(number) } })
      }
    }
    #expect(seen.withLock { $0 } == Array(0..<100))
    for ticket in tickets { try ticket.wait() }
  }

  @Test func aFailureEndsWhatFollows() throws {
    let lane = Lane()
    let first = lane.start {}
    let second = lane.start { () throws(Fault) in throw Fault("x", at: 0, .unusable("no")) }
    let third = lane.start { Issue.record("begun after a failure") }
    try first.wait()
    #expect(throws: Fault("x", at: 0, .unusable("no"))) { try second.wait() }
    #expect(throws: Fault("x", at: 0, .unusable("no"))) { try third.wait() }
    try first.wait()
  }
}

@Suite struct SoloTests {
  @Test func aloneThereIsNothingToDo() {
    let solo = Solo<View<Float>>()
    let view = filled(0, 9)
    solo.allReduce(view)
    solo.reduceScatter(view)
    solo.allGather(view)
    #expect(view.array == (0..<9).map { value(0, $0) })
    #expect(solo.sum([3]) == [3])
    #expect(solo.split(color: 3).ranks == 1)
    #expect(solo.share(of: 9) == 0..<9)
  }
}
