import CTextModels

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
