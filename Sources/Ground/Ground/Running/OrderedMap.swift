import Glibc
import Synchronization

/// Maps items on `jobs` threads and hands the results over one by one, in the order of the items.
///
/// `next` is called by one thread at a time, in order; `transform` by many at once; `accept` on the
/// caller's thread. At most `4 · jobs` results wait, so memory is bounded. Where something throws,
/// exactly the results before the first failing item are accepted, all threads end, and that item's
/// error is thrown: the outcome does not depend on `jobs` or timing.
///
/// Threads, not tasks: the work blocks in reads and C calls, which would starve the cooperative pool.
public func orderedMap<Item: Sendable, Result: Sendable>(
  jobs: Int,
  next: @Sendable @escaping () throws -> Item?,
  transform: @Sendable @escaping (Item) throws -> Result,
  accept: (Result) throws -> Void
) throws {
  precondition(jobs > 0, "\(jobs) jobs; at least 1 is needed")
  if jobs == 1 {
    while let item = try next() { try accept(try transform(item)) }
    return
  }
  let ring = Ring<Result>(window: 4 * jobs)
  let threads = (0..<jobs).map { _ in
    Thread { ring.work(next: next, transform: transform) }
  }
  defer {
    ring.cancel()
    for thread in threads { thread.join() }
  }
  while let result = try ring.take() { try accept(result) }
}

/// Results on their way from the workers to the caller, in slots numbered by item.
private final class Ring<Result: Sendable>: Sendable {
  private struct State {
    var waiting: [Int: Swift.Result<Result, any Error>] = [:]
    var claimed = 0  // items handed to workers
    var taken = 0  // results handed to the caller
    var isEnded = false  // no more items, or a failure before which all are claimed
  }

  private let window: Int
  private let state = Mutex(State())
  private let claiming = Mutex(())
  private let changed = Condition()

  init(window: Int) { self.window = window }

  func work<Item: Sendable>(next: () throws -> Item?, transform: (Item) throws -> Result) {
    while let (number, item) = claim(next) {
      let result = Swift.Result { try transform(item) }
      changed.signal {
        state.withLock {
          $0.waiting[number] = result
          if case .failure = result { $0.isEnded = true }
        }
      }
    }
  }

  /// Waits for room and takes the next item; nil when there is none.
  private func claim<Item: Sendable>(_ next: () throws -> Item?) -> (Int, Item)? {
    claiming.withLock { _ in
      let isOpen = changed.wait {
        state.withLock { $0.isEnded ? false : $0.claimed - $0.taken < window ? true : nil }
      }
      guard isOpen else { return nil }
      let item = Swift.Result { try next() }
      return changed.signal {
        state.withLock { state in
          switch item {
          case .success(let item?):
            defer { state.claimed += 1 }
            return (state.claimed, item)
          case .success(nil): state.isEnded = true
          case .failure(let error):
            state.waiting[state.claimed] = .failure(error)
            state.claimed += 1
            state.isEnded = true
          }
          return nil
        }
      }
    }
  }

  /// Waits for the next result in order; nil after the last.
  func take() throws -> Result? {
    let result: Swift.Result<Result, any Error>? = changed.wait {
      state.withLock { state in
        if let result = state.waiting.removeValue(forKey: state.taken) { return .some(result) }
        return state.isEnded && state.taken == state.claimed ? .some(nil) : nil
      }
    }
    guard let result else { return nil }
    changed.signal { state.withLock { $0.taken += 1 } }
    return try result.get()
  }

  func cancel() {
    changed.signal { state.withLock { $0.isEnded = true } }
  }
}
