import Glibc
import Ground
import Synchronization

/// A fixed number of threads that share out numbered tasks.
///
/// Which thread runs a task is chance; what the tasks are is the caller's and must not depend on the
/// number of threads. Then results are bitwise the same for any number, as long as no two tasks of
/// one call write the same memory. Calls from several threads wait for one another; a task must not
/// call `run` itself.
public final class WorkerPool: Sendable {
  /// Threads that work, the caller's included.
  public let threads: Int
  private let state: SharedWork
  private let workers: [Thread]
  private let turn = Mutex(())

  public init(threads: Int) {
    precondition(threads > 0, "\(threads) threads; at least 1 is needed")
    self.threads = threads
    let state = SharedWork()
    self.state = state
    workers = (1..<threads).map { worker in Thread { state.serve(worker) } }
  }

  deinit {
    state.end()
    for worker in workers { worker.join() }
  }

  /// Processors that this process may use.
  public static var processors: Int { max(1, Int(sysconf(CInt(_SC_NPROCESSORS_ONLN)))) }

  /// Calls `body(task, worker)` for every task below `tasks`; workers are numbered from 0.
  public func run(_ tasks: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
    if threads == 1 || tasks < 2 {
      for task in 0..<tasks { body(task, 0) }
      return
    }
    turn.withLock { _ in
      withoutActuallyEscaping(body) { body in state.perform(tasks, body) }
    }
  }
}

/// The work that a pool's threads take from, one call of `run` at a time.
private final class SharedWork: @unchecked Sendable {
  private struct Work {
    var tasks: Int
    var body: (Int, Int) -> Void
  }

  private let next = Atomic<Int>(0)
  private let active = Atomic<Int>(0)
  private var tasks = 0
  private var body: ((Int, Int) -> Void)?
  private var round = 0
  private var isEnded = false
  private let begun = Condition()
  private let finished = Condition()

  func perform(_ tasks: Int, _ body: @escaping (Int, Int) -> Void) {
    begun.signal {
      self.tasks = tasks
      self.body = body
      next.store(0, ordering: .relaxed)
      round += 1
    }
    take(tasks, 0, body)
    begun.locked { self.body = nil }  // who wakes only now finds nothing to do
    if active.load(ordering: .acquiring) == 0 { return }
    finished.wait { active.load(ordering: .acquiring) == 0 ? () : nil }
  }

  func serve(_ worker: Int) {
    var seen = 0
    while takePart(worker, after: &seen) {
      let left = active.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
      if left == 0 { finished.signal {} }
    }
  }

  /// Works in a round behind `seen`, or says that there is none any more.
  ///
  /// Holds no body once it has returned: the caller of `run` takes it away when nobody is active.
  private func takePart(_ worker: Int, after seen: inout Int) -> Bool {
    let work = begun.wait { () -> Work?? in
      if isEnded { return .some(nil) }
      guard round != seen, let body else { return nil }
      seen = round
      active.wrappingAdd(1, ordering: .relaxed)
      return Work(tasks: tasks, body: body)
    }
    guard let work else { return false }
    take(work.tasks, worker, work.body)
    return true
  }

  func end() { begun.signal { isEnded = true } }

  private func take(_ tasks: Int, _ worker: Int, _ body: (Int, Int) -> Void) {
    while true {
      let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if task >= tasks { return }
      body(task, worker)
    }
  }
}
