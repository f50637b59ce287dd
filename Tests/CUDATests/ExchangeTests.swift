import CUDA
import Compute
import Ground
import Ranks
import Testing

/// An exchange that forgets to wait, to show that the tests would see it.
private struct HastyExchange: Exchange {
  enum Slip: CaseIterable { case before, after }

  let engine: CUDAEngine
  let group: CUDAGroup
  let stream: CUDAStream
  let slip: Slip

  var rank: Int { group.rank }
  var ranks: Int { group.ranks }

  init(_ engine: CUDAEngine, _ members: any Communicator<View<Float>>, _ slip: Slip) throws {
    self.engine = engine
    self.slip = slip
    group = try CUDAGroup(engine.device, members)
    stream = try CUDAStream(engine.device)
  }

  private func start(_ work: () throws(CUDAError) -> Void) -> Ticket {
    do {
      let before = try CUDAEvent(engine.device), after = try CUDAEvent(engine.device)
      try before.record(on: engine.stream)
      if slip != .before { try stream.wait(for: before) }
      try work()
      try after.record(on: stream)
      if slip != .after { try engine.stream.wait(for: after) }
    } catch {
      Issue.record(error)
    }
    return Ticket {}
  }

  func reduceScatter(_ values: CUDAMemory) -> Ticket {
    start { () throws(CUDAError) in try group.reduceScatter(values, on: stream) }
  }

  func reduceScatter(_ values: CUDAMemory, adding sum: CUDAMemory) -> Ticket {
    preconditionFailure("the tests with slips do not add")
  }

  func allGather(_ values: CUDAMemory) -> Ticket {
    start { () throws(CUDAError) in try group.allGather(values, on: stream) }
  }
}

extension EmulatedTests {
  /// Exchanges behind the computation, on streams that pause where they like.
  @Suite(.timeLimit(.minutes(1))) struct ExchangeTests {
    static let count = 64, rounds = 6

    /// Fills a buffer anew, sums the ranks', gathers the sums, and adds them up, in rounds.
    ///
    /// - Returns: True where all sums are right.
    private static func isRight(
      _ engine: CUDAEngine, _ exchange: any Exchange<CUDAMemory>
    ) throws -> Bool {
      let source = try engine.memory(wholeNumbers(count, rank: exchange.rank))
      let buffer = try engine.allocate(count, .f32), total = try engine.allocate(count, .f32)
      for _ in 0..<rounds {
        engine.copy(source, to: buffer)
        engine.add(source, to: buffer)
        try exchange.reduceScatter(buffer).wait()
        try exchange.allGather(buffer).wait()
        engine.add(buffer, to: total)
        engine.zero(buffer)
      }
      let expected = (0..<count).map { place in
        (0..<exchange.ranks).reduce(Float(0)) {
          $0 + 2 * Float(rounds) * wholeNumbers(count, rank: $1)[place]
        }
      }
      return engine.download(total) == expected
    }

    @Test(arguments: [2, 4], [0, 1, 2, 3] as [UInt64])
    func whatIsExchangedIsSeen(ranks: Int, seed: UInt64) throws {
      let results = try EmulatedRanks.run(ranks, seed: seed) { engine, members in
        try Self.isRight(engine, StreamExchange(engine, members))
      }
      #expect(results == Array(repeating: true, count: ranks))
    }

    /// The test above must be able to fail.
    @Test(arguments: HastyExchange.Slip.allCases, [1, 2, 3] as [UInt64])
    fileprivate func aMissingWaitIsSeen(slip: HastyExchange.Slip, seed: UInt64) throws {
      let results = try EmulatedRanks.run(2, seed: seed) { engine, members in
        try Self.isRight(engine, HastyExchange(engine, members, slip))
      }
      #expect(results.contains(false))
    }

    /// Gradients of one unit go round while those of the next are computed; sums pile up over batches.
    @Test(arguments: [0, 1, 2] as [UInt64]) func gradientsAddUpBehind(seed: UInt64) throws {
      let ranks = 4, units = 3, batches = 3
      _ = try EmulatedRanks.run(ranks, seed: seed) { engine, members in
        let exchange = try NCCLCarrier(engine).exchange(members)
        let rank = exchange.rank, mine = exchange.share(of: Self.count)
        var buffers: [CUDAMemory] = [], sums: [CUDAMemory] = [], sources: [CUDAMemory] = []
        for unit in 0..<units {
          buffers.append(try engine.allocate(Self.count, .f32))
          sums.append(try engine.allocate(mine.count, .f32))
          sources.append(try engine.memory(wholeNumbers(Self.count, rank: rank + unit)))
        }
        var tickets: [Ticket?] = Array(repeating: nil, count: units)
        for _ in 0..<batches {
          for unit in 0..<units {
            try tickets[unit]?.wait()
            engine.copy(sources[unit], to: buffers[unit])
            tickets[unit] = exchange.reduceScatter(buffers[unit], adding: sums[unit])
          }
        }
        for unit in 0..<units {
          try tickets[unit]?.wait()
          let expected = mine.map { place in
            (0..<ranks).reduce(Float(0)) {
              $0 + Float(batches) * wholeNumbers(Self.count, rank: $1 + unit)[place]
            }
          }
          #expect(engine.download(sums[unit]) == expected, "unit \(unit), rank \(rank)")
        }
      }
    }

    /// A recorded step: what the engine computes, an exchange behind it, a sum on the engine's stream.
    @Test(arguments: [0, 1, 2] as [UInt64]) func recordedRanksRepeat(seed: UInt64) throws {
      let ranks = 2
      _ = try EmulatedRanks.run(ranks, seed: seed) { engine, members in
        let team = try NCCLCommunicator(engine, members)
        let exchange = try StreamExchange(engine, try members.split(color: 0))
        let rank = team.rank, count = Self.count
        let source = try engine.allocate(count, .f32), buffer = try engine.allocate(count, .f32)
        let behind = try engine.allocate(count, .f32), total = try engine.allocate(count, .f32)
        let graph = try Self.recorded(engine) { () throws(Fault) in
          engine.copy(source, to: buffer)
          engine.copy(source, to: behind)
          let ticket = exchange.reduceScatter(behind)
          engine.add(source, to: buffer)
          try team.allReduce(buffer)
          try ticket.wait()
          try exchange.allGather(behind).wait()
          engine.add(buffer, to: total)
          engine.add(behind, to: total)
        }
        var expected = [Float](repeating: 0, count: count)
        for round in 0..<4 {
          engine.upload(wholeNumbers(count, rank: rank + round).span, to: source)
          try graph.launch(on: engine.stream)
          for other in 0..<ranks {
            let numbers = wholeNumbers(count, rank: other + round)
            for place in 0..<count { expected[place] += 3 * numbers[place] }
          }
        }
        #expect(engine.download(total) == expected, "rank \(rank)")
      }
    }

    private static func recorded(
      _ engine: CUDAEngine, _ work: () throws(Fault) -> Void
    ) throws -> CUDAGraph {
      var failure: Fault?
      let graph = try CUDAGraph(engine.stream) { () throws(CUDAError) in
        do throws(Fault) { try work() } catch { failure = error }
      }
      if let failure { throw failure }
      return graph
    }
  }
}
