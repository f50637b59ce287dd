import Compute
import Glibc
import Ground
import Ranks
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct LossTests {
  let short = RankLimits(join: .seconds(1))

  @Test func ranksThatDoNotComeAreNamedToAll() throws {
    let environments = try LaunchEnvironment.local(ranks: 5, token: "t")
    let faults = try onThreads(3) { number in
      fault { _ = try SocketGroup(environments[[0, 1, 3][number]], limits: short) }
    }
    let place = "127.0.0.1:\(environments[0].port)"
    let text = "ranks 2, 4: byte 0: of 5 did not come to \(place) within 1.0 s"
    #expect(faults == [text, text, text])
  }

  @Test func aMissingRankZeroIsNamed() throws {
    var environment = try LaunchEnvironment.local(ranks: 2, token: "t")[1]
    environment.port = 1  // nobody listens there
    let text = fault { _ = try SocketGroup(environment, limits: short) }
    #expect(
      text == "rank 0: byte 0: it was not to be had at 127.0.0.1:1 within 1.0 s: "
        + "connect failed: Connection refused")
  }

  @Test func ranksOfOtherJobsAreTurnedAwayAndTheJobGoesOn() throws {
    var environments = try LaunchEnvironment.local(ranks: 2, token: "ours")
    for (token, ranks) in [("theirs", 2), ("ours", 3)] {
      environments.append(
        LaunchEnvironment(
          rank: 1, ranks: ranks, localRank: 1, address: "127.0.0.1", port: environments[0].port,
          token: token))
    }
    let isOver = Mutex(false)
    let results = try onThreads(4) { [environments] number -> String? in
      if number == 1 {
        while !isOver.withLock({ $0 }) { usleep(1000) }
      }
      let text = fault {
        let group = try SocketGroup(environments[number])
        #expect(try group.communicator().sum([1]) == [2])
      }
      if number == 3 { isOver.withLock { $0 = true } }
      return text
    }
    let start = "rank 1: byte 0: rank 0 at 127.0.0.1:\(environments[0].port) turned it away: "
    #expect(
      results == [
        nil, nil, start + "it belongs to another job: QUIPU_JOB_TOKEN differs",
        start + "it was started with another number of ranks",
      ])
  }

  @Test func strangersAtThePortDoNoHarm() throws {
    let environments = try LaunchEnvironment.local(ranks: 3, token: "t")
    let port = environments[0].port
    // Before the ranks meet and while they work: silence, noise, half a greeting, and leaving at once.
    var strangers = (0..<20).map { _ in connection(to: port) }
    let sums = try onThreads(3) { rank in
      let more = (0..<20).map { number in
        let socket = connection(to: port)
        let noise: [UInt8] =
          number % 3 == 0
          ? Array("GET / HTTP/1.1\r\n\r\n".utf8) + Array(repeating: 255, count: 1000)
          : number % 3 == 1 ? Array("QUIPURNK".utf8) : []
        unsafe _ = send(socket, noise, noise.count, CInt(MSG_NOSIGNAL))
        if number % 2 == 0 { close(socket) }
        return number % 2 == 0 ? nil : socket
      }
      defer { for socket in more.compactMap({ $0 }) { close(socket) } }
      let channel: SocketCommunicator<Float> = try SocketGroup(environments[rank]).communicator()
      var sum = 0.0
      for _ in 0..<50 { sum += try channel.sum([Double(channel.rank)])[0] }
      let part = try channel.split(color: 0)
      return sum + (try part.sum([1])[0])
    }
    for stranger in strangers { close(stranger) }
    strangers = []
    #expect(sums == [153, 153, 153])
  }

  /// Rank 2 goes as a killed process does, while all move much.
  @Test func aKilledRankIsNamedByAll() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let faults = try onSockets(4) { group in
      fault {
        let channel: SocketCommunicator<Float> = group.communicator()
        let part = try channel.split(color: channel.rank / 2)
        let view = Arena<Float>(count: 1 << 20).all
        for round in 0... {
          if group.rank == 2, round == 3 { return group.vanish(closing: true) }
          try part.allReduce(view)
          try channel.allReduce(view)
        }
      }
    }
    #expect(faults[2] == nil)
    for rank in [0, 1, 3] {
      #expect(faults[rank]?.hasPrefix("rank 2: byte 0: lost: ") == true, "\(faults)")
    }
    #expect(clock.now - start < .seconds(10))
  }

  @Test func aSilentRankIsNamedByAll() throws {
    let limits = RankLimits(join: .seconds(20), silence: .milliseconds(600))
    let faults = try onSockets(3, limits: limits) { group in
      fault {
        let channel: SocketCommunicator<Float> = group.communicator()
        if group.rank == 1 {
          group.vanish(closing: false)
          usleep(2_000_000)
          return
        }
        try channel.barrier()
      }
    }
    let text = "rank 1: byte 0: lost: nothing was heard from it for 0.6 s"
    #expect(faults == [text, nil, text])
  }

  @Test func aBusyRankIsNotLost() throws {
    let limits = RankLimits(join: .seconds(20), silence: .milliseconds(400))
    let faults = try onSockets(2, limits: limits) { group in
      fault {
        if group.rank == 1 { usleep(1_500_000) }
        try group.communicator(Float.self).barrier()
      }
    }
    #expect(faults == [nil, nil])
  }

  @Test func aRankThatEndedIsNamedToWhoeverWaitsForIt() throws {
    let environments = try LaunchEnvironment.local(ranks: 2, token: "t")
    let faults = try onThreads(2) { rank in
      fault {
        let channel: SocketCommunicator<Float> = try SocketGroup(environments[rank]).communicator()
        try channel.barrier()
        if rank == 0 { try channel.barrier() }
      }
    }
    #expect(faults == ["rank 1: byte 0: it has ended, and rank 0 waits for it", nil])
  }

  @Test func ranksThatDoDifferentThingsAreTold() throws {
    let faults = try onSockets(2) { group in
      fault {
        let channel: SocketCommunicator<Float> = group.communicator()
        if group.rank == 0 {
          try channel.allGather(filled(0, 10))
        } else {
          try channel.allReduce(filled(0, 12))
        }
      }
    }
    #expect(
      faults.allSatisfy { $0?.hasSuffix("the ranks do different things") == true }, "\(faults)")
  }
}

/// A plain connection to a port of this machine.
private func connection(to port: UInt16) -> CInt {
  let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  let result = unsafe withUnsafePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
  #expect(result == 0)
  return descriptor
}
