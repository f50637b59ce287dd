import Ground

/// Numbers that are the same in every run: the SplitMix64 sequence from a seed.
public struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  public init(seed: UInt64) { state = seed }

  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return scatter(state &- 0x9e37_79b9_7f4a_7c15)
  }
}
