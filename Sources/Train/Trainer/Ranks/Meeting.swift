import Compute
import Ground

/// Where threads wait for one another and lay out what the others are to see.
final class Meeting: @unchecked Sendable {
  private let ranks: Int
  private let changed = Condition()
  private var arrived = 0
  private var round = 0
  private var fault: Fault?
  private var views: [View<Float>?]
  private var numbers: [[Double]]

  init(ranks: Int) {
    self.ranks = ranks
    views = Array(repeating: nil, count: ranks)
    numbers = Array(repeating: [], count: ranks)
  }

  /// Waits until all ranks have come.
  func meet() throws(Fault) { try meet {} }

  /// Every rank's view, in their order; the views may be used until the next `meet`.
  func exchange(views mine: View<Float>, rank: Int) throws(Fault) -> [View<Float>] {
    try meet {
      views[rank] = mine
    }
    let all = changed.locked { views.compactMap { $0 } }
    precondition(all.allSatisfy { $0.count == mine.count }, "ranks with views of different sizes")
    return all
  }

  /// Every rank's numbers, in their order.
  func exchange(numbers mine: [Double], rank: Int) throws(Fault) -> [[Double]] {
    try meet {
      numbers[rank] = mine
    }
    let all = changed.locked { numbers }
    try meet()  // nobody lays out new numbers before all have read these
    return all
  }

  func abort(_ fault: Fault) {
    changed.signal {
      if self.fault == nil { self.fault = fault }
    }
  }

  private func meet(_ layOut: () -> Void) throws(Fault) {
    let mine = try changed.signal { () -> Result<Int, Fault> in
      if let fault { return .failure(fault) }
      layOut()
      let mine = round
      arrived += 1
      if arrived == ranks {
        arrived = 0
        round += 1
      }
      return .success(mine)
    }.get()
    try changed.wait { round == mine ? fault.map { .failure($0) } : Result.success(()) }.get()
  }
}
