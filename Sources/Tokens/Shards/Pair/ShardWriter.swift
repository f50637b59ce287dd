public import Ground

/// Writes one shard: `STEM.bin` with the tokens and `STEM.idx` with the documents' bounds.
///
/// The pair is Megatron's, one sequence a document. The `.idx` file appears last, so a shard exists
/// when its index does; a writer dropped without `commit()` leaves nothing.
/// Memory: four bytes a document.
public struct ShardWriter: ~Copyable {
  /// The pair's common path, without `.bin` and `.idx`.
  public let path: String
  public let width: TokenWidth
  /// Tokens written so far, end tokens included.
  public private(set) var tokens = 0
  public var documents: Int { lengths.count }

  private let end: UInt32?
  private var file: AtomicFile
  private var lengths: [Int32] = []
  private var staging: [UInt8] = []

  /// Starts a shard.
  ///
  /// - Parameters:
  ///   - path: The pair's common path, such as `shards/train/00017`.
  ///   - width: How tokens are stored; `TokenWidth(vocabulary:)` says which is best.
  ///   - end: A token to put after every document; nil where the caller has put it there.
  /// - Throws: `Fault` where the file cannot be made.
  public init(path: String, width: TokenWidth, end: UInt32? = nil) throws(Fault) {
    self.path = path
    self.width = width
    self.end = end
    file = try AtomicFile(path: path + ".bin")
  }

  /// Writes one document.
  ///
  /// - Throws: `Fault` where it is empty, longer than 2³¹ - 1 tokens, or a token does not fit.
  public mutating func write(_ tokens: borrowing [UInt32]) throws(Fault) {
    try write(tokens.span)
  }

  /// Writes one document.
  public mutating func write(_ tokens: Span<UInt32>) throws(Fault) {
    let count = try begin(tokens.count)
    var isWide = end.map { $0 > width.largest } ?? false
    unsafe staging.withUnsafeMutableBytes { room in
      for index in 0..<count {
        let token = index < tokens.count ? tokens[index] : end ?? 0
        isWide = isWide || token > width.largest
        switch width {
        case .two:
          unsafe room.storeBytes(
            of: UInt16(truncatingIfNeeded: token).littleEndian, toByteOffset: 2 * index,
            as: UInt16.self)
        case .four:
          unsafe room.storeBytes(of: token.littleEndian, toByteOffset: 4 * index, as: UInt32.self)
        }
      }
    }
    guard !isWide else {
      throw fault("document \(documents) has a token above \(width.largest), the largest that fits")
    }
    try finish(count)
  }

  /// Makes the pair appear, the `.bin` file first.
  @discardableResult
  public consuming func commit() throws(Fault) -> ShardSummary {
    let summary = ShardSummary(documents: documents, tokens: tokens, width: width)
    let index = indexBytes()
    let path = path
    try file.commit()
    try writeAtomically(index, to: path + ".idx")
    return summary
  }

  /// Tokens of the document with its end, for which `staging` then has room.
  private mutating func begin(_ tokens: Int) throws(Fault) -> Int {
    let count = tokens + (end == nil ? 0 : 1)
    guard count > 0 else { throw fault("document \(documents) is empty") }
    guard count <= Int(Int32.max) else {
      throw fault("document \(documents) has \(count) tokens; an index entry holds 2147483647")
    }
    let bytes = count * width.rawValue
    if staging.count < bytes { staging = [UInt8](repeating: 0, count: bytes) }
    return count
  }

  private mutating func finish(_ count: Int) throws(Fault) {
    let staged = staging  // a span of `self.staging` would hold all of `self`
    try file.write(staged.span.extracting(..<(count * width.rawValue)))
    lengths.append(Int32(count))
    tokens += count
  }

  private func fault(_ what: String) -> Fault {
    Fault(path + ".bin", at: UInt64(tokens * width.rawValue), .unusable(what))
  }

  private func indexBytes() -> [UInt8] {
    var bytes = IndexLayout.magic
    bytes.reserveCapacity(IndexLayout.arrays + 8 + 20 * lengths.count)
    bytes.append(littleEndian: IndexLayout.version)
    bytes.append(width.code)
    bytes.append(littleEndian: UInt64(lengths.count))
    bytes.append(littleEndian: UInt64(lengths.count + 1))
    for length in lengths { bytes.append(littleEndian: length) }
    var offset: UInt64 = 0
    for length in lengths {
      bytes.append(littleEndian: offset)
      offset += UInt64(length) * UInt64(width.rawValue)
    }
    for document in 0...lengths.count { bytes.append(littleEndian: UInt64(document)) }
    return bytes
  }
}

extension [UInt8] {
  mutating func append<Number: FixedWidthInteger>(littleEndian number: Number) {
    var left = number
    for _ in 0..<(Number.bitWidth / 8) {
      append(UInt8(truncatingIfNeeded: left))
      left >>= 8
    }
  }
}
