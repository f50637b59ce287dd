import Glibc

/// A block of numbers that is allocated once, aligned to 64 bytes and set to zero.
///
/// Shared by reference and written in place by many threads: who writes where is the caller's plan,
/// as with any static activation plan. Nothing on the hot path is copied or counted.
@safe public final class Arena<Scalar: Real>: @unchecked Sendable {
  public let count: Int
  private let base: UnsafeMutablePointer<Scalar>

  public init(count: Int) {
    precondition(count >= 0, "an arena of \(count) elements")
    self.count = count
    let bytes = max(count * MemoryLayout<Scalar>.stride, 64)
    let isLarge = bytes >= 2 * Self.hugePage
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: bytes, alignment: isLarge ? Self.hugePage : 64)
    // Columns of a large matrix are pages apart: with small pages each would be looked up anew.
    if isLarge { unsafe madvise(raw, bytes, MADV_HUGEPAGE) }
    unsafe memset(raw, 0, bytes)  // zeros of all bits are the number 0
    unsafe base = raw.bindMemory(to: Scalar.self, capacity: max(count, 1))
  }

  deinit { unsafe UnsafeMutableRawPointer(base).deallocate() }

  /// Of x86-64, and of 64-bit Arm with small pages of 4 KiB.
  private static var hugePage: Int { 1 << 21 }

  public var bytes: Int { count * MemoryLayout<Scalar>.stride }

  /// The elements from `offset` on.
  public func view(_ offset: Int, _ count: Int) -> View<Scalar> {
    precondition(
      offset >= 0 && count >= 0 && offset <= self.count - count,
      "elements \(offset)..<\(offset &+ count) of \(self.count)")
    return unsafe View(arena: self, start: base + offset, count: count)
  }

  public var all: View<Scalar> { view(0, count) }
}

/// A run of elements of an arena, which it keeps alive.
@safe public struct View<Scalar: Real>: @unchecked Sendable {
  private let arena: Arena<Scalar>
  let start: UnsafeMutablePointer<Scalar>
  public let count: Int

  init(arena: Arena<Scalar>, start: UnsafeMutablePointer<Scalar>, count: Int) {
    self.arena = arena
    unsafe self.start = unsafe start
    self.count = count
  }

  /// A part of this view, counted from its own start.
  public func part(_ offset: Int, _ count: Int) -> View {
    precondition(
      offset >= 0 && count >= 0 && offset <= self.count - count,
      "elements \(offset)..<\(offset &+ count) of a view of \(self.count)")
    return unsafe View(arena: arena, start: start + offset, count: count)
  }

  /// A part of this view, counted from its own start.
  public func part(_ range: Range<Int>) -> View { part(range.lowerBound, range.count) }

  public subscript(index: Int) -> Scalar {
    get {
      precondition(index >= 0 && index < count, "element \(index) of \(count)")
      return unsafe start[index]
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "element \(index) of \(count)")
      unsafe start[index] = newValue
    }
  }

  /// Hands the elements to `body`; they must not be kept beyond it.
  public func withElements<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe body(UnsafeMutableBufferPointer(start: start, count: count))
  }

  public func set(_ value: Scalar) {
    if value == 0 && value.sign == .plus {
      unsafe memset(start, 0, count * MemoryLayout<Scalar>.stride)
    } else {
      unsafe start.update(repeating: value, count: count)
    }
  }

  public func copy(from other: View) {
    precondition(other.count == count, "\(other.count) elements into \(count)")
    // Unlike `update(from:)`, which copies element by element where it is not specialised.
    unsafe memmove(start, other.start, count * MemoryLayout<Scalar>.stride)
  }

  public func copy(from values: [Scalar]) {
    precondition(values.count == count, "\(values.count) elements into \(count)")
    unsafe values.withUnsafeBufferPointer { source in
      guard let first = source.baseAddress else { return }
      unsafe start.update(from: first, count: count)
    }
  }

  public var array: [Scalar] { unsafe Array(UnsafeBufferPointer(start: start, count: count)) }
}
