import Glibc

/// A thread with an 8 MiB stack, joined by hand.
///
/// Work that is independent goes to `orderedMap`; this is for threads that wait for one another.
@safe public struct Thread: Sendable {
  private let handle: pthread_t

  /// Starts a thread that runs `body`.
  ///
  /// - Precondition: The system has a thread left.
  public init(_ body: @escaping @Sendable () -> Void) {
    let box = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
    var handle = pthread_t()
    let result = unsafe pthread_create(
      &handle, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, box)
    precondition(result == 0, "could not start a thread: error \(result)")
    self.handle = handle
  }

  /// Waits until the thread's body has returned; to be called once.
  public func join() { pthread_join(handle, nil) }
}

private final class Body: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A condition variable, which `Synchronization` lacks.
///
/// `wait` asks again after every `signal` until the answer is not nil. State that answers depend on
/// must change inside `signal`; bodies run one at a time and must not call their own condition.
@safe public final class Condition: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  public init() {
    unsafe mutex = .allocate(capacity: 1)
    unsafe condition = .allocate(capacity: 1)
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(condition, nil)
  }

  deinit {
    unsafe pthread_cond_destroy(condition)
    unsafe pthread_mutex_destroy(mutex)
    unsafe condition.deallocate()
    unsafe mutex.deallocate()
  }

  /// Sleeps until `answer` gives something, and gives that.
  public func wait<Answer>(_ answer: () -> Answer?) -> Answer {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    while true {
      if let answer = answer() { return answer }
      unsafe pthread_cond_wait(condition, mutex)
    }
  }

  /// Makes a change that answers depend on, and wakes all who wait.
  public func signal<Result>(_ change: () -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer {
      unsafe pthread_cond_broadcast(condition)
      unsafe pthread_mutex_unlock(mutex)
    }
    return change()
  }

  /// Reads, or makes a change that no one waits for: nobody is woken.
  public func locked<Result>(_ body: () -> Result) -> Result {
    unsafe pthread_mutex_lock(mutex)
    defer { unsafe pthread_mutex_unlock(mutex) }
    return body()
  }
}
