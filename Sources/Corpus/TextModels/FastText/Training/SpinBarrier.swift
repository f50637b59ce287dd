internal import CTextModels
internal import Glibc
internal import Synchronization

/// Where threads wait for one another, hundreds of times a second.
///
/// The others come soon as a rule, so each asks again for some microseconds before it gives way to
/// whatever else wants to run.
final class SpinBarrier: Sendable {
  private let parties: Int
  private let arrived = Atomic<Int>(0)
  private let round = Atomic<Int>(0)

  init(_ parties: Int) { self.parties = parties }

  /// Returns once all parties have called it as often as this one.
  ///
  /// What any of them wrote before is then seen by all.
  func wait() {
    if parties == 1 { return }
    let mine = round.load(ordering: .acquiring)
    if arrived.add(1, ordering: .acquiringAndReleasing).newValue == parties {
      arrived.store(0, ordering: .relaxed)
      round.store(mine &+ 1, ordering: .releasing)
      return
    }
    var asked = 0
    while round.load(ordering: .acquiring) == mine {
      asked += 1
      if asked < 2000 { quipu_training_pause() } else { sched_yield() }
    }
  }
}
