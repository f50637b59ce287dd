internal import CTextModels

/// Where the threads of a training wait for one another, thousands of times a second.
@safe final class Barrier: @unchecked Sendable {
  private let barrier: UnsafeMutablePointer<quipu_training_barrier>

  init(_ parties: Int) {
    unsafe barrier = .allocate(capacity: 1)
    unsafe barrier.initialize(to: quipu_training_barrier())
    unsafe barrier.pointee.parties = Int32(parties)
  }

  deinit { unsafe barrier.deallocate() }

  /// Returns once all parties have called it as often as this one; what any of them wrote before is
  /// then seen by all.
  func wait() { unsafe quipu_training_wait(barrier) }
}
