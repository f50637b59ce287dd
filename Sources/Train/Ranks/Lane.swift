public import Ground

/// A thread that carries out communication in order while the rank computes.
///
/// What is started runs one after another, in the order of the calls, so that all ranks communicate
/// alike. After a failure nothing more is begun: later tickets throw the same fault. A lane that is let
/// go first finishes what was started.
public final class Lane: Sendable {
  private let queue: LaneQueue
  private let thread: Thread

  public init() {
    let queue = LaneQueue()
    self.queue = queue
    thread = Thread { queue.serve() }
  }

  deinit {
    queue.end()
    thread.join()
  }

  /// Adds work to the end of the line and returns at once.
  public func start(_ work: @escaping @Sendable () throws(Fault) -> Void) -> Ticket {
    let (queue, number) = (queue, queue.add(work))
    return Ticket { () throws(Fault) in try queue.wait(number) }
  }
}

/// Work by number, in the order in which it was started.
private final class LaneQueue: @unchecked Sendable {
  typealias Work = @Sendable () throws(Fault) -> Void

  private let changed = Condition()
  private var waiting: [Work] = []
  private var added = 0
  private var done = 0
  private var failure: (number: Int, fault: Fault)?
  private var isEnded = false

  /// The number of the work.
  func add(_ work: @escaping Work) -> Int {
    changed.signal {
      waiting.append(work)
      defer { added += 1 }
      return added
    }
  }

  func end() { changed.signal { isEnded = true } }

  func wait(_ number: Int) throws(Fault) {
    try changed.wait { () -> Result<Void, Fault>? in
      if let failure, failure.number <= number { return .failure(failure.fault) }
      return done > number ? .success(()) : nil
    }.get()
  }

  func serve() {
    while let work = next() {
      do throws(Fault) {
        try work()
        changed.signal { done += 1 }
      } catch {
        changed.signal { failure = (done, error) }
        return
      }
    }
  }

  /// Waits for work; nil where there will be no more.
  private func next() -> Work? {
    changed.wait { () -> Work?? in
      if !waiting.isEmpty { return .some(waiting.removeFirst()) }
      return isEnded ? .some(nil) : nil
    }
  }
}
