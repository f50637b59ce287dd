internal import CTokenizer
internal import Glibc

/// An array of plain values with one owner: no reference counts, no copies on write.
///
/// Large ones ask for huge pages, since what is read from all over them would otherwise miss the
/// processor's page table at every step.
@safe struct FlatArray<Element: BitwiseCopyable>: ~Copyable {
  private var base: UnsafeMutablePointer<Element>
  private(set) var count: Int
  private(set) var capacity: Int

  init(minimumCapacity: Int = 0) {
    capacity = max(minimumCapacity, 16)
    count = 0
    unsafe base = allocated(capacity)
  }

  init(repeating value: Element, count: Int) {
    self.init(minimumCapacity: count)
    unsafe base.initialize(repeating: value, count: count)
    self.count = count
  }

  deinit { unsafe free(base) }

  @inline(__always)
  subscript(index: Int) -> Element {
    get {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside of the array")
      return unsafe base[index]
    }
    set {
      precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "outside of the array")
      unsafe base[index] = newValue
    }
  }

  @inline(__always)
  mutating func append(_ value: Element) {
    if count == capacity { reserve(count + 1) }
    unsafe base[count] = value
    count &+= 1
  }

  mutating func append(repeating value: Element, count more: Int) {
    reserve(count + more)
    unsafe (base + count).initialize(repeating: value, count: more)
    count += more
  }

  mutating func append(_ other: borrowing FlatArray) {
    reserve(count + other.count)
    unsafe (base + count).update(from: other.base, count: other.count)
    count += other.count
  }

  mutating func removeAll() { count = 0 }

  mutating func removeLast() -> Element {
    precondition(count > 0, "the array is empty")
    count &-= 1
    return unsafe base[count]
  }

  /// Keeps the first `length` values.
  mutating func truncate(to length: Int) {
    precondition(length >= 0 && length <= count, "\(length) of \(count) values")
    count = length
  }

  mutating func reserve(_ wanted: Int) {
    guard wanted > capacity else { return }
    capacity = max(wanted, capacity + capacity / 2)
    let old = unsafe base
    unsafe base = allocated(capacity)
    unsafe base.update(from: old, count: count)
    unsafe free(old)
  }

  /// Asks for the memory at `index`, which will be used soon.
  @inline(__always)
  func prefetch(_ index: Int) { unsafe quipu_prefetch(base + index) }

  /// The values as they lie in memory, for threads that share them out among themselves.
  func withPointer<Result>(_ body: (UnsafeMutablePointer<Element>) -> Result) -> Result {
    unsafe body(base)
  }
}

private func allocated<Element>(_ count: Int) -> UnsafeMutablePointer<Element> {
  let size = count * MemoryLayout<Element>.stride
  let alignment = size >= 2 * hugePage ? hugePage : 64
  var memory: UnsafeMutableRawPointer?
  let result = unsafe posix_memalign(&memory, alignment, size)
  guard result == 0, let memory = unsafe memory else { fatalError("no \(size) bytes of memory") }
  unsafe adviseHugePages(memory, size)
  return unsafe memory.assumingMemoryBound(to: Element.self)
}

/// An ordinary array in huge pages.
func hugeArray<Element: BitwiseCopyable>(repeating value: Element, count: Int) -> [Element] {
  unsafe Array(unsafeUninitializedCapacity: count) { room, filled in
    if let base = room.baseAddress {
      unsafe adviseHugePages(base, count * MemoryLayout<Element>.stride)
    }
    unsafe room.initialize(repeating: value)
    filled = count
  }
}

private let hugePage = 1 << 21

/// Asks for huge pages where whole ones fit into memory that was not yet touched.
private func adviseHugePages(_ memory: UnsafeMutableRawPointer, _ size: Int) {
  let start = (Int(bitPattern: memory) + hugePage - 1) & -hugePage
  let end = (Int(bitPattern: memory) + size) & -hugePage
  guard end > start, let start = unsafe UnsafeMutableRawPointer(bitPattern: start) else { return }
  unsafe _ = madvise(start, end - Int(bitPattern: start), MADV_HUGEPAGE)
}
