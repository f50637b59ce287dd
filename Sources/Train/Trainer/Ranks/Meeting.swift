import Compute
import Glibc
import Ground

/// Where threads wait for one another and lay out what the others are to see.
@safe final class Meeting: @unchecked Sendable {
  private let ranks: Int
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var arrived = 0
  private var round = 0
  private var fault: Fault?
  private var views: [View<Float>?]
  private var numbers: [[Double]]

  init(ranks: Int) {
    self.ranks = ranks
    views = Array(repeating: nil, count: ranks)
    numbers = Array(repeating: [], count: ranks)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(changed, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  /// Waits until all ranks have come.
  func meet() throws(Fault) { try meet {} }

  /// Every rank's view, in their order; the views may be used until the next `meet`.
  func exchange(views mine: View<Float>, rank: Int) throws(Fault) -> [View<Float>] {
    try meet {
      views[rank] = mine
    }
    let all = locked { views.compactMap { $0 } }
    precondition(all.allSatisfy { $0.count == mine.count }, "ranks with views of different sizes")
    return all
  }

  /// Every rank's numbers, in their order.
  func exchange(numbers mine: [Double], rank: Int) throws(Fault) -> [[Double]] {
    try meet {
      numbers[rank] = mine
    }
    let all = locked { numbers }
    try meet()  // nobody lays out new numbers before all have read these
    return all
  }

  func abort(_ fault: Fault) {
    locked {
      if self.fault == nil { self.fault = fault }
      unsafe pthread_cond_broadcast(changed)
    }
  }

  private func meet(_ layOut: () -> Void) throws(Fault) {
    let broken: Fault? = locked {
      if let fault { return fault }
      layOut()
      arrived += 1
      if arrived == ranks {
        arrived = 0
        round += 1
        unsafe pthread_cond_broadcast(changed)
        return nil
      }
      let mine = round
      while round == mine && self.fault == nil { unsafe pthread_cond_wait(changed, mutex) }
      return round == mine ? self.fault : nil
    }
    if let broken { throw broken }
  }

  private func locked<Result>(_ body: () -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }
}
