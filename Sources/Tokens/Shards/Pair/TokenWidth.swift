/// How many bytes a stored token has.
///
/// The raw value is the number of bytes; tokens are little-endian.
public enum TokenWidth: Int, Sendable, CaseIterable {
  /// Unsigned, 16 bits.
  case two = 2
  /// Signed, 32 bits, never negative: Megatron has no unsigned 32-bit type.
  case four = 4

  /// The width for a vocabulary of that many entries: two bytes below 65,500.
  ///
  /// - SeeAlso: Megatron-LM `megatron/core/datasets/indexed_dataset.py`, `DType.optimal_dtype`.
  public init(vocabulary: Int) { self = vocabulary < 65_500 ? .two : .four }

  /// Megatron's code of the element type in the index header.
  var code: UInt8 { self == .two ? 8 : 4 }

  init?(code: UInt8) {
    switch code {
    case 8: self = .two
    case 4: self = .four
    default: return nil
    }
  }

  /// The largest token that can be stored.
  public var largest: UInt32 { self == .two ? 0xffff : 0x7fff_ffff }
}

/// What a pair of shard files holds.
public struct ShardSummary: Hashable, Sendable {
  public var documents: Int
  public var tokens: Int
  public var width: TokenWidth

  public init(documents: Int, tokens: Int, width: TokenWidth) {
    self.documents = documents
    self.tokens = tokens
    self.width = width
  }

  /// Bytes of the `.bin` file.
  public var binaryBytes: Int { tokens * width.rawValue }
  /// Bytes of the `.idx` file.
  public var indexBytes: Int { IndexLayout.arrays + 8 + 20 * documents }
}

/// Where things lie in an `.idx` file; the arrays begin at byte 34 and are unaligned.
enum IndexLayout {
  /// `MMIDIDX` and two zero bytes.
  static let magic: [UInt8] = Array("MMIDIDX\0\0".utf8)
  static let version: UInt64 = 1
  static let versionOffset = 9
  static let codeOffset = 17
  static let sequencesOffset = 18
  static let documentsOffset = 26
  static let arrays = 34
}
