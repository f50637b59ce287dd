internal import CCrypto

/// SHA-1, 20 bytes: for CCNet's line hashes and WARC digests only.
public func sha1(_ bytes: Span<UInt8>) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 20)
  var context = SHA_CTX()
  unsafe SHA1_Init(&context)
  unsafe bytes.withUnsafeBytes { unsafe _ = SHA1_Update(&context, $0.baseAddress, $0.count) }
  unsafe SHA1_Final(&digest, &context)
  return digest
}

/// The first eight bytes of SHA-1 as a little-endian number, CCNet's key of a line.
///
/// Allocates nothing, as it is asked for every line of a corpus.
///
/// - SeeAlso: cc_net `dedup.py`.
public func sha1Prefix(_ bytes: Span<UInt8>) -> UInt64 {
  var digest: (UInt64, UInt64, UInt64) = (0, 0, 0)  // room for 20 bytes
  var context = SHA_CTX()
  unsafe SHA1_Init(&context)
  unsafe bytes.withUnsafeBytes { unsafe _ = SHA1_Update(&context, $0.baseAddress, $0.count) }
  unsafe withUnsafeMutableBytes(of: &digest) { room in
    unsafe _ = SHA1_Final(room.bindMemory(to: UInt8.self).baseAddress, &context)
  }
  return UInt64(littleEndian: digest.0)
}

/// SHA-256, 32 bytes: digests of artifacts, which users compare with `sha256sum`.
public func sha256(_ bytes: Span<UInt8>) -> [UInt8] {
  unsafe bytes.withUnsafeBytes { unsafe sha256($0) }
}

/// SHA-256 of a stored file, as `sha256sum` prints it.
public func sha256(file path: String) throws(Fault) -> String {
  let file = try MappedFile(path: path)
  return unsafe file.withBytes { hexadecimal(unsafe sha256($0)) }
}

/// Lower-case hexadecimal digits, two a byte.
public func hexadecimal(_ bytes: [UInt8]) -> String {
  let digits = Array("0123456789abcdef".utf8)
  return String(
    decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
}

private func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
  var digest = [UInt8](repeating: 0, count: 32)
  var context = SHA256_CTX()
  unsafe SHA256_Init(&context)
  unsafe SHA256_Update(&context, bytes.baseAddress, bytes.count)
  unsafe SHA256_Final(&digest, &context)
  return digest
}
