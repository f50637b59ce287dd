public import Compute
public import Ground

/// Ranks that are threads of one process.
public final class MemoryGroup<Scalar: Real>: Sendable {
  public let ranks: Int
  private let meeting: Meeting<Scalar>

  public init(ranks: Int) {
    precondition(ranks > 0, "\(ranks) ranks; at least 1 is needed")
    self.ranks = ranks
    meeting = Meeting(ranks: ranks, hall: Hall())
  }

  /// The end of one rank, to be taken once by the thread that plays it.
  public func communicator(rank: Int) -> MemoryCommunicator<Scalar> {
    precondition(rank >= 0 && rank < ranks, "rank \(rank) of \(ranks)")
    return MemoryCommunicator(rank: rank, meeting: meeting)
  }
}

/// One rank's end of a `MemoryGroup`.
public struct MemoryCommunicator<Scalar: Real>: Communicator {
  public let rank: Int
  public var ranks: Int { meeting.ranks }
  private let meeting: Meeting<Scalar>
  /// Sums run on this rank's own thread; each rank sums its share.
  private let alone = WorkerPool(threads: 1)
  /// Where a share is summed that must not be summed in place.
  private let scratch = Arena<Scalar>(count: 1 << 13).all

  fileprivate init(rank: Int, meeting: Meeting<Scalar>) {
    self.rank = rank
    self.meeting = meeting
  }

  public func allReduce(_ values: View<Scalar>) throws(Fault) {
    guard ranks > 1 else { return }
    let views = try meeting.exchange(view: values, rank: rank)
    let mine = share(of: values.count)
    let sum = views[0].part(mine)
    for other in 1..<ranks { add(views[other].part(mine), to: sum, workers: alone) }
    for other in 1..<ranks { views[other].part(mine).copy(from: sum) }
    try meeting.meet()
  }

  public func reduceScatter(_ values: View<Scalar>) throws(Fault) {
    guard ranks > 1 else { return }
    let views = try meeting.exchange(view: values, rank: rank)
    let mine = share(of: values.count)
    for first in stride(from: mine.lowerBound, to: mine.upperBound, by: scratch.count) {
      let block = first..<min(first + scratch.count, mine.upperBound)
      let sum = scratch.part(0, block.count)
      sum.copy(from: views[0].part(block))
      for other in 1..<ranks { add(views[other].part(block), to: sum, workers: alone) }
      values.part(block).copy(from: sum)
    }
    try meeting.meet()
  }

  public func allGather(_ values: View<Scalar>) throws(Fault) {
    guard ranks > 1 else { return }
    let views = try meeting.exchange(view: values, rank: rank)
    for other in 0..<ranks where other != rank {
      let theirs = share(other, of: values.count)
      values.part(theirs).copy(from: views[other].part(theirs))
    }
    try meeting.meet()
  }

  public func broadcast(_ values: View<Scalar>, from root: Int) throws(Fault) {
    precondition(root >= 0 && root < ranks, "rank \(root) of \(ranks)")
    guard ranks > 1 else { return }
    let views = try meeting.exchange(view: values, rank: rank)
    if rank != root { values.copy(from: views[root]) }
    try meeting.meet()
  }

  public func send(_ values: View<Scalar>, to other: Int) throws(Fault) {
    precondition(other >= 0 && other < ranks && other != rank, "rank \(rank) sends to \(other)")
    try meeting.post(values, from: rank, to: other)
  }

  public func receive(_ values: View<Scalar>, from other: Int) throws(Fault) {
    precondition(other >= 0 && other < ranks && other != rank, "rank \(rank) hears \(other)")
    values.copy(from: try meeting.collect(from: other, to: rank))
  }

  public func sum(_ numbers: [Double]) throws(Fault) -> [Double] {
    ranks > 1 ? sums(try meeting.exchange(numbers: numbers, rank: rank)) : numbers
  }

  public func maximum(_ numbers: [Double]) throws(Fault) -> [Double] {
    ranks > 1 ? largest(try meeting.exchange(numbers: numbers, rank: rank)) : numbers
  }

  public func barrier() throws(Fault) { try meeting.meet() }

  public func split(color: Int) throws(Fault) -> any Communicator<View<Scalar>> {
    let colors = try meeting.exchange(numbers: [Double(color)], rank: rank).map { Int($0[0]) }
    let members = colors.indices.filter { colors[$0] == color }
    let place = members.firstIndex(of: rank) ?? 0
    // The first of a colour lays out where they shall meet.
    let made = place == 0 ? Meeting<Scalar>(ranks: members.count, hall: meeting.hall) : nil
    let laid = try meeting.exchange(meeting: made, rank: rank)[members[0]]
    guard let laid else { preconditionFailure("rank \(members[0]) laid out no meeting") }
    return MemoryCommunicator(rank: place, meeting: laid)
  }

  public func abort(_ fault: Fault) { meeting.hall.abort(fault) }

  public var failure: Fault? { meeting.hall.changed.locked { meeting.hall.fault } }
}
