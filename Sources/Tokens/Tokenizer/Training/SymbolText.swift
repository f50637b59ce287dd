/// Units of text as symbols in one array, with `none` around each.
///
/// A symbol takes as many places as its parts took, and stands at its first place and at its last,
/// so that neighbours are found in one step from both sides.
struct SymbolText: ~Copyable {
  /// What stands between units.
  static let none = UInt32.max
  /// What stands inside a symbol where another began.
  static let gone = UInt32.max - 1
  /// Places that there can be: every list of places then has fewer than 2³².
  static let limit = 1 << 30

  var symbols = FlatArray<UInt32>()
  /// By unit, how often it came.
  private var weights = FlatArray<UInt32>()

  /// How many symbols there are, each counted as often as its unit came.
  private(set) var weight = 0

  /// Takes the alphabet's characters as symbols; what is rarer parts units as well.
  init(_ units: UnitCounts, _ alphabet: borrowing Alphabet) {
    symbols.append(Self.none)
    unsafe units.forEach { unit, count in
      unsafe unit.withMemoryRebound(to: UInt8.self) { unit in
        let unit = unsafe unit.span
        var rest = count
        while rest > 0 {  // a unit that came more often than a weight can tell is there twice
          let weight = UInt32(clamping: rest)
          var place = 0
          while place < unit.count {
            let (scalar, length) = decodeScalar(unit, at: place)
            place += length
            add(alphabet.number(of: scalar), weight)
          }
          end(weight)
          rest -= Int(weight)
        }
      }
    }
  }

  /// Ends a unit, and drops it where it has no two symbols.
  private mutating func end(_ weight: UInt32) {
    if symbols[symbols.count - 1] == Self.none { return }
    if symbols[symbols.count - 2] == Self.none {
      symbols.truncate(to: symbols.count - 1)
      return
    }
    symbols.append(Self.none)
    weights.append(weight)
  }

  private mutating func add(_ symbol: Int32, _ weight: UInt32) {
    if symbol < 0 { return end(weight) }
    symbols.append(UInt32(symbol))
    self.weight += Int(weight)
  }

  /// Gives every symbol one place again, and drops units that are but one.
  mutating func compact(_ spans: inout FlatArray<UInt32>) {
    var (read, write) = (1, 1)
    var kept = 0
    for unit in 0..<weights.count {
      let start = write
      while symbols[read] != Self.none {
        let symbol = symbols[read]
        symbols[write] = symbol
        write += 1
        read += Int(spans[Int(symbol)])
      }
      read += 1
      if write - start < 2 {
        write = start
        continue
      }
      symbols[write] = Self.none
      write += 1
      weights[kept] = weights[unit]
      kept += 1
    }
    symbols.truncate(to: write)
    weights.truncate(to: kept)
    for symbol in 0..<spans.count { spans[symbol] = 1 }
  }

  /// Visits every two neighbours of a text in which each symbol has one place; `ahead` sees them
  /// some steps earlier, to ask for memory.
  @inline(__always)
  func forEachPair(
    ahead: (_ left: UInt32, _ right: UInt32) -> Void,
    _ body: (_ left: UInt32, _ right: UInt32, _ site: Site) -> Void
  ) {
    let distance = 12
    var place = 1
    for unit in 0..<weights.count {
      let weight = weights[unit]
      var left = symbols[place]
      place += 1
      while true {
        let right = symbols[place]
        if place + distance < symbols.count {
          ahead(symbols[place + distance - 1], symbols[place + distance])
        }
        place += 1
        if right == Self.none { break }
        body(left, right, Site(place: UInt32(truncatingIfNeeded: place - 2), weight: weight))
        left = right
      }
    }
  }
}
