public import Compute
public import Ground

/// How the ranks of a run talk; every rank makes the same calls in the same order.
///
/// Sums are taken in the order of ranks, so a run repeats bit by bit.
public protocol Communicator: Sendable {
  /// This rank, from 0.
  var rank: Int { get }
  /// How many there are.
  var ranks: Int { get }

  /// Replaces every rank's values by their sum.
  func allReduce(_ values: View<Float>) throws(Fault)

  /// The sums of every rank's numbers.
  func allReduce(_ numbers: [Double]) throws(Fault) -> [Double]

  /// Replaces every rank's values by those of `root`.
  func broadcast(_ values: View<Float>, from root: Int) throws(Fault)

  /// Waits until every rank is here.
  func barrier() throws(Fault)

  /// Makes every waiting or later call of every rank throw `fault`.
  func abort(_ fault: Fault)
}

/// Ranks that are threads of one process.
public final class MemoryGroup: Sendable {
  public let ranks: Int
  fileprivate let meeting: Meeting

  public init(ranks: Int) {
    precondition(ranks > 0, "\(ranks) ranks; at least 1 is needed")
    self.ranks = ranks
    meeting = Meeting(ranks: ranks)
  }

  public func communicator(rank: Int) -> MemoryCommunicator {
    precondition(rank >= 0 && rank < ranks, "rank \(rank) of \(ranks)")
    return MemoryCommunicator(rank: rank, group: self)
  }
}

/// One rank's end of a `MemoryGroup`.
public struct MemoryCommunicator: Communicator {
  public let rank: Int
  public var ranks: Int { group.ranks }
  private let group: MemoryGroup
  /// Sums run on this rank's own thread; each rank sums its part.
  private let alone = WorkerPool(threads: 1)

  fileprivate init(rank: Int, group: MemoryGroup) {
    self.rank = rank
    self.group = group
  }

  public func allReduce(_ values: View<Float>) throws(Fault) {
    guard ranks > 1 else { return }
    let views = try group.meeting.exchange(views: values, rank: rank)
    let first = values.count * rank / ranks
    let part = first..<values.count * (rank + 1) / ranks
    let sum = views[0].part(part)
    for other in 1..<ranks { add(views[other].part(part), to: sum, workers: alone) }
    for other in 1..<ranks { views[other].part(part).copy(from: sum) }
    try group.meeting.meet()
  }

  public func allReduce(_ numbers: [Double]) throws(Fault) -> [Double] {
    guard ranks > 1 else { return numbers }
    let all = try group.meeting.exchange(numbers: numbers, rank: rank)
    return numbers.indices.map { index in all.reduce(0) { $0 + $1[index] } }
  }

  public func broadcast(_ values: View<Float>, from root: Int) throws(Fault) {
    precondition(root >= 0 && root < ranks, "rank \(root) of \(ranks)")
    guard ranks > 1 else { return }
    let views = try group.meeting.exchange(views: values, rank: rank)
    if rank != root { values.copy(from: views[root]) }
    try group.meeting.meet()
  }

  public func barrier() throws(Fault) { try group.meeting.meet() }

  public func abort(_ fault: Fault) { group.meeting.abort(fault) }
}
