import Compute
import Ground
import Ranks
import Synchronization

/// What carries the messages of a test's ranks, which are threads.
enum Carrier: CaseIterable, Sendable {
  case memory, sockets
}

typealias Channel = any Communicator<View<Float>>

/// Runs `body` on every rank and gives what they return, by rank.
func onRanks<Result: Sendable>(
  _ ranks: Int, over carrier: Carrier, _ body: @Sendable @escaping (Channel) throws -> Result
) throws -> [Result] {
  switch carrier {
  case .memory:
    let group = MemoryGroup<Float>(ranks: ranks)
    return try onThreads(ranks) { try body(group.communicator(rank: $0)) }
  case .sockets:
    return try onSockets(ranks) { try body($0.communicator()) }
  }
}

/// Runs `body` with every rank's end of a group of sockets.
func onSockets<Result: Sendable>(
  _ ranks: Int, limits: RankLimits = RankLimits(join: .seconds(20)),
  _ body: @Sendable @escaping (SocketGroup) throws -> Result
) throws -> [Result] {
  let environments = try LaunchEnvironment.local(ranks: ranks, token: "test")
  return try onThreads(ranks) { try body(SocketGroup(environments[$0], limits: limits)) }
}

/// Runs `body` on so many threads at once.
func onThreads<Result: Sendable>(
  _ count: Int, _ body: @Sendable @escaping (Int) throws -> Result
) throws -> [Result] {
  let next = Mutex(0)
  var results: [Result] = []
  try orderedMap(
    jobs: count,
    next: {
      next.withLock { next in
        defer { next += 1 }
        return next < count ? next : nil
      }
    },
    transform: { try body($0) },
    accept: { results.append($0) })
  return results
}

/// The fault that `body` throws, as a text; nil where it throws none.
func fault(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch { return "\(error)" }
}

/// What rank r has at a place: numbers whose sums depend on the order in which they are taken.
func value(_ rank: Int, _ index: Int) -> Float {
  let bits = scatter(UInt64(rank) << 40 | UInt64(index))
  let fraction = Float(bits >> 40) / 0x1p24 - 0.5
  return fraction * [1, 0x1p-12, 0x1p10, 3][Int(bits & 3)]
}

func filled(_ rank: Int, _ count: Int) -> View<Float> {
  let view = Arena<Float>(count: count).all
  view.copy(from: (0..<count).map { value(rank, $0) })
  return view
}

/// The plain sum in the order of ranks.
func plainSum(_ ranks: Int, _ count: Int) -> [Float] {
  (0..<count).map { index in
    (1..<ranks).reduce(value(0, index)) { $0 + value($1, index) }
  }
}
