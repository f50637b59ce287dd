/// What stands on one side of the places where a pair was joined, summed by symbol.
struct Neighbours {
  private(set) var symbols: [Int32] = []
  private(set) var sites: [(symbol: Int32, place: Int32)] = []
  private var weights: [Int] = []
  private var counts: [Int] = []
  private var numbers: [Int32] = []

  mutating func begin(symbols count: Int) {
    for symbol in symbols {
      weights[Int(symbol)] = 0
      counts[Int(symbol)] = 0
      numbers[Int(symbol)] = -1
    }
    symbols.removeAll(keepingCapacity: true)
    sites.removeAll(keepingCapacity: true)
    while weights.count < count {
      weights.append(0)
      counts.append(0)
      numbers.append(-1)
    }
  }

  mutating func note(_ symbol: Int32, at place: Int, _ weight: Int) {
    if counts[Int(symbol)] == 0 { symbols.append(symbol) }
    weights[Int(symbol)] += weight
    counts[Int(symbol)] += 1
    sites.append((symbol, Int32(truncatingIfNeeded: place)))
  }

  mutating func name(_ symbol: Int32, _ number: Int32) { numbers[Int(symbol)] = number }

  func weight(of symbol: Int32) -> Int { weights[Int(symbol)] }

  func sites(of symbol: Int32) -> Int { counts[Int(symbol)] }

  func number(of symbol: Int32) -> Int? {
    numbers[Int(symbol)] < 0 ? nil : Int(numbers[Int(symbol)])
  }
}
