/// The undecoded bytes between a decoder and what it reads from; knows the stored offset of each.
@safe final class InputBuffer {
  let upstream: any ByteReader
  private let storage: UnsafeMutableRawPointer
  private let capacity: Int
  private(set) var start = 0
  private(set) var end = 0
  private(set) var atEnd = false
  /// Stored offset of the byte at `start`.
  private(set) var offset: UInt64

  init(_ upstream: any ByteReader, capacity: Int = 1 << 18) {
    self.upstream = upstream
    offset = upstream.segment.stored
    self.capacity = capacity
    unsafe storage = .allocate(byteCount: capacity, alignment: 64)
  }

  deinit { unsafe storage.deallocate() }

  var path: String { upstream.path }
  var isEmpty: Bool { start == end }
  var count: Int { end - start }

  /// The bytes waiting to be decoded.
  var bytes: UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(start: storage + start, count: count)
  }

  /// The same bytes, as mutable memory, for C interfaces that forgot `const`.
  var mutableBytes: UnsafeMutableRawBufferPointer {
    unsafe UnsafeMutableRawBufferPointer(start: storage + start, count: count)
  }

  /// True where the next bytes are `magic`.
  func starts(with magic: [UInt8]) -> Bool {
    guard count >= magic.count else { return false }
    return unsafe bytes.prefix(magic.count).elementsEqual(magic)
  }

  func consume(_ count: Int) {
    start += count
    offset += UInt64(count)
    if start == end { (start, end) = (0, 0) }
  }

  /// Reads until `count` bytes wait, the buffer is full, or the input ends.
  func fill(atLeast count: Int = 1) throws(Fault) {
    if start > 0 && capacity - start < count {
      unsafe storage.copyMemory(from: storage + start, byteCount: end - start)
      (start, end) = (0, end - start)
    }
    while !atEnd && end - start < count && end < capacity {
      let room = unsafe UnsafeMutableRawBufferPointer(start: storage + end, count: capacity - end)
      let read = try unsafe upstream.read(into: room)
      if read == 0 { atEnd = true } else { end += read }
    }
  }
}
