/// How the perplexities of a run are spread, in bounded memory and the same for any order.
///
/// Counts of bins, 128 for each doubling, so that what a percentile gives is within 0.4 % of what it
/// should. Sketches of the parts of a run add up to the sketch of the whole, bin by bin, in whatever order
/// they come; bins are cut by the bits of a number, so machines agree.
public struct PerplexitySketch: Equatable, Sendable {
  private static let bitsPerDoubling: UInt64 = 7
  /// Perplexities of up to 2⁶⁰ have bins of their own.
  private static let binCount = 60 << Int(bitsPerDoubling)

  private var counts = [Int](repeating: 0, count: binCount)
  /// How many perplexities were taken in.
  public private(set) var count = 0

  public init() {}

  /// Takes in a perplexity; what is below 1, as CCNet's -1 for no model, or no number is left out.
  public mutating func add(_ perplexity: Double) {
    guard perplexity >= 1 else { return }
    counts[Self.bin(perplexity)] += 1
    count += 1
  }

  /// Takes in all that `other` has taken in.
  public mutating func merge(_ other: PerplexitySketch) {
    for bin in counts.indices { counts[bin] += other.counts[bin] }
    count += other.count
  }

  /// The perplexity below which as near to `percent` of a hundred lie as bins allow; nil where there
  /// are none.
  public func percentile(_ percent: Double) -> Double? {
    guard count > 0 else { return nil }
    let wanted = percent / 100 * Double(count)
    var below = 0
    for (bin, members) in counts.enumerated() where members > 0 {
      let after = Double(below + members)
      if after > wanted && after - wanted >= wanted - Double(below) { return Self.edge(bin) }
      below += members
    }
    let last = counts.lastIndex { $0 > 0 } ?? 0
    return Self.edge(last + 1)
  }

  /// How many perplexities lie below `limit`, exactly where that is a percentile of this sketch.
  public func count(below limit: Double) -> Int {
    limit <= 1 ? 0 : counts[..<Self.bin(limit)].reduce(0, +)
  }

  private static func bin(_ perplexity: Double) -> Int {
    let one = (1.0).bitPattern >> (52 - bitsPerDoubling)
    let place = (perplexity.bitPattern >> (52 - bitsPerDoubling)) - one
    return min(Int(place), binCount - 1)
  }

  /// Where a bin begins.
  private static func edge(_ bin: Int) -> Double {
    let one = (1.0).bitPattern >> (52 - bitsPerDoubling)
    return Double(bitPattern: (one + UInt64(bin)) << (52 - bitsPerDoubling))
  }
}
