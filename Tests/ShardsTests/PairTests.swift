import Ground
import Shards
import TestSupport
import Testing

@Suite struct PairTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The dump of `Docs/Formats/shards.md`.
  @Test func aTinyPairHasTheseBytes() throws {
    let shard = try makeShard([[15043, 3186], [29871, 13, 13]], in: folder, end: 2)
    #expect(
      try bytes(of: shard.path + ".bin")
        == hexadecimalBytes(
          """
          c3 3a 72 0c 02 00 af 74 0d 00 0d 00 02 00
          """))
    #expect(
      try bytes(of: shard.path + ".idx")
        == hexadecimalBytes(
          """
          4d 4d 49 44 49 44 58 00 00
          01 00 00 00 00 00 00 00
          08
          02 00 00 00 00 00 00 00
          03 00 00 00 00 00 00 00
          03 00 00 00 04 00 00 00
          00 00 00 00 00 00 00 00 06 00 00 00 00 00 00 00
          00 00 00 00 00 00 00 00 01 00 00 00 00 00 00 00 02 00 00 00 00 00 00 00
          """))
    #expect(shard.summary == ShardSummary(documents: 2, tokens: 7, width: .two))
    #expect(shard.summary.binaryBytes == 14)
    #expect(shard.summary.indexBytes == 82)
  }

  @Test(arguments: TokenWidth.allCases)
  func whatIsWrittenIsRead(width: TokenWidth) throws {
    let documents = randomDocuments(
      300, below: width == .two ? 65_536 : 0x7fff_ffff, seed: UInt64(width.rawValue))
    let shard = try makeShard(documents, in: folder, width: width)
    #expect(shard.documentCount == 300)
    #expect(shard.tokenCount == documents.reduce(0) { $0 + $1.count })
    #expect((0..<300).map { shard.tokens(ofDocument: $0) } == documents)
    #expect(shard.tokens(in: 0..<shard.tokenCount) == documents.flatMap { $0 })
    #expect(shard.largestToken == documents.joined().max())
    for document in 0..<300 {
      for token in shard.tokenRange(ofDocument: document) {
        #expect(shard.document(containing: token) == document)
      }
    }
  }

  @Test func aShardMayBeEmpty() throws {
    let shard = try makeShard([], in: folder)
    #expect(shard.documentCount == 0)
    #expect(shard.tokenCount == 0)
    #expect(try shard.verify(vocabulary: 1).tokens == 0)
  }

  @Test(arguments: [(32_000, TokenWidth.two), (65_499, .two), (65_500, .four), (128_256, .four)])
  func theVocabularyDecidesTheWidth(vocabulary: Int, width: TokenWidth) {
    #expect(TokenWidth(vocabulary: vocabulary) == width)
  }

  @Test func aTokenThatDoesNotFitIsRefused() throws {
    var writer = try ShardWriter(path: folder.path + "/00000", width: .two)
    try writer.write([1, 65_535])
    let error = #expect(throws: Fault.self) { try writer.write([3, 65_536]) }
    #expect(
      error?.cause
        == .unusable("document 1 has a token above 65535, the largest that fits"))
    #expect(throws: Fault.self) { try writer.write([]) }
  }

  @Test func withoutCommitNothingIsLeft() throws {
    do {
      var writer = try ShardWriter(path: folder.path + "/00000", width: .two)
      try writer.write([1, 2, 3])
    }
    #expect(try names(in: folder.path) == [])
  }

  @Test func aShardExistsWhenItsIndexDoes() throws {
    _ = try makeShard([[1]], in: folder, name: "00001")
    _ = try makeShard([[1]], in: folder, name: "00000")
    _ = try folder.write([1, 0], to: "00002.bin")
    #expect(
      try shardStems(in: folder.path) == ["\(folder.path)/00000", "\(folder.path)/00001"])
  }

  @Test func fingerprintsTellShardsApart() throws {
    let one = try makeShard([[1, 2, 3]], in: folder, name: "1")
    let same = try makeShard([[1, 2, 3]], in: folder, name: "2")
    let tokens = try makeShard([[1, 2, 4]], in: folder, name: "3")
    let bounds = try makeShard([[1, 2], [3]], in: folder, name: "4")
    #expect(one.fingerprint == same.fingerprint)
    #expect(one.fingerprint != tokens.fingerprint)
    #expect(one.fingerprint != bounds.fingerprint)
  }

  @Test func verifyingFindsWrongTokensAndMissingEnds() throws {
    let shard = try makeShard([[5, 2], [63, 2], [64, 2], [1]], in: folder)
    let outside = #expect(throws: Fault.self) { try shard.verify(vocabulary: 64, end: 2) }
    #expect(outside?.offset == 8)
    #expect(
      outside?.cause == .malformed("token 64 of document 2 is outside the vocabulary of 64"))
    let endless = #expect(throws: Fault.self) { try shard.verify(vocabulary: 65, end: 2) }
    #expect(endless?.cause == .malformed("document 3 does not end with token 2"))
    #expect(try shard.verify(vocabulary: 65).documents == 4)
  }
}

@Suite struct HostilePairTests {
  let folder: TemporaryFolder
  let shard: ShardReader

  init() throws {
    folder = try TemporaryFolder()
    shard = try makeShard([[1, 2, 3], [4], [5, 6]], in: folder)
  }

  /// Reads all there is, which must not crash whatever the index says.
  private func readAll(_ shard: ShardReader) -> Int {
    (0..<shard.documentCount).reduce(0) { $0 + shard.tokens(ofDocument: $1).count }
      + (shard.tokenCount > 0 ? shard.document(containing: shard.tokenCount - 1) : 0)
  }

  @Test func everyPrefixOfAnIndexIsRefused() throws {
    let index = try bytes(of: shard.path + ".idx")
    for count in index.indices {
      _ = try folder.write(Array(index[..<count]), to: "00000.idx")
      #expect(throws: Fault.self, "\(count) bytes") { try ShardReader(path: shard.path) }
    }
  }

  @Test func noChangedByteOfAnIndexCrashes() throws {
    let index = try bytes(of: shard.path + ".idx")
    var refused = 0
    for place in index.indices {
      for bit in [UInt8(1), 0x80, 0xff] {
        var changed = index
        changed[place] ^= bit
        _ = try folder.write(changed, to: "00000.idx")
        do { _ = readAll(try ShardReader(path: shard.path)) } catch { refused += 1 }
      }
    }
    // Only inner document bounds can change and still be in order.
    #expect(refused > 3 * index.count - 12)
  }

  @Test(arguments: [0, 1, 11, 13])
  func aBinaryOfAnotherSizeIsRefused(size: Int) throws {
    _ = try folder.write([UInt8](repeating: 0, count: size), to: "00000.bin")
    let error = #expect(throws: Fault.self) { try ShardReader(path: shard.path) }
    #expect(error?.cause == .truncated(expected: 12, found: size))
  }

  @Test func hugeCountsDoNotOverflow() throws {
    var index = try bytes(of: shard.path + ".idx")
    for place in 18..<34 { index[place] = 0xff }
    _ = try folder.write(index, to: "00000.idx")
    #expect(throws: Fault.self) { try ShardReader(path: shard.path) }
  }

  @Test func severalSequencesADocumentAreRead() throws {
    var index = Array("MMIDIDX\0\0".utf8) + [1, 0, 0, 0, 0, 0, 0, 0, 8]
    func append(_ number: some FixedWidthInteger) {
      unsafe withUnsafeBytes(of: number.littleEndian) { unsafe index.append(contentsOf: $0) }
    }
    append(UInt64(3))
    append(UInt64(3))
    for length in [3, 1, 2] as [Int32] { append(length) }
    for offset in [0, 6, 8] as [Int64] { append(offset) }
    for bound in [0, 2, 3] as [Int64] { append(bound) }
    _ = try folder.write(index + [0, 0, 0], to: "00000.idx")  // with modes, which are passed over
    let shard = try ShardReader(path: shard.path)
    #expect(shard.tokens(ofDocument: 0) == [1, 2, 3, 4])
    #expect(shard.tokens(ofDocument: 1) == [5, 6])
    #expect(shard.document(containing: 3) == 0)
  }
}
