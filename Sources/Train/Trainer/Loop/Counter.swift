import Synchronization

/// Hands out 0, 1, … below a bound, each once.
final class Counter: Sendable {
  private let bound: Int
  private let next = Atomic<Int>(0)

  init(_ bound: Int) { self.bound = bound }

  func take() -> Int? {
    let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
    return number < bound ? number : nil
  }
}
