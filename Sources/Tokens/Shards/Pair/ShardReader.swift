public import Ground

/// One shard seen as memory: `STEM.bin` and `STEM.idx`, checked against each other when opened.
///
/// Reads any Megatron pair whose sequences lie back to back, also one with several sequences a
/// document, with 16-bit unsigned or 32-bit tokens.
public final class ShardReader: Sendable {
  /// The pair's common path, without `.bin` and `.idx`.
  public let path: String
  public let width: TokenWidth
  public let tokenCount: Int
  public let documentCount: Int

  private let binary: MappedFile
  private let index: MappedFile
  private let sequenceCount: Int

  /// Opens a pair and checks its header, sizes, lengths and offsets.
  ///
  /// - Parameter path: The common path, or that of either file.
  /// - Throws: `Fault` where the files break the format or do not belong together.
  /// - Complexity: O(documents), no allocation; the tokens are not read.
  public init(path: String) throws(Fault) {
    self.path = shardStem(path)
    index = try MappedFile(path: self.path + ".idx")
    binary = try MappedFile(path: self.path + ".bin")
    let header = try IndexHeader(index)
    width = header.width
    sequenceCount = header.sequences
    documentCount = header.documents
    tokenCount = binary.count / header.width.rawValue
    try header.check(index, against: binary)
  }

  public var summary: ShardSummary {
    ShardSummary(documents: documentCount, tokens: tokenCount, width: width)
  }

  /// Where a document's tokens lie in the shard.
  ///
  /// - Precondition: `document` is in `0..<documentCount`.
  public func tokenRange(ofDocument document: Int) -> Range<Int> {
    precondition(
      document >= 0 && document < documentCount, "document \(document) of \(documentCount)")
    return unsafe index.withBytes { bytes in
      unsafe start(ofDocument: document, bytes)..<start(ofDocument: document + 1, bytes)
    }
  }

  /// The document that a token belongs to; of empty documents at one place, the last.
  ///
  /// - Precondition: `token` is in `0..<tokenCount`.
  /// - Complexity: O(log documents).
  public func document(containing token: Int) -> Int {
    precondition(token >= 0 && token < tokenCount, "token \(token) of \(tokenCount)")
    return unsafe index.withBytes { bytes in
      var low = 0
      var high = documentCount
      while high - low > 1 {
        let middle = (low + high) / 2
        if unsafe start(ofDocument: middle, bytes) <= token { low = middle } else { high = middle }
      }
      return low
    }
  }

  /// The tokens of one document, its end token included.
  public func tokens(ofDocument document: Int) -> [UInt32] {
    tokens(in: tokenRange(ofDocument: document))
  }

  public func tokens(in range: Range<Int>) -> [UInt32] {
    var tokens: [UInt32] = []
    append(range, to: &tokens)
    return tokens
  }

  /// Appends the tokens of a range.
  ///
  /// - Precondition: The range lies in `0..<tokenCount`.
  public func append(_ range: Range<Int>, to tokens: inout [UInt32]) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= tokenCount,
      "tokens \(range) of \(tokenCount)")
    let width = width
    unsafe binary.withBytes { bytes in
      tokens.reserveCapacity(tokens.count + range.count)
      switch width {
      case .two:
        for token in range {
          tokens.append(
            unsafe UInt32(
              UInt16(littleEndian: bytes.load(fromByteOffset: 2 * token, as: UInt16.self))))
        }
      case .four:
        for token in range {
          tokens.append(
            unsafe UInt32(littleEndian: bytes.load(fromByteOffset: 4 * token, as: UInt32.self)))
        }
      }
    }
  }

  /// A hash that tells this shard from others without reading it: the whole index, the size, and
  /// the first and last 64 KiB of the tokens.
  public var fingerprint: Hash128 {
    var digest: [UInt8] = Array("quipu shard".utf8)
    digest.append(littleEndian: UInt64(binary.count))
    let edge = 1 << 16
    unsafe index.withBytes { bytes in
      let span = unsafe Span<UInt8>(_unsafeElements: bytes.bindMemory(to: UInt8.self))
      digest.append(hash: xxh3Wide(span))
    }
    unsafe binary.withBytes { bytes in
      unsafe digest.append(hash: xxh3Wide(Array(bytes.prefix(edge))))
      unsafe digest.append(hash: xxh3Wide(Array(bytes.suffix(edge))))
    }
    return xxh3Wide(digest)
  }

  private func start(ofDocument document: Int, _ bytes: UnsafeRawBufferPointer) -> Int {
    let first = unsafe bytes.number(
      at: IndexLayout.arrays + 12 * sequenceCount + 8 * document, as: Int64.self)
    guard first < sequenceCount else { return tokenCount }
    let offset = unsafe bytes.number(
      at: IndexLayout.arrays + 4 * sequenceCount + 8 * Int(first), as: Int64.self)
    return Int(offset) / width.rawValue
  }
}

/// The common path of a pair, given that or the path of either file.
public func shardStem(_ path: String) -> String {
  path.hasSuffix(".bin") || path.hasSuffix(".idx") ? String(path.dropLast(4)) : path
}

/// The common paths of the shards in a folder, in byte order of their names.
///
/// A `.bin` file without its index is a shard that was never finished: it is not listed.
public func shardStems(in folder: String) throws(Fault) -> [String] {
  var stems: [String] = []
  for name in try names(in: folder) where name.hasSuffix(".idx") {
    stems.append("\(folder)/\(name.dropLast(4))")
  }
  return stems
}

extension UnsafeRawBufferPointer {
  /// The little-endian number at an offset that need not be aligned.
  func number<Number: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as: Number.Type)
    -> Number
  {
    unsafe Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
  }
}

extension [UInt8] {
  fileprivate mutating func append(hash: Hash128) {
    append(littleEndian: hash.high)
    append(littleEndian: hash.low)
  }
}
