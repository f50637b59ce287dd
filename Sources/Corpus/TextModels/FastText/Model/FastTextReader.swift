import Ground

/// Reads a model file from front to back; whatever is not there becomes a fault at its byte.
@unsafe struct FastTextReader {
  let path: String
  private let bytes: UnsafeRawBufferPointer
  private(set) var place = 0

  init(_ bytes: UnsafeRawBufferPointer, path: String) {
    unsafe self.bytes = unsafe bytes
    unsafe self.path = path
  }

  var remaining: Int { unsafe bytes.count - place }

  /// The next number, least significant byte first.
  mutating func number<Number: BitwiseCopyable>(_: Number.Type) throws(Fault) -> Number {
    let start = unsafe try skip(MemoryLayout<Number>.size)
    return unsafe bytes.loadUnaligned(fromByteOffset: start, as: Number.self)
  }

  mutating func flag(_ name: String) throws(Fault) -> Bool {
    let byte = unsafe try number(UInt8.self)
    guard byte < 2 else { throw unsafe malformed("\(name) is \(byte), neither 0 nor 1", before: 1) }
    return byte == 1
  }

  /// Where the next `count` bytes begin, which are left as they lie.
  mutating func skip(_ count: Int) throws(Fault) -> Int {
    guard unsafe count <= remaining else {
      throw unsafe Fault(path, at: UInt64(place), .truncated(expected: count, found: remaining))
    }
    unsafe place += count
    return unsafe place - count
  }

  /// Where the next `rows` times `columns` elements of `size` bytes begin.
  mutating func skip(rows: Int64, columns: Int64, of size: Int) throws(Fault) -> Int {
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    let (all, more) = count.multipliedReportingOverflow(by: Int64(size))
    guard rows >= 0, columns >= 0, !overflow, !more else {
      throw unsafe malformed("a matrix of \(rows) by \(columns)", before: 0)
    }
    return unsafe try skip(Int(all))
  }

  /// The length of the string up to the next NUL, both of which are passed over.
  mutating func string() throws(Fault) -> Range<Int> {
    let start = unsafe place
    let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[start...])
    guard let end = unsafe rest.firstIndex(of: 0) else {
      throw unsafe Fault(path, at: UInt64(start), .malformed("a word without an end"))
    }
    unsafe place = start + end + 1
    return start..<(start + end)
  }

  /// A fault at what was read `count` bytes ago.
  func malformed(_ what: String, before count: Int) -> Fault {
    unsafe Fault(path, at: UInt64(place - count), .malformed(what))
  }

  /// Whether all of so many floats at `start` are finite; if not, the byte of the first that is not.
  func firstNotFinite(at start: Int, count: Int) -> Int? {
    for index in 0..<count {
      let number = unsafe bytes.loadUnaligned(fromByteOffset: start + 4 * index, as: Float.self)
      if !number.isFinite { return start + 4 * index }
    }
    return nil
  }
}
