/// Runs `body` for each number below `jobs`, each on a thread of its own but the first, and gives the
/// results in that order.
///
/// - Precondition: `body` touches nothing that another call changes.
public func inParallel<Result: ~Copyable>(_ jobs: Int, _ body: (Int) -> Result) -> [Box<Result>] {
  precondition(jobs > 0, "\(jobs) jobs; at least 1 is needed")
  let boxes = (0..<jobs).map { _ in Box<Result>() }
  withoutActuallyEscaping(body) { body in
    nonisolated(unsafe) let body = body
    let threads = (1..<jobs).map { job in
      Thread { unsafe boxes[job].value = body(job) }
    }
    boxes[0].value = unsafe body(0)
    for thread in threads { thread.join() }
  }
  return boxes
}

/// Holds what one thread makes until another takes it, after the first has ended.
public final class Box<Value: ~Copyable>: @unchecked Sendable {
  fileprivate var value: Value?

  fileprivate init() {}

  /// Takes the value out, once.
  public func take() -> Value {
    guard let value = value.take() else { preconditionFailure("nothing was made, or it was taken") }
    return value
  }

  /// Reads the value, which has not been taken.
  public func read<Result>(_ body: (borrowing Value) -> Result) -> Result? {
    switch value {
    case .some(let value): body(value)
    case .none: nil
    }
  }
}
