import Glibc
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
  private let joining: Joining
  private let turn = Mutex(())

  public init(threads: Int) {
    precondition(threads > 0, "\(threads) threads; at least 1 is needed")
    self.threads = threads
    let state = SharedWork()
    self.state = state
    joining = Joining((1..<threads).map { worker in start { state.serve(worker) } })
  }

  deinit {
    state.end()
    joining.join()
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
@safe private final class SharedWork: @unchecked Sendable {
  private let next = Atomic<Int>(0)
  private var tasks = 0
  private var body: ((Int, Int) -> Void)?
  private var round = 0
  private var active = 0
  private var isEnded = false
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let begun = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let finished = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(begun, nil)
    unsafe pthread_cond_init(finished, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(finished)
    unsafe pthread_cond_destroy(begun)
    unsafe pthread_mutex_destroy(mutex)
    unsafe finished.deallocate()
    unsafe begun.deallocate()
    unsafe mutex.deallocate()
  }

  func perform(_ tasks: Int, _ body: @escaping (Int, Int) -> Void) {
    unsafe pthread_mutex_lock(mutex)
    self.tasks = tasks
    self.body = body
    next.store(0, ordering: .relaxed)
    round += 1
    unsafe pthread_cond_broadcast(begun)
    unsafe pthread_mutex_unlock(mutex)
    take(tasks, 0, body)
    unsafe pthread_mutex_lock(mutex)
    self.body = nil  // who wakes only now finds nothing to do
    while active > 0 { unsafe pthread_cond_wait(finished, mutex) }
    unsafe pthread_mutex_unlock(mutex)
  }

  func serve(_ worker: Int) {
    var seen = 0
    unsafe pthread_mutex_lock(mutex)
    while true {
      while round == seen && !isEnded { unsafe pthread_cond_wait(begun, mutex) }
      if isEnded { break }
      seen = round
      guard let body, case let tasks = tasks else { continue }
      active += 1
      unsafe pthread_mutex_unlock(mutex)
      take(tasks, worker, body)
      unsafe pthread_mutex_lock(mutex)
      active -= 1
      if active == 0 { unsafe pthread_cond_signal(finished) }
    }
    unsafe pthread_mutex_unlock(mutex)
  }

  func end() {
    unsafe pthread_mutex_lock(mutex)
    isEnded = true
    unsafe pthread_cond_broadcast(begun)
    unsafe pthread_mutex_unlock(mutex)
  }

  private func take(_ tasks: Int, _ worker: Int, _ body: (Int, Int) -> Void) {
    while true {
      let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
      if task >= tasks { return }
      body(task, worker)
    }
  }
}

/// The handles of a pool's threads.
@safe private struct Joining: @unchecked Sendable {
  private let handles: [pthread_t]
  init(_ handles: [pthread_t]) { self.handles = handles }
  func join() { for handle in handles { pthread_join(handle, nil) } }
}

private final class Body: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

private func start(_ run: @escaping @Sendable () -> Void) -> pthread_t {
  let box = unsafe Unmanaged.passRetained(Body(run)).toOpaque()
  var handle = pthread_t()
  let result = unsafe pthread_create(
    &handle, nil,
    { argument in
      guard let argument = unsafe argument else { return nil }
      unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
      return nil
    }, box)
  precondition(result == 0, "could not start a thread: error \(result)")
  return handle
}
