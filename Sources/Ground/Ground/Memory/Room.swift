/// Memory for numbers that grows on demand and has one owner.
///
/// For inner loops: it does not know how many of its places are in use, and checks them in debug
/// builds only. Inlinable throughout, as a call for each element would cost more than the element.
@safe public struct Room<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  public private(set) var start: UnsafeMutablePointer<Element>
  public private(set) var capacity: Int

  public init(_ capacity: Int) {
    self.capacity = max(1, capacity)
    unsafe start = .allocate(capacity: self.capacity)
  }

  deinit { unsafe start.deallocate() }

  /// Makes room for `count` elements and keeps the first `kept`.
  @inlinable @inline(__always)
  public mutating func reserve(_ count: Int, keeping kept: Int = 0) {
    if count > capacity { grow(to: max(count, 2 * capacity), kept) }
  }

  @inline(never)
  @usableFromInline mutating func grow(to wanted: Int, _ kept: Int) {
    let grown = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
    unsafe grown.update(from: start, count: kept)
    unsafe start.deallocate()
    unsafe start = grown
    capacity = wanted
  }

  @inlinable @inline(__always)
  public subscript(place: Int) -> Element {
    get {
      assert(place >= 0 && place < capacity)
      return unsafe start[place]
    }
    nonmutating set {
      assert(place >= 0 && place < capacity)
      unsafe (start + place).pointee = newValue
    }
  }

  @inlinable
  public func fill(_ element: Element, _ range: Range<Int>) {
    assert(range.lowerBound >= 0 && range.upperBound <= capacity)
    unsafe (start + range.lowerBound).update(repeating: element, count: range.count)
  }
}
