public import Compute
public import Ground

/// One rank's end of a `SocketGroup`, or of a part that it was split into.
///
/// Share j of the values is sent to rank j, which sums it in the order of ranks, and comes back from
/// there: each rank moves `2 · count · (ranks - 1) / ranks` values, and the sum is bit by bit that of
/// `MemoryCommunicator`.
public struct SocketCommunicator<Scalar: Real>: Communicator {
  public var rank: Int { links.place }
  public var ranks: Int { links.members.count }
  private let links: Links
  /// Leaves the run with its last communicator.
  private let group: SocketGroup
  private let scratch: Scratch<Scalar>
  private let alone = WorkerPool(threads: 1)
  private let splits = Splits()

  init(_ links: Links, group: SocketGroup) {
    self.links = links
    self.group = group
    scratch = Scratch(ranks: links.members.count)
  }

  private var others: [Int] { (0..<ranks).filter { $0 != rank } }

  public func allReduce(_ values: View<Scalar>) throws(Fault) {
    guard ranks > 1 else { return }
    try reduceScatter(values)
    try allGather(values)
  }

  public func reduceScatter(_ values: View<Scalar>) throws(Fault) {
    guard ranks > 1 else { return }
    let mine = values.part(share(of: values.count))
    // In blocks, so that what is received before it is summed stays small; no rank waits for another
    // between them.
    let blocks = max(1, (mine.count + scratch.block - 1) / scratch.block)
    func block(_ number: Int) -> View<Scalar> {
      let first = number * scratch.block
      return mine.part(first, min(scratch.block, mine.count - first))
    }
    try links.move(
      .reduce,
      sends: others.map {
        unsafe Transfer(values.part(share($0, of: values.count)).raw, to: $0)
      },
      size: { _ in mine.count * MemoryLayout<Scalar>.stride }, rounds: blocks,
      windows: { number in
        let rows = scratch.rows(of: block(number).count)
        return others.map { unsafe Transfer(rows[$0].raw, from: $0) }
      },
      use: { number in
        let block = block(number)
        sum(scratch.rows(of: block.count), into: block)
      })
  }

  /// Sums in the order of ranks, with `mine` in its place.
  private func sum(_ received: [View<Scalar>], into mine: View<Scalar>) {
    guard rank > 0 else {
      for other in 1..<ranks { add(received[other], to: mine, workers: alone) }
      return
    }
    for other in 1..<ranks {
      add(other == rank ? mine : received[other], to: received[0], workers: alone)
    }
    mine.copy(from: received[0])
  }

  public func allGather(_ values: View<Scalar>) throws(Fault) {
    guard ranks > 1 else { return }
    try gather(values, as: .gather)
  }

  private func gather<Number: Real>(_ values: View<Number>, as operation: Operation) throws(Fault) {
    let mine = unsafe values.part(share(of: values.count)).raw
    try links.move(
      operation, sends: others.map { unsafe Transfer(mine, to: $0) },
      receives: others.map {
        unsafe Transfer(values.part(share($0, of: values.count)).raw, from: $0)
      })
  }

  public func broadcast(_ values: View<Scalar>, from root: Int) throws(Fault) {
    precondition(root >= 0 && root < ranks, "rank \(root) of \(ranks)")
    guard ranks > 1 else { return }
    // The root sends each rank its share and all tell each other: no rank sends all to all.
    if rank == root {
      try links.move(
        .broadcast,
        sends: others.map { unsafe Transfer(values.part(share($0, of: values.count)).raw, to: $0) })
    } else {
      try links.move(
        .broadcast,
        receives: [unsafe Transfer(values.part(share(of: values.count)).raw, from: root)])
    }
    try gather(values, as: .broadcast)
  }

  public func send(_ values: View<Scalar>, to other: Int) throws(Fault) {
    precondition(other >= 0 && other < ranks && other != rank, "rank \(rank) sends to \(other)")
    try links.move(.send, sends: [unsafe Transfer(values.raw, to: other)])
  }

  public func receive(_ values: View<Scalar>, from other: Int) throws(Fault) {
    precondition(other >= 0 && other < ranks && other != rank, "rank \(rank) hears \(other)")
    try links.move(.send, receives: [unsafe Transfer(values.raw, from: other)])
  }

  /// Every rank's numbers, in their order.
  private func all(_ numbers: [Double]) throws(Fault) -> [[Double]] {
    let count = numbers.count
    let table = Arena<Double>(count: ranks * count).all
    table.part(rank * count, count).copy(from: numbers)
    try gather(table, as: .numbers)
    return (0..<ranks).map { table.part($0 * count, count).array }
  }

  public func sum(_ numbers: [Double]) throws(Fault) -> [Double] {
    ranks > 1 ? sums(try all(numbers)) : numbers
  }

  public func maximum(_ numbers: [Double]) throws(Fault) -> [Double] {
    ranks > 1 ? largest(try all(numbers)) : numbers
  }

  public func barrier() throws(Fault) { if ranks > 1 { _ = try all([]) } }

  /// Makes a group with connections of its own, so that it can be used while this one is.
  public func split(color: Int) throws(Fault) -> any Communicator<View<Scalar>> {
    let colors = ranks > 1 ? try all([Double(color)]).map { Int($0[0]) } : [color]
    let members = colors.indices.filter { colors[$0] == color }.map { links.members[$0] }
    var name: [UInt8] = []
    name.append(number: links.group)
    name.append(number: splits.next())
    name.append(number: color)
    let part = try Links(mesh: links.mesh, group: xxh3(name), members: members)
    return SocketCommunicator(part, group: group)
  }

  public func abort(_ fault: Fault) { links.mesh.abort(fault) }

  public var failure: Fault? { links.mesh.failure }
}

extension View {
  /// The bytes of the elements, for a call that ends before the view does.
  fileprivate var raw: UnsafeMutableRawBufferPointer {
    unsafe withElements { UnsafeMutableRawBufferPointer($0) }
  }
}

/// Where a block is received from each rank before it is summed; used by one thread at a time.
private final class Scratch<Scalar: Real>: @unchecked Sendable {
  /// The most values of a share that are summed at once: all ranks' together are some 2²⁰.
  let block: Int
  private let ranks: Int
  private var arena = Arena<Scalar>(count: 0)

  init(ranks: Int) {
    self.ranks = ranks
    block = max(1 << 12, (1 << 20) / ranks)
  }

  /// A row of so many values for each rank.
  func rows(of count: Int) -> [View<Scalar>] {
    if arena.count < ranks * count { arena = Arena(count: ranks * count) }
    return (0..<ranks).map { arena.view($0 * count, count) }
  }
}

/// Counts the splits of a communicator: all its ranks count alike.
private final class Splits: @unchecked Sendable {
  private var count = 0

  func next() -> Int {
    count += 1
    return count
  }
}
