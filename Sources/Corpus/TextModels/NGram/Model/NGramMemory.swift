internal import CTextModels
import Glibc
import Ground

/// Memory that a model lies in: pages of a file, or pages of its own where it was read from ARPA text.
///
/// The address stays the same as long as the object lives.
@safe final class NGramMemory: @unchecked Sendable {
  let base: UnsafeRawPointer
  let count: Int
  /// Keeps the pages.
  private let owner: AnyObject

  var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }

  /// The pages of a file, which is not empty.
  init(_ file: MappedFile) throws(Fault) {
    let address = unsafe file.withBytes { $0.baseAddress }
    guard let address = unsafe address else {
      throw Fault(file.path, at: 0, .malformed("an empty file is no language model"))
    }
    unsafe base = address
    count = file.count
    owner = file
  }

  /// The first `count` bytes of pages that were filled here.
  init(_ pages: WritablePages, count: Int) {
    unsafe base = UnsafeRawPointer(pages.base)
    self.count = count
    owner = pages
  }
}

/// Zeroed pages to build a model in: of their own, or of a file that is being made.
///
/// Pages of their own cost memory when they are first written, not before.
@safe final class WritablePages {
  private(set) var base: UnsafeMutableRawPointer
  private(set) var count: Int

  /// Pages of their own.
  init(count: Int, for path: String) throws(Fault) {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let mapped = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, flags, -1, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
      throw .system("mmap of \(count) bytes", path)
    }
    unsafe base = mapped
    self.count = count
    unsafe _ = madvise(mapped, count, MADV_HUGEPAGE)
  }

  /// The pages of an open file, which is made this long; the disk must have room for it.
  init(descriptor: CInt, count: Int, path: String) throws(Fault) {
    let code = posix_fallocate(descriptor, 0, off_t(count))
    guard code == 0 else { throw Fault(path, at: 0, .system(call: "allocate", code)) }
    let mapped = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else {
      throw .system("mmap of \(count) bytes", path)
    }
    unsafe base = mapped
    self.count = count
  }

  deinit { unsafe _ = munmap(base, count) }

  /// Adds zeroed pages at the end, which may move all of them; for pages of their own.
  func grow(to size: Int, for path: String) throws(Fault) {
    let moved = unsafe quipu_ngram_remap(base, count, size)
    guard let moved = unsafe moved else { throw .system("mremap to \(size) bytes", path) }
    unsafe base = moved
    count = size
  }

  /// Copies bytes to a place.
  func write(_ bytes: [UInt8], at place: Int) {
    precondition(place >= 0 && place + bytes.count <= count)
    unsafe bytes.withUnsafeBytes { raw in
      guard let start = raw.baseAddress else { return }
      unsafe (base + place).copyMemory(from: start, byteCount: raw.count)
    }
  }

  /// Sets a number, aligned or not.
  @inline(__always)
  func store<Value: BitwiseCopyable>(_ value: Value, at place: Int) {
    assert(place >= 0 && place + MemoryLayout<Value>.size <= count)
    unsafe base.storeBytes(of: value, toByteOffset: place, as: Value.self)
  }

  /// A number, aligned or not.
  @inline(__always)
  func load<Value: BitwiseCopyable>(_ place: Int, as type: Value.Type) -> Value {
    assert(place >= 0 && place + MemoryLayout<Value>.size <= count)
    return unsafe base.loadUnaligned(fromByteOffset: place, as: type)
  }
}
