import Ground

/// A set of numbers below 2²⁴ that knows its least, in four levels of 64 ways.
struct RankBits: ~Copyable, Sendable {
  private var words = Room<UInt64>(1)
  /// Where each level begins, the one with a bit for each number first.
  private var second = 0
  private var third = 0
  private var fourth = 0
  private var end = 0

  /// Makes room for numbers below `count`; the set is empty.
  mutating func prepare(_ count: Int) {
    second = count / 64 + 1
    third = second + second / 64 + 1
    fourth = third + (third - second) / 64 + 1
    end = fourth + (fourth - third) / 64 + 1
    words.reserve(end)
    words.fill(0, 0..<end)
  }

  @inline(__always)
  mutating func insert(_ number: Int) {
    set(number >> 6, number)
    set(second &+ number >> 12, number >> 6)
    set(third &+ number >> 18, number >> 12)
    set(fourth &+ number >> 24, number >> 18)
  }

  private func set(_ word: Int, _ bit: Int) { words[word] |= 1 &<< UInt64(bit & 63) }

  mutating func remove(_ number: Int) {
    if clear(number >> 6, number) != 0 { return }
    if clear(second &+ number >> 12, number >> 6) != 0 { return }
    if clear(third &+ number >> 18, number >> 12) != 0 { return }
    _ = clear(fourth &+ number >> 24, number >> 18)
  }

  private func clear(_ word: Int, _ bit: Int) -> UInt64 {
    words[word] &= ~(1 &<< UInt64(bit & 63))
    return words[word]
  }

  /// The least number, or the greatest `UInt32` where there is none.
  func lowest() -> UInt32 {
    for word in fourth..<end where words[word] != 0 {
      var number = (word - fourth) << 6 + words[word].trailingZeroBitCount
      for level in [third, second, 0] {
        number = number << 6 + words[level + number].trailingZeroBitCount
      }
      return UInt32(truncatingIfNeeded: number)
    }
    return UInt32.max
  }
}
