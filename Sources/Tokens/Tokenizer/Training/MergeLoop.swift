/// Joins the most frequent pair of neighbouring symbols, again and again.
///
/// Counts are exact at every step. Among equal counts the shorter pair comes first, then the one
/// with the smaller bytes, then the older one. A pair that spells an existing piece is dropped and
/// not joined in the text.
///
/// What keeps it fast: all occurrences of a pair are born in the step that makes its younger
/// symbol, so its count only falls afterwards and its list of places is written once.
///
/// - SeeAlso: google/sentencepiece `src/bpe_model_trainer.cc`.
struct MergeLoop {
  private struct Pair {
    var left: Int32
    var right: Int32
    var count: Int
    /// Where its places lie in `places`.
    var start: Int
    var end: Int
    var isOver = false
  }

  private let rules: PieceRules
  /// The bytes of each symbol: first the alphabet, then what was joined, in order.
  private(set) var names: ByteStrings
  private var shapes: [PieceRules.Shape] = []

  /// Symbols of all units, with -1 between units.
  ///
  /// A joined symbol stands at its first place and at its last, so that neighbours are found in one
  /// step from both sides.
  private var text: [Int32] = [-1]
  /// How many places a symbol takes, at its first and at its last.
  private var spans: [UInt16] = [1]
  /// By place, the number of its unit.
  private var owners: [Int32] = [0]
  private var weights: [Int] = []

  private var pairs: [Pair] = []
  private var numbers = PairTable()
  private var places: [Int32] = []
  private var queue = PairQueue()
  /// Pairs with a smaller count are not kept, for they will not come to the front.
  private let floor: Int

  private var left = Neighbours()
  private var right = Neighbours()

  init(
    bytes: [UInt8], units: [(range: Range<Int>, count: Int)], alphabet: Alphabet,
    rules: PieceRules, floor: Int
  ) {
    self.rules = rules
    self.floor = floor
    names = ByteStrings(minimumCapacity: 2 * rules.settings.vocabSize)
    for scalar in alphabet.scalars {
      var name: [UInt8] = []
      name.append(scalar: scalar)
      _ = names.insert(name.span)
      shapes.append(rules.shape(of: scalar))
    }
    weights.reserveCapacity(units.count)
    let all = bytes.span
    for (range, count) in units {
      var place = range.lowerBound
      while place < range.upperBound {
        let (next, length) = decodeScalar(all, at: place)
        append(alphabet.numbers[Int(next)])  // -1 where it is too rare, which parts as well
        place += length
      }
      append(-1)
      weights.append(count)
    }
    findPairs()
  }

  private mutating func append(_ symbol: Int32) {
    text.append(symbol)
    spans.append(1)
    owners.append(Int32(weights.count))
  }

  /// Counts the pairs of the alphabet and lists their places.
  private mutating func findPairs() {
    var numberAt = [Int32](repeating: -1, count: text.count)
    for place in 1..<text.count where text[place - 1] >= 0 && text[place] >= 0 {
      let (before, after) = (text[place - 1], text[place])
      var number = numbers.find(before, after)
      if number == nil {
        let isPossible = rules.join(shapes[Int(before)], shapes[Int(after)]) != nil
        number = isPossible ? Int32(pairs.count) : -1
        numbers.insert(before, after, isPossible ? Int32(pairs.count) : -1)
        if isPossible {
          pairs.append(Pair(left: before, right: after, count: 0, start: 0, end: 0))
        }
      }
      guard let number, number >= 0 else { continue }
      pairs[Int(number)].count += weights[Int(owners[place])]
      pairs[Int(number)].end += 1
      numberAt[place - 1] = number
    }
    var start = 0
    for number in pairs.indices {
      let count = pairs[number].count >= floor ? pairs[number].end : 0
      pairs[number].start = start
      pairs[number].end = start
      start += count
    }
    places = Array(repeating: 0, count: start)
    for place in numberAt.indices where numberAt[place] >= 0 {
      let number = Int(numberAt[place])
      guard pairs[number].count >= floor else { continue }
      places[pairs[number].end] = Int32(place)
      pairs[number].end += 1
    }
    for number in pairs.indices where pairs[number].count >= floor { enqueue(Int32(number)) }
  }

  /// Joins until there are `count` pieces beside the alphabet; gives fewer where the text has no
  /// more, and nil where that may be only because rare pairs were not kept.
  mutating func run(_ count: Int) -> Int? {
    var made = 0
    while made < count {
      guard let number = next() else { return floor == 0 ? made : nil }
      pairs[number].isOver = true
      let pair = pairs[number]
      var name = Array(names[Int(pair.left)])
      name.append(contentsOf: names[Int(pair.right)])
      guard names.insert(name.span).isNew,
        let shape = rules.join(shapes[Int(pair.left)], shapes[Int(pair.right)])
      else { continue }
      let symbol = Int32(shapes.count)
      shapes.append(shape)
      join(pair, into: symbol)
      made += 1
    }
    return made
  }

  /// The best pair that is still to be joined.
  private mutating func next() -> Int? {
    while let entry = withQueue({ $0.pop($1) }) {
      let pair = pairs[Int(entry.pair)]
      if pair.isOver { continue }
      if pair.count == entry.count { return Int(entry.pair) }
      if pair.count >= floor { enqueue(entry.pair) }
    }
    return nil
  }

  private mutating func enqueue(_ number: Int32) {
    let pair = pairs[Int(number)]
    let length = shapes[Int(pair.left)].length + shapes[Int(pair.right)].length
    let entry = PairQueue.Entry(count: pair.count, length: length, pair: number)
    withQueue { $0.push(entry, $1) }
  }

  private mutating func withQueue<Result>(
    _ body: (inout PairQueue, (Int32, Int32) -> Bool) -> Result
  ) -> Result {
    var queue = PairQueue()
    swap(&queue, &self.queue)
    defer { swap(&queue, &self.queue) }
    return body(&queue) { precedes($0, $1) }
  }

  /// True where the first pair's bytes come before the second's, or they are equal and it is older.
  private func precedes(_ first: Int32, _ second: Int32) -> Bool {
    let (one, two) = (pairs[Int(first)], pairs[Int(second)])
    let splits = (names.length(of: Int(one.left)), names.length(of: Int(two.left)))
    let oneLength = splits.0 + names.length(of: Int(one.right))
    let twoLength = splits.1 + names.length(of: Int(two.right))
    let parts = (
      names[Int(one.left)], names[Int(one.right)], names[Int(two.left)], names[Int(two.right)]
    )
    for index in 0..<min(oneLength, twoLength) {
      let left =
        index < splits.0
        ? parts.0[parts.0.startIndex + index] : parts.1[parts.1.startIndex + index - splits.0]
      let right =
        index < splits.1
        ? parts.2[parts.2.startIndex + index] : parts.3[parts.3.startIndex + index - splits.1]
      if left != right { return left < right }
    }
    return oneLength != twoLength ? oneLength < twoLength : first < second
  }

  private mutating func join(_ pair: Pair, into symbol: Int32) {
    // Taken out, so that the rest can change while they are read.
    var left = Neighbours()
    var right = Neighbours()
    swap(&left, &self.left)
    swap(&right, &self.right)
    left.begin(symbols: shapes.count)
    right.begin(symbols: shapes.count)
    for index in pair.start..<pair.end {
      let place = Int(places[index])
      guard text[place] == pair.left else { continue }
      let middle = place + Int(spans[place])
      guard text[middle] == pair.right else { continue }
      let after = middle + Int(spans[middle])
      let weight = weights[Int(owners[place])]
      let before = text[place - 1]
      if before >= 0 { left.note(before, at: place - Int(spans[place - 1]), weight) }
      if text[after] >= 0 { right.note(text[after], at: place, weight) }
      text[middle - 1] = -2
      text[middle] = -2
      text[place] = symbol
      text[after - 1] = symbol
      spans[place] = UInt16(after - place)
      spans[after - 1] = UInt16(after - place)
    }
    // First what is born, then what is lost: in a run of one symbol the same pair does both.
    let oldest = pairs.count
    bear(&left) { ($0, symbol) }
    bear(&right) { (symbol, $0) }
    lose(left, pair) { ($0, pair.left) }
    lose(right, pair) { (pair.right, $0) }
    for number in oldest..<pairs.count where pairs[number].count >= floor {
      enqueue(Int32(number))
    }
    swap(&left, &self.left)
    swap(&right, &self.right)
  }

  /// Makes the pairs of the new symbol with its neighbours on one side.
  private mutating func bear(_ side: inout Neighbours, _ pair: (Int32) -> (Int32, Int32)) {
    for neighbour in side.symbols {
      let (left, right) = pair(neighbour)
      let count = side.weight(of: neighbour)
      guard count >= floor, rules.join(shapes[Int(left)], shapes[Int(right)]) != nil else {
        continue
      }
      let number = Int32(pairs.count)
      side.name(neighbour, number)
      numbers.insert(left, right, number)
      pairs.append(
        Pair(left: left, right: right, count: count, start: places.count, end: places.count))
      places.append(contentsOf: repeatElement(0, count: side.sites(of: neighbour)))
    }
    for site in side.sites {
      guard let number = side.number(of: site.symbol) else { continue }
      places[pairs[number].end] = site.place
      pairs[number].end += 1
    }
  }

  /// Takes from the pairs that the joined symbols made with their neighbours on one side.
  private mutating func lose(
    _ side: Neighbours, _ joined: Pair, _ pair: (Int32) -> (Int32, Int32)
  ) {
    for neighbour in side.symbols {
      let (left, right) = pair(neighbour)
      if (left, right) == (joined.left, joined.right) { continue }
      guard let number = numbers.find(left, right), number >= 0 else { continue }
      pairs[Int(number)].count -= side.weight(of: neighbour)
    }
  }
}
