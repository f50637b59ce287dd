internal import CXXHash

/// A 128-bit hash, ordered as a big-endian number; prints as 32 hexadecimal digits.
public struct Hash128: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  public static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }

  public var description: String { hexadecimal(high) + hexadecimal(low) }

  /// Reads what `description` writes; nil for anything else.
  public init?(_ text: some StringProtocol) {
    guard text.utf8.count == 32, text.utf8.allSatisfy({ $0 != 0x2b && $0 != 0x2d }),
      let high = UInt64(text.prefix(16), radix: 16), let low = UInt64(text.suffix(16), radix: 16)
    else { return nil }
    self.init(high: high, low: low)
  }
}

/// Sixteen hexadecimal digits.
public func hexadecimal(_ number: UInt64) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}

/// XXH3, 64 bits: the hash of everything that is ours to choose.
public func xxh3(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> UInt64 {
  unsafe bytes.withUnsafeBytes { unsafe XXH3_64bits_withSeed($0.baseAddress, $0.count, seed) }
}

public func xxh3(_ bytes: [UInt8], seed: UInt64 = 0) -> UInt64 { xxh3(bytes.span, seed: seed) }

/// XXH3, 128 bits.
public func xxh3Wide(_ bytes: Span<UInt8>, seed: UInt64 = 0) -> Hash128 {
  let hash = unsafe bytes.withUnsafeBytes {
    unsafe XXH3_128bits_withSeed($0.baseAddress, $0.count, seed)
  }
  return Hash128(high: hash.high64, low: hash.low64)
}

public func xxh3Wide(_ bytes: [UInt8], seed: UInt64 = 0) -> Hash128 {
  xxh3Wide(bytes.span, seed: seed)
}

/// XXH3 of a stored file, 128 bits.
public func xxh3Wide(file path: String) throws(Fault) -> Hash128 {
  let file = try MappedFile(path: path)
  let hash = unsafe file.withBytes { unsafe XXH3_128bits($0.baseAddress, $0.count) }
  return Hash128(high: hash.high64, low: hash.low64)
}

/// Scatters a number over 64 bits (the finaliser of SplitMix64): no two numbers give the same.
@inlinable public func scatter(_ number: UInt64) -> UInt64 {
  var bits = number &+ 0x9e37_79b9_7f4a_7c15
  bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
  bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
  return bits ^ (bits >> 31)
}
