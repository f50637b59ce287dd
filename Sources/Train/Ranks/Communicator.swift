public import Ground

/// How the ranks of a run talk.
///
/// Every rank makes the same calls in the same order with as many values. Sums are taken in the
/// order of ranks, whatever carries them, so a run repeats bit by bit and does not depend on the
/// carrier. One thread at a time may use a communicator; different ones, of one `split` or several,
/// may be used at once. Where a rank fails or is lost, every call of every rank throws.
///
/// - SeeAlso: The collectives are those of NCCL and MPI, docs.nvidia.com/deeplearning/nccl.
public protocol Communicator<Memory>: Sendable {
  /// Where values lie: `View<Float>` on the CPU.
  associatedtype Memory: Sendable

  /// This rank, from 0.
  var rank: Int { get }
  /// How many there are.
  var ranks: Int { get }

  /// Replaces every rank's values by their sum.
  func allReduce(_ values: Memory) throws(Fault)

  /// Replaces this rank's share of its values by the sum of all ranks' values there.
  ///
  /// The other shares are left as they were.
  func reduceScatter(_ values: Memory) throws(Fault)

  /// Fills in the other ranks' shares with what they have there.
  func allGather(_ values: Memory) throws(Fault)

  /// Replaces every rank's values by those of `root`.
  func broadcast(_ values: Memory, from root: Int) throws(Fault)

  /// Sends values to one other rank, which calls `receive`.
  ///
  /// The values may be changed once it returns. It may wait for the receiver where they are many, so
  /// two ranks must not both send to each other before they receive.
  func send(_ values: Memory, to rank: Int) throws(Fault)

  /// Replaces the values by the next that another rank sends to this one.
  func receive(_ values: Memory, from rank: Int) throws(Fault)

  /// The sums of every rank's numbers, number by number, on every rank.
  func sum(_ numbers: [Double]) throws(Fault) -> [Double]

  /// The largest of every rank's numbers, number by number; NaN where one is NaN.
  func maximum(_ numbers: [Double]) throws(Fault) -> [Double]

  /// Waits until every rank is here.
  func barrier() throws(Fault)

  /// A communicator for the ranks that give the same colour, in the order of their ranks here.
  func split(color: Int) throws(Fault) -> any Communicator<Memory>

  /// Makes every waiting or later call of every rank throw `fault`, also in other groups of the run.
  func abort(_ fault: Fault)

  /// What every call throws by now; nil while all is well.
  ///
  /// Any thread may ask at any time, and nothing waits: for those that wait for a rank by other means.
  var failure: Fault? { get }
}

extension Communicator {
  /// Where this rank's share of `count` values lies.
  public func share(of count: Int) -> Range<Int> { share(rank, of: count) }

  /// Where a rank's share of `count` values lies.
  public func share(_ rank: Int, of count: Int) -> Range<Int> {
    rankShare(rank, of: ranks, count: count)
  }
}

/// Where the share of one of `ranks` lies in `count` values: shares follow each other and differ by
/// one value at most.
public func rankShare(_ rank: Int, of ranks: Int, count: Int) -> Range<Int> {
  precondition(rank >= 0 && rank < ranks, "rank \(rank) of \(ranks)")
  return count * rank / ranks..<count * (rank + 1) / ranks
}

/// The largest of each place; NaN where one is NaN, so that no rank's broken number is lost.
func largest(_ all: [[Double]]) -> [Double] {
  guard var largest = all.first else { return [] }
  for numbers in all.dropFirst() {
    for index in largest.indices where !(numbers[index] <= largest[index]) {
      if !largest[index].isNaN { largest[index] = numbers[index] }
    }
  }
  return largest
}

/// The sums of each place, in the order of ranks.
func sums(_ all: [[Double]]) -> [Double] {
  guard var sums = all.first else { return [] }
  for numbers in all.dropFirst() {
    for index in sums.indices { sums[index] += numbers[index] }
  }
  return sums
}
