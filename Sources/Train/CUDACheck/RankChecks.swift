public import CUDA
public import Compute
internal import Ground
public import Ranks
internal import Synchronization

/// The checks of several GPUs together: ranks are threads of this process, each with a GPU of its own.
public enum RankChecks {
  /// Runs `body` once for every rank.
  ///
  /// - Parameters:
  ///   - ranks: How many.
  ///   - engine: Makes a rank's, on that rank's thread.
  ///   - body: What a rank does, with its engine and its end of a group of hosts.
  /// - Returns: What it gave, in the order of ranks.
  /// - Throws: What a rank throws; the others' calls then throw as well.
  public static func onRanks<Result: Sendable>(
    _ ranks: Int, engine: @escaping @Sendable (Int) throws -> CUDAEngine,
    _ body: @escaping @Sendable (CUDAEngine, any Communicator<View<Float>>) throws -> Result
  ) throws -> [Result] {
    let group = MemoryGroup<Float>(ranks: ranks)
    let next = Atomic<Int>(0)
    var results: [Result] = []
    try orderedMap(
      jobs: ranks,
      next: {
        let rank = next.wrappingAdd(1, ordering: .relaxed).oldValue
        return rank < ranks ? rank : nil
      },
      transform: { rank in
        let members = group.communicator(rank: rank)
        do {
          return try body(try engine(rank), members)
        } catch {
          members.abort(Fault("rank \(rank)", at: 0, .unusable("\(error)")))
          throw error
        }
      },
      accept: { results.append($0) })
    return results
  }

  /// Every collective, on the engine's stream and behind it, against that of the hosts.
  ///
  /// - Parameters:
  ///   - ranks: At most 8: sums are then exact in bf16.
  ///   - share: Values of a rank's share.
  ///   - isTimed: Measures an all-reduce as well.
  ///   - engine: Makes a rank's, on that rank's thread.
  ///   - report: Gets a row for each, with the worst rank's error.
  /// - Throws: Where a rank is lost or a GPU fails.
  public static func run(
    _ ranks: Int, share: Int = 1 << 17, isTimed: Bool = true,
    engine: @escaping @Sendable (Int) throws -> CUDAEngine, report: (CheckRow) -> Void
  ) throws {
    let all = try onRanks(ranks, engine: engine) { engine, members in
      var rows: [CheckRow] = []
      let team = try NCCLCommunicator(engine, members)
      let exchange = try StreamExchange(engine, try members.split(color: 0))
      for format in [CUDAFormat.f32, .bf16] {
        let bench = RankBench(engine, members, count: share * ranks, format)
        for collective in Collective.allCases { rows.append(try bench.row(collective, team)) }
        rows += try bench.rows(exchange)
      }
      if isTimed && ranks > 1 { rows.append(try speed(engine, team)) }
      return rows
    }
    for number in all[0].indices {
      report(all.map { $0[number] }.first { !$0.isPassed } ?? all[0][number])
    }
  }

  /// Bytes that each GPU sends for an all-reduce of 256 MiB, in a second.
  private static func speed(
    _ engine: CUDAEngine, _ team: NCCLCommunicator
  ) throws -> CheckRow {
    let values = try engine.allocate(64 << 20, .f32)
    func spent() throws -> Double {
      var failure: Fault?
      let time = try engine.stream.milliseconds { () throws(CUDAError) in
        do throws(Fault) { try team.allReduce(values) } catch { failure = error }
      }
      if let failure { throw failure }
      return time
    }
    for _ in 0..<3 { _ = try spent() }
    let times = try (0..<5).map { _ in try spent() }.sorted()
    let sent = 2 * Double(values.bytes) * Double(team.ranks - 1) / Double(team.ranks)
    return CheckRow(
      name: "all-reduce", sizes: "\(values.bytes) bytes, \(team.ranks) ranks",
      milliseconds: times[2], rate: sent / times[2] / 1e6, unit: "GB/s")
  }
}

/// A collective that hosts and GPUs have alike.
private enum Collective: String, CaseIterable {
  case allReduce = "all-reduce"
  case reduceScatter = "reduce-scatter"
  case allGather = "all-gather"
  case broadcast
  case ring = "send and receive"

  func run<Memory: Sendable>(
    _ group: any Communicator<Memory>, _ values: Memory
  ) throws(Fault) {
    let (rank, last) = (group.rank, group.ranks - 1)
    switch self {
    case .allReduce: try group.allReduce(values)
    case .reduceScatter: try group.reduceScatter(values)
    case .allGather: try group.allGather(values)
    case .broadcast: try group.broadcast(values, from: last)
    case .ring:
      if last == 0 { return }
      if rank > 0 { try group.receive(values, from: rank - 1) }
      try group.send(values, to: rank == last ? 0 : rank + 1)
      if rank == 0 { try group.receive(values, from: last) }
    }
  }
}

/// What a rank's collectives are compared with.
private struct RankBench {
  let engine: CUDAEngine
  let members: any Communicator<View<Float>>
  let format: CUDAFormat
  /// Whole numbers below 32, different on every rank.
  let numbers: [Float]

  init(
    _ engine: CUDAEngine, _ members: any Communicator<View<Float>>, count: Int,
    _ format: CUDAFormat
  ) {
    self.engine = engine
    self.members = members
    self.format = format
    let rank = members.rank
    numbers = (0..<count).map { Float(($0 * 7 + $0 / 5 + rank * 13) % 31) }
  }

  private func memory() throws(CUDAError) -> CUDAMemory {
    let memory = try engine.allocate(numbers.count, format)
    engine.upload(numbers.span, to: memory)
    return memory
  }

  private func row(_ name: String, _ ours: CUDAMemory, _ theirs: [Float]) -> CheckRow {
    CheckRow(
      name: name, sizes: "\(ours.count) of \(format), rank \(members.rank) of \(members.ranks)",
      error: engine.download(ours) == theirs ? 0 : 1, limit: 0)
  }

  func row(_ collective: Collective, _ team: NCCLCommunicator) throws -> CheckRow {
    let ours = try memory(), theirs = Arena<Float>(count: numbers.count).all
    theirs.copy(from: numbers)
    try collective.run(team, ours)
    try collective.run(members, theirs)
    return row(collective.rawValue, ours, theirs.array)
  }

  /// Sums of shares that are added up and gathered, behind the engine; then the same recorded.
  func rows(_ exchange: StreamExchange) throws -> [CheckRow] {
    let source = try memory(), values = try memory()
    let mine = exchange.share(of: numbers.count)
    let sum = try engine.allocate(mine.count, format)
    let theirs = Arena<Float>(count: numbers.count).all
    theirs.copy(from: numbers)
    try members.allReduce(theirs)
    func work() throws(Fault) {
      engine.copy(source, to: values)
      try exchange.reduceScatter(values, adding: sum).wait()
      try exchange.allGather(values).wait()
    }
    func rows(_ name: String) -> [CheckRow] {
      [
        row("\(name): gathered", values, theirs.array),
        row("\(name): added", sum, theirs.part(mine).array),
      ]
    }
    try work()
    let direct = rows("exchange")
    var failure: Fault?
    let graph = try CUDAGraph(engine.stream) { () throws(CUDAError) in
      do throws(Fault) { try work() } catch { failure = error }
    }
    if let failure { throw failure }
    engine.zero(sum)
    engine.zero(values)
    try graph.launch(on: engine.stream)
    return direct + rows("recorded exchange")
  }
}
