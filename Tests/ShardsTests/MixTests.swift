import Ground
import Shards
import TestSupport
import Testing

@Suite struct MixTests {
  let mix = Mix(
    seed: 7, epochs: [1.1, 0.64, 2.45, 0], validationFraction: 0.05, tokensPerShard: 1000)

  static func ids(_ count: Int) -> [Hash128] {
    var random = SeededGenerator(seed: 1)
    return (0..<count).map { _ in Hash128(high: random.next(), low: random.next()) }
  }

  /// Checked against python-xxhash: xxh3_64 of the 32 bytes, seed 7.
  @Test func keysAreTheseNumbers() {
    let id = Hash128(high: 0x0123_4567_89ab_cdef, low: 0xfedc_ba98_7654_3210)
    #expect(mix.orderKey(of: id, epoch: 0) == 0x9bfa_047b_cfbc_f8f2)
    #expect(mix.orderKey(of: id, epoch: 1) == 0x066e_3579_c52a_9a5a)
  }

  @Test(arguments: [(0, 1.1), (1, 0.64), (2, 2.45)])
  func documentsAreUsedAsOftenAsEpochsSay(source: Int, epochs: Double) {
    let ids = Self.ids(20_000).filter { !mix.isValidation($0) }
    let counts = ids.map { mix.draws(of: $0, source: source).count }
    let mean = Double(counts.reduce(0, +)) / Double(ids.count)
    // Four standard deviations of a share of 19,000.
    #expect(abs(mean - epochs) < 0.015)
    #expect(Set(counts) == [Int(epochs), Int(epochs) + 1])
  }

  @Test func aSourceWithoutEpochsIsNotUsed() {
    #expect(Self.ids(1000).allSatisfy { mix.draws(of: $0, source: 3).isEmpty })
  }

  @Test func validationDocumentsAreUsedOnce() {
    let ids = Self.ids(20_000)
    let held = ids.filter { mix.split(of: $0) == .validation }
    #expect(abs(Double(held.count) / 20_000 - 0.05) < 0.007)
    for id in held { #expect(mix.draws(of: id, source: 2).map(\.epoch) == [0]) }
  }

  @Test(arguments: [0.0, 1.0])
  func allOrNothingIsExact(fraction: Double) {
    var mix = mix
    mix.validationFraction = fraction
    #expect(Self.ids(1000).allSatisfy { mix.isValidation($0) == (fraction == 1) })
  }

  @Test func wholeEpochsAreExact() {
    #expect(Self.ids(1000).allSatisfy { mix.copies(of: $0, epochs: 2) == 2 })
  }

  @Test func anotherSeedIsAnotherMix() {
    var other = mix
    other.seed = 8
    let ids = Self.ids(200)
    #expect(ids.map(mix.isValidation) != ids.map(other.isValidation))
    #expect(ids.allSatisfy { mix.orderKey(of: $0, epoch: 0) != other.orderKey(of: $0, epoch: 0) })
  }

  @Test func theThreeChoicesAreIndependent() {
    // Where the fraction's choice followed the order, extra copies would gather at one end.
    let ids = Self.ids(20_000)
    let extra = ids.filter { mix.copies(of: $0, epochs: 0.5) == 1 }
    let early = extra.filter { mix.orderKey(of: $0, epoch: 0) < 1 << 63 }
    #expect(abs(Double(early.count) / Double(extra.count) - 0.5) < 0.02)
  }

  @Test func theOrderIgnoresHowDocumentsCome() {
    let ids = Self.ids(2000)
    var random = SeededGenerator(seed: 3)
    let one = ids.flatMap { mix.draws(of: $0, source: 2) }.sorted()
    let other = ids.shuffled(using: &random).flatMap { mix.draws(of: $0, source: 2) }.sorted()
    #expect(one == other)
    #expect(one.map(\.id) != ids.flatMap { mix.draws(of: $0, source: 2) }.map(\.id))
  }

  @Test func equalKeysAreOrderedByIdAndEpoch() {
    let low = Hash128(high: 0, low: 1)
    let high = Hash128(high: 0, low: 2)
    let draws = [
      Draw(key: 5, id: high, epoch: 0), Draw(key: 5, id: low, epoch: 1),
      Draw(key: 5, id: low, epoch: 0), Draw(key: 4, id: high, epoch: 9),
    ]
    #expect(draws.sorted() == [draws[3], draws[2], draws[1], draws[0]])
  }

  @Test(arguments: [1, 2, 3, 7, 100])
  func shardsOneAfterTheOtherAreTheWholeOrder(count: Int) {
    let draws = Self.ids(5000).flatMap { mix.draws(of: $0, source: 0) }
    var shards = [[Draw]](repeating: [], count: count)
    for draw in draws { shards[Mix.shard(ofKey: draw.key, count: count)].append(draw) }
    #expect(shards.flatMap { $0.sorted() } == draws.sorted())
    // Equal parts of the key range: no shard is far from its share.
    let share = Double(draws.count) / Double(count)
    for shard in shards { #expect(abs(Double(shard.count) - share) < 6 * share.squareRoot() + 1) }
  }

  @Test(arguments: [(0, 1), (1, 1), (1000, 1), (1001, 2), (10_000, 10)])
  func shardsAreAsManyAsTheTokensNeed(tokens: Int, shards: Int) {
    #expect(mix.shardCount(tokens: tokens) == shards)
  }

  @Test func theExtremeKeysHaveShards() {
    #expect(Mix.shard(ofKey: 0, count: 13) == 0)
    #expect(Mix.shard(ofKey: .max, count: 13) == 12)
  }
}

@Suite struct QuotaTests {
  /// LLaMA Table 1: epochs of the 1.4T run, and unique tokens in billions that they imply.
  static let table: [(String, Double, Double, Double)] = [
    ("commoncrawl", 852.7, 1.10, 0.670), ("c4", 198.1, 1.06, 0.150), ("github", 98.4, 0.64, 0.045),
    ("wikipedia", 25.7, 2.45, 0.045), ("books", 28.3, 2.23, 0.045), ("arxiv", 33.0, 1.06, 0.025),
    ("stackexchange", 27.2, 1.03, 0.020),
  ]

  @Test func tableOneComesOut() {
    let rows = quotas(Self.table.map { Pool(source: $0.0, tokens: Int($0.1 * 1e9), epochs: $0.2) })
    for (row, expected) in zip(rows, Self.table) {
      #expect(abs(row.share - expected.3) < 0.0005, "\(row.source)")
    }
    #expect(abs(rows.map(\.share).reduce(0, +) - 1) < 1e-12)
    #expect(abs(Double(rows.map(\.sampledTokens).reduce(0, +)) - 1.4e12) < 1e9)
  }

  @Test func sharesGiveTheEpochsBack() {
    let found = epochs(
      of: Self.table.map { Int($0.1 * 1e9) }, shares: Self.table.map(\.3), total: 1.4e12)
    for (epochs, row) in zip(found, Self.table) { #expect(abs(epochs - row.2) < 0.005, "\(row.0)") }
  }

  @Test func nothingHasNoShares() {
    #expect(quotas([Pool(source: "c4", tokens: 0, epochs: 1)]).map(\.share) == [0])
    #expect(epochs(of: [0], shares: [1], total: 10) == [0])
  }
}
