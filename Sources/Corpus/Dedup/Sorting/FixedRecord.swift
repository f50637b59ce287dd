import Ground

/// A record of fixed size, stored as it lies in memory: little-endian words without padding.
///
/// Its order is the order of its files.
public protocol FixedRecord: BitwiseCopyable, Comparable, Sendable {}

extension UInt64: FixedRecord {}

#if _endian(big)
  #error("Records are stored as they lie in memory, which must be little-endian.")
#endif

/// What a file of records holds: the first eight bytes of the file.
enum RecordKind: String {
  case exact = "QPEXAC01"
  case lineKeys = "QPLINE01"
  case duplicatedLines = "QPDLIN01"
  case signatures = "QPSIGN01"
  case shingles = "QPSHIN01"
  case duplicates = "QPDUPE01"

  static let headerCount = 16
}

/// Writes the header of a file of records, then words and records as they come.
struct RecordWriter: ~Copyable {
  private var file: AtomicFile

  /// `setting` is a number that readers must agree with, such as the record's size.
  init(path: String, _ kind: RecordKind, setting: UInt64) throws(Fault) {
    var file = try AtomicFile(path: path)
    try file.write(Array(kind.rawValue.utf8) + littleEndian(setting))
    self.file = file
  }

  mutating func write<Record: BitwiseCopyable>(_ records: [Record]) throws(Fault) {
    try write(records.span)
  }

  mutating func write<Record: BitwiseCopyable>(_ records: Span<Record>) throws(Fault) {
    try unsafe records.withUnsafeBytes { raw throws(Fault) in
      try unsafe file.write(Span<UInt8>(_unsafeElements: raw.bindMemory(to: UInt8.self)))
    }
  }

  consuming func commit() throws(Fault) { try file.commit() }
}

private func littleEndian(_ number: UInt64) -> [UInt8] {
  (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * UInt64($0))) }
}

/// A file of records, mapped.
@safe struct RecordFile: Sendable {
  private let file: MappedFile
  var path: String { file.path }
  /// Bytes behind the header.
  var count: Int { file.count - RecordKind.headerCount }

  /// - Throws: `Fault` where the file is not of `kind` and `setting`, or does not end with a record.
  init(path: String, _ kind: RecordKind, setting: UInt64, recordSize: Int) throws(Fault) {
    file = try MappedFile(path: path)
    let header = RecordKind.headerCount
    guard file.count >= header else {
      throw Fault(path, at: 0, .truncated(expected: header, found: file.count))
    }
    let found = unsafe file.withBytes { bytes in
      (
        unsafe String(decoding: bytes[..<8], as: UTF8.self),
        unsafe bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
      )
    }
    guard found.0 == kind.rawValue else {
      throw Fault(path, at: 0, .malformed("the file begins with \(found.0), not \(kind.rawValue)"))
    }
    guard found.1 == setting else {
      throw Fault(path, at: 8, .malformed("made with setting \(found.1), not \(setting)"))
    }
    guard count % recordSize == 0 else {
      throw Fault(
        path, at: UInt64(file.count), .malformed("the last record is not \(recordSize) bytes long"))
    }
  }

  /// Hands over the bytes behind the header.
  func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try unsafe file.withBytes { bytes throws(Failure) in
      try unsafe body(UnsafeRawBufferPointer(rebasing: bytes[RecordKind.headerCount...]))
    }
  }

  /// The value `offset` bytes behind the header.
  func load<Value: BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
    precondition(
      offset >= 0 && offset <= count - MemoryLayout<Value>.size, "byte \(offset) of \(count)")
    return unsafe file.withBytes {
      unsafe $0.loadUnaligned(fromByteOffset: RecordKind.headerCount + offset, as: type)
    }
  }
}
