/// How many sentences have which keys, and with that where a sample of a given size ends.
///
/// Keys are counted in bins, each a 1/2048 of its size wide. The bins below the last one go into the
/// sample whole; the few sentences of the last are kept and sorted.
struct SampleCut: Sendable {
  private static let stepBits: UInt64 = 11
  private static let shift = 52 - stepBits
  /// The bin of the smallest key that `SampleKey` gives: 2⁻⁵⁴ / 10⁶ > 2⁻⁷⁵.
  private static let first = Int(
    Double(sign: .plus, exponent: -75, significand: 1).bitPattern >> shift)
  /// That of the largest: 54 ln 2 · 10⁶ < 2²⁶.
  private static let last = Int(
    Double(sign: .plus, exponent: 26, significand: 1).bitPattern >> shift)
  static let binCount = last - first + 1

  /// How many sentences fell into each bin.
  private(set) var counts: [UInt64]

  init() { counts = Array(repeating: 0, count: Self.binCount) }

  /// Adds `count` keys to a bin.
  ///
  /// - Precondition: `bin` is one of `binCount`.
  mutating func add(_ count: UInt64, toBin bin: Int) { counts[bin] += count }

  static func bin(of key: SampleKey) -> Int {
    min(max(Int(key.bits >> shift) - first, 0), binCount - 1)
  }

  mutating func add(_ key: SampleKey) { counts[Self.bin(of: key)] += 1 }

  mutating func merge(_ other: SampleCut) {
    for bin in counts.indices { counts[bin] += other.counts[bin] }
  }

  var total: Int { Int(counts.reduce(0, +)) }

  /// The bin in which a sample of `size` ends, and how many come from it and below it.
  ///
  /// `bin` is `binCount` where all sentences are taken.
  func end(of size: Int) -> (bin: Int, below: Int, within: Int) {
    var below = 0
    for (bin, count) in counts.enumerated() {
      if below + Int(count) >= size { return (bin, below, size - below) }
      below += Int(count)
    }
    return (Self.binCount, below, 0)
  }
}
