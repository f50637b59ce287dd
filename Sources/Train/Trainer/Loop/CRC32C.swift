/// The CRC-32C of bytes: polynomial 0x1EDC6F41, bits reflected (RFC 3720, appendix B.4).
package func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
  var crc: UInt32 = .max
  for byte in bytes { crc = table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ crc >> 8 }
  return ~crc
}

/// A CRC that may be stored beside its own bytes, as TFRecord files do.
///
/// - SeeAlso: `tensorflow/core/lib/hash/crc32c.h`, which rotates by 15 and adds 0xA282EAD8.
package func maskedCRC32C(_ bytes: some Sequence<UInt8>) -> UInt32 {
  let crc = crc32c(bytes)
  return (crc >> 15 | crc << 17) &+ 0xa282_ead8
}

/// What eight steps of the division do to each byte.
private let table: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 1 ? crc >> 1 ^ 0x82f6_3b78 : crc >> 1 }
}
