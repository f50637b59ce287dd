import CTextModels
import Glibc

/// The hashes of tokens, and what fastText makes of them.
///
/// - SeeAlso: `facebookresearch/fastText` `src/dictionary.cc`.
enum FastTextHashing {
  /// The factor by which the hash of a word n-gram takes in the next word.
  static let wordFactor: UInt64 = 116_049_371

  /// The hash of a token or of a part of one.
  @inline(__always)
  static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
    guard let base = bytes.baseAddress else { return 2_166_136_261 }
    return unsafe quipu_fasttext_hash(base, bytes.count)
  }

  /// A token's hash as word n-grams take it in: sign-extended to 64 bits.
  @inline(__always)
  static func extended(_ hash: UInt32) -> UInt64 {
    UInt64(bitPattern: Int64(Int32(bitPattern: hash)))
  }
}

/// Whether two runs of bytes of the same length are equal.
@inline(__always)
func equal(_ one: UnsafeBufferPointer<UInt8>, _ other: UnsafeBufferPointer<UInt8>) -> Bool {
  guard let first = one.baseAddress, let second = other.baseAddress else { return true }
  return unsafe memcmp(first, second, one.count) == 0
}
