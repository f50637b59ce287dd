import Synchronization

/// Values that threads take turns with: each has one to itself while it works.
final class Pool<Value: ~Copyable>: Sendable {
  /// Only ever held by one thread, or waiting.
  private final class Held: @unchecked Sendable {
    var value: Value
    init(_ value: consuming Value) { self.value = value }
  }

  private let waiting = Mutex<[Held]>([])
  private let make: @Sendable () -> Value

  init(_ make: @Sendable @escaping () -> Value) { self.make = make }

  /// Lends a value to `body`, a new one where all are in use.
  func withOne<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    let held = waiting.withLock { $0.popLast() } ?? Held(make())
    defer { waiting.withLock { $0.append(held) } }
    return try body(&held.value)
  }
}
