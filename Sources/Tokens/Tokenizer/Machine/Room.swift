/// Memory for numbers that grows on demand and has one owner.
///
/// For the encoder's inner loops: unlike a `FlatArray` it does not know how many of its places are
/// in use, and checks them in debug builds only.
@safe struct Room<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  private(set) var start: UnsafeMutablePointer<Element>
  private(set) var capacity: Int

  init(_ capacity: Int) {
    self.capacity = max(1, capacity)
    unsafe start = .allocate(capacity: self.capacity)
  }

  deinit { unsafe start.deallocate() }

  /// Makes room for `count` elements and keeps the first `kept`.
  @inline(__always)
  mutating func reserve(_ count: Int, keeping kept: Int = 0) {
    if count > capacity { grow(to: max(count, 2 * capacity), kept) }
  }

  @inline(never)
  private mutating func grow(to wanted: Int, _ kept: Int) {
    let grown = UnsafeMutablePointer<Element>.allocate(capacity: wanted)
    unsafe grown.update(from: start, count: kept)
    unsafe start.deallocate()
    unsafe start = grown
    capacity = wanted
  }

  @inline(__always)
  subscript(place: Int) -> Element {
    get {
      assert(place >= 0 && place < capacity)
      return unsafe start[place]
    }
    nonmutating set {
      assert(place >= 0 && place < capacity)
      unsafe start[place] = newValue
    }
  }

  func fill(_ element: Element, _ range: Range<Int>) {
    assert(range.lowerBound >= 0 && range.upperBound <= capacity)
    unsafe (start + range.lowerBound).update(repeating: element, count: range.count)
  }
}
