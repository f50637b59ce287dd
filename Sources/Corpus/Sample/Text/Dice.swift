internal import Ground

/// Chances that come out the same on every machine: a SplitMix64 sequence per named stream.
struct Dice: Sendable {
  private var state: UInt64

  /// Streams with different names are independent of one another, so that adding a record here
  /// changes nothing there.
  init(seed: UInt64, stream: String) {
    state = xxh3(Array(stream.utf8), seed: seed)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    return scatter(state)
  }

  /// A number from 0 up to `sides`, exclusive.
  mutating func roll(_ sides: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(sides)).high)
  }

  mutating func between(_ low: Int, _ high: Int) -> Int { low + roll(high - low + 1) }

  mutating func chance(_ percent: Int) -> Bool { roll(100) < percent }

  mutating func pick<Element>(_ list: [Element]) -> Element { list[roll(list.count)] }
}
