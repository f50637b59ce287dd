import Ground

/// Units of text as symbols in one array.
///
/// Before each unit and behind the last stands a mark, which also tells how often the unit came. A
/// symbol takes as many places as its parts took, and stands at its first place and at its last, so
/// that neighbours are found in one step from both sides.
struct SymbolText: ~Copyable {
  /// Places that there can be: all lists of places then have fewer than 2³² together.
  static let limit = 1 << 30
  /// What stands inside a symbol where another began.
  static let gone = UInt32.max
  /// Numbers from here on are marks: this plus a weight.
  private static let mark: UInt32 = 1 << 31

  var cells: FlatArray<UInt32>
  /// How many symbols there are, each counted as often as its unit came.
  private(set) var weight = 0

  @inline(__always)
  static func isSymbol(_ cell: UInt32) -> Bool { cell < mark }

  /// Takes the alphabet's characters as symbols; what is rarer parts units as well.
  init(_ units: UnitCounts, _ alphabet: borrowing Alphabet, jobs: Int) {
    let parts = inParallel(jobs) { job in
      var text = SymbolText()
      units.forEach(part: job, of: jobs) { text.append($0, $1, alphabet) }
      return text
    }
    let first = parts[0].take()
    weight = first.weight
    cells = first.cells
    for part in parts.dropFirst() {
      let text = part.take()
      cells.append(text.cells)
      weight += text.weight
    }
    cells.append(Self.mark)
  }

  private init() { cells = FlatArray() }

  private mutating func append(
    _ unit: Span<UInt8>, _ count: Int, _ alphabet: borrowing Alphabet
  ) {
    var rest = count
    while rest > 0 {  // a unit that came more often than a mark can tell is there several times
      let times = min(rest, Int(Self.mark) - 1)
      rest -= times
      var start = begin(times)
      var place = 0
      while place < unit.count {
        let (scalar, length) = decodeScalar(unit, at: place)
        place &+= length
        let symbol = alphabet.number(of: scalar)
        if symbol >= 0 {
          cells.append(UInt32(symbol))
        } else {
          end(start, times)
          start = begin(times)
        }
      }
      end(start, times)
    }
  }

  private mutating func begin(_ times: Int) -> Int {
    cells.append(Self.mark | UInt32(times))
    return cells.count - 1
  }

  /// Ends a unit, and drops it where it has no two symbols.
  private mutating func end(_ start: Int, _ times: Int) {
    let symbols = cells.count - start - 1
    if symbols < 2 { cells.truncate(to: start) } else { weight += symbols * times }
  }

  /// Gives every symbol one place again, and drops units that are but one.
  mutating func compact(_ spans: inout FlatArray<UInt32>) {
    var (read, write) = (0, 0)
    while read < cells.count - 1 {
      let start = write
      cells[write] = cells[read]
      write += 1
      read += 1
      while Self.isSymbol(cells[read]) {
        let symbol = cells[read]
        cells[write] = symbol
        write += 1
        read += Int(spans[Int(symbol)])
      }
      if write - start < 3 { write = start }
    }
    cells[write] = Self.mark
    cells.truncate(to: write + 1)
    for symbol in 0..<spans.count { spans[symbol] = 1 }
  }

  /// Visits every two neighbours in one of `parts` parts of a text in which each symbol has one place;
  /// `ahead` sees them some steps earlier, to ask for memory.
  @inline(__always)
  func forEachPair(
    part: Int, of parts: Int, ahead: (_ left: UInt32, _ right: UInt32) -> Void,
    _ body: (_ left: UInt32, _ right: UInt32, _ site: Site) -> Void
  ) {
    let distance = 12
    let end = bound(part + 1, of: parts)
    var place = bound(part, of: parts)
    while place < end {
      let weight = cells[place] & ~Self.mark
      place += 1
      var left = cells[place]
      while true {
        if place + distance + 1 < cells.count {
          ahead(cells[place + distance], cells[place + distance + 1])
        }
        let right = cells[place + 1]
        if !Self.isSymbol(right) { break }
        body(left, right, Site(place: UInt32(truncatingIfNeeded: place), weight: weight))
        left = right
        place += 1
      }
      place += 1
    }
  }

  /// The mark at which a part begins; the last one of all for the end of the last part.
  private func bound(_ part: Int, of parts: Int) -> Int {
    var place = (cells.count - 1) * part / parts
    while Self.isSymbol(cells[place]) { place += 1 }
    return place
  }
}
