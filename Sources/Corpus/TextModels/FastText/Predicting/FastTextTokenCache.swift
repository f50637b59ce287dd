import CTextModels
import Glibc

/// What recent tokens are to one model: their hashes and the rows of their n-grams.
///
/// A token is recognised by all its bytes, of which there may be 32, and what is remembered is what
/// would be worked out again: nothing here changes a result. Each token has one place, which it takes
/// from whatever was there.
@safe struct FastTextTokenCache: ~Copyable, @unchecked Sendable {
  /// The most bytes of a token.
  static let tokenLimit = 32

  /// What fastText does with a token.
  enum Meaning: UInt16 {
    case rows = 0
    /// A label, which is passed over.
    case label = 1
    case endOfLine = 2
  }

  /// The head of a place, behind which its rows are.
  struct Head {
    /// All zero where the place is empty.
    var key: quipu_fasttext_key
    var hash: UInt32
    var count: UInt16
    var meaning: UInt16
  }

  /// Rows that a place can have: many where tokens have n-grams.
  let rowLimit: Int
  private let stride: Int
  private let mask: UInt64
  private let memory: UnsafeMutableRawPointer

  private static let largePage = 1 << 21

  init(hasSubwords: Bool) {
    // Three cache lines for a token and up to 38 rows; one for a token and 6.
    stride = hasSubwords ? 192 : 64
    rowLimit = (stride - MemoryLayout<Head>.size) / 4
    let bits: UInt64 = hasSubwords ? 14 : 14
    mask = 1 << bits - 1
    // Rows are copied in blocks, which may reach beyond the last place.
    let byteCount = stride << Int(bits) + 64
    var memory: UnsafeMutableRawPointer?
    let status = unsafe posix_memalign(&memory, Self.largePage, byteCount)
    guard status == 0, let memory = unsafe memory else {
      preconditionFailure("there is no memory for a cache of tokens")
    }
    unsafe madvise(memory, byteCount, MADV_HUGEPAGE)
    unsafe memset(memory, 0, byteCount)
    unsafe self.memory = unsafe memory
  }

  deinit { unsafe free(memory) }

  /// The number of a key's place.
  @inline(__always)
  func number(of key: UnsafePointer<quipu_fasttext_key>) -> Int32 {
    unsafe Int32(truncatingIfNeeded: quipu_fasttext_key_hash(key) & mask)
  }

  /// The place of that number.
  @inline(__always)
  func place(_ number: Int32) -> UnsafeMutablePointer<Head> {
    unsafe (memory + stride &* Int(number)).assumingMemoryBound(to: Head.self)
  }

  /// Where the rows of a place are.
  @inline(__always)
  static func rows(of place: UnsafeMutablePointer<Head>) -> UnsafeMutablePointer<UInt32> {
    unsafe UnsafeMutableRawPointer(place + 1).assumingMemoryBound(to: UInt32.self)
  }
}
