import Ground

/// A keyed shuffle of `0..<count` that answers for one place at a time, without a table.
///
/// A Feistel network shuffles the next even power of two; numbers that fall outside the range go
/// through it again until they fall inside ("cycle walking"), at most four times on average.
///
/// - SeeAlso: Black and Rogaway, "Ciphers with arbitrary finite domains", 2002.
public struct Permutation: Hashable, Sendable {
  public let count: Int
  public let key: UInt64
  private let half: UInt64  // bits of a Feistel half

  /// Rounds; four are known to suffice with random functions, the others are cheap safety.
  private static let rounds: UInt64 = 6

  /// - Precondition: `count` is positive and below 2⁶².
  public init(count: Int, key: UInt64) {
    precondition(count > 0 && count < 1 << 62, "a permutation of \(count) numbers")
    self.count = count
    self.key = key
    let bits = UInt64(64 - UInt64(count - 1).leadingZeroBitCount)
    half = max(2, (bits + 1) / 2)
  }

  /// The number that stands at `place`.
  ///
  /// - Precondition: `place` is in `0..<count`.
  public subscript(place: Int) -> Int {
    precondition(place >= 0 && place < count, "place \(place) of \(count)")
    var number = UInt64(place)
    repeat { number = shuffle(number) } while number >= UInt64(count)
    return Int(number)
  }

  private func shuffle(_ number: UInt64) -> UInt64 {
    let mask: UInt64 = (1 << half) &- 1
    var left = number >> half
    var right = number & mask
    for round in 0..<Self.rounds {
      let mixed = scatter(key ^ scatter(right &+ (round << 56))) & mask
      (left, right) = (right, left ^ mixed)
    }
    return left << half | right
  }
}
