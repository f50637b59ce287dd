import Ground

/// Numbers and byte strings of a saved state, read one after the other.
struct StateBytes {
  private let bytes: [UInt8]
  private let file: String
  private var place = 0

  init(_ bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  mutating func readNumber() throws(Fault) -> UInt64 {
    guard bytes.count - place >= 8 else { throw fault("it ends in a number") }
    defer { place += 8 }
    return (0..<8).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }

  /// A number that is a size or a place.
  mutating func readCount() throws(Fault) -> Int {
    guard let count = Int(exactly: try readNumber()) else { throw fault("a number above 2⁶³") }
    return count
  }

  /// What `append(counted:)` wrote.
  mutating func readBytes() throws(Fault) -> [UInt8] {
    let count = try readCount()
    guard count <= bytes.count - place else { throw fault("it ends in a string") }
    defer { place += count }
    return Array(bytes[place..<place + count])
  }

  func fault(_ what: String) -> Fault {
    Fault(file, at: UInt64(place), .malformed("the saved state is damaged: \(what)"))
  }
}

extension [UInt8] {
  /// Appends eight bytes, the lowest first.
  mutating func append(fixed number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }

  /// Appends the length of `bytes` as a number, and them.
  mutating func append(counted bytes: some Collection<UInt8>) {
    append(fixed: UInt64(bytes.count))
    append(contentsOf: bytes)
  }
}
