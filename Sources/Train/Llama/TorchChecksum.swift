/// The CRC-32 of zip files, eight bytes at a time by eight tables.
///
/// - SeeAlso: Kounavis and Berry 2005, "A systematic approach to building high performance, software
///   based, CRC generators"; ISO 3309 for the polynomial.
struct Checksum {
  /// Of the bytes so far; 0 for none.
  private(set) var value: UInt32 = 0

  init() {}

  mutating func add(_ bytes: UnsafeRawBufferPointer) {
    let tables = Self.tables.span
    var crc = ~value
    var index = 0
    while index <= bytes.count - 8 {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self).littleEndian
      let mixed = word ^ UInt64(crc)
      crc = 0
      for byte in 0..<8 {
        crc ^= tables[(7 - byte) << 8 | Int(mixed >> UInt64(8 * byte) & 0xff)]
      }
      index += 8
    }
    while index < bytes.count {
      crc = crc >> 8 ^ tables[Int((crc ^ UInt32(unsafe bytes[index])) & 0xff)]
      index += 1
    }
    value = ~crc
  }

  /// Table k, entry b: the remainder of byte b followed by k zero bytes.
  private static let tables: [UInt32] = {
    var tables = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      var crc = UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xedb8_8320 : crc >> 1 }
      tables[byte] = crc
    }
    for place in 256..<8 * 256 {
      let before = tables[place - 256]
      tables[place] = before >> 8 ^ tables[Int(before & 0xff)]
    }
    return tables
  }()
}
