public import Ground

/// Counts in a file, to go on with later.
///
/// Numbers are little-endian. A header of seven 8-byte numbers: the magic `QUIPUCNT`, the version, the
/// fingerprint of the settings, `sentences`, `tooLong`, `reserved`, and how many different words
/// follow. Then blocks, each its length in 8 bytes and whole entries: the length of a word in bytes,
/// the word, its count, with both numbers as varints; ascending by their bytes. A block of length 0
/// ends them, and a checksum everything: XXH3 of each block's entries, seeded with that of what came
/// before, the header being the first. The bytes depend on nothing but the counts.
enum CountsLayout {
  static let magic: [UInt8] = Array("QUIPUCNT".utf8)
  static let version: UInt64 = 1
  static let header = 56
  /// Bytes after which a block ends.
  static let block = 1 << 16
}

extension WordCounts {
  /// Hands the counts as bytes to `sink`, some 64 KiB at a time.
  ///
  /// - Complexity: O(n log n) in the distinct words.
  public func write<Failure: Error>(
    to sink: (borrowing [UInt8]) throws(Failure) -> Void
  ) throws(Failure) {
    let (bytes, units) = self.units.sorted()
    var header = CountsLayout.magic
    for number in [
      CountsLayout.version, fingerprint, UInt64(sentences), UInt64(tooLong), UInt64(reserved),
      UInt64(units.count),
    ] { header.append(number) }
    try sink(header)
    var checksum = xxh3(header)
    var block: [UInt8] = []
    func flush() throws(Failure) {
      var length: [UInt8] = []
      length.append(UInt64(block.count))
      try sink(length)
      try sink(block)
      checksum = xxh3(block, seed: checksum)
      block.removeAll(keepingCapacity: true)
    }
    for (range, count) in units {
      block.appendVarint(UInt64(range.count))
      block.append(contentsOf: bytes[range])
      block.appendVarint(UInt64(count))
      if block.count >= CountsLayout.block { try flush() }
    }
    if !block.isEmpty { try flush() }
    var end = [UInt8](repeating: 0, count: 8)
    end.append(checksum)
    try sink(end)
  }

  /// The counts as bytes.
  public func serialized() -> [UInt8] {
    var bytes: [UInt8] = []
    write { bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Writes the counts to a file, which appears whole or not at all.
  public func write(to path: String) throws(Fault) {
    var file = try AtomicFile(path: path)
    try write { (bytes: borrowing [UInt8]) throws(Fault) in try file.write(bytes) }
    try file.commit()
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ number: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      append(UInt8(truncatingIfNeeded: number >> shift))
    }
  }
}
