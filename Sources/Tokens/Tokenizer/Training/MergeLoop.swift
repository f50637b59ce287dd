import Ground

/// Joins the most frequent pair of neighbouring symbols, again and again.
///
/// Counts are exact at every step. Among equal counts the shorter pair comes first, then the one
/// with the smaller bytes. No two pairs spell the same: how a stretch of text with symbols' ends at
/// both of its own is divided depends on it alone.
///
/// What keeps it fast:
/// - All occurrences of a pair are born in the step that makes its younger symbol, so its count only
///   falls afterwards and its list of places is written once.
/// - For the same reason pairs that are born with a count below some floor cannot come to the front
///   before all others have fallen below it. They are passed over; when no pair is left above the
///   floor, the text, shorter by then, is looked through again with a lower one.
/// - In a step, what stands beside the joined places is first summed by symbol. The same sum is what
///   an old pair loses and a new one gains, so that each pair is touched once a step.
///
/// - SeeAlso: google/sentencepiece `src/bpe_model_trainer.cc`.
struct MergeLoop: ~Copyable {
  private let rules: PieceRules
  private let jobs: Int
  private var text: SymbolText
  /// The symbols: first the alphabet, then what was joined, in order.
  private(set) var spellings = Spellings()
  /// The count at which each symbol beside the alphabet was joined.
  private(set) var counts: [Int] = []
  private var shapes = FlatArray<PieceRules.Shape>()
  /// By symbol, how many places of the text it takes.
  private var spans = FlatArray<UInt32>()

  private var pairs = FlatArray<Pair>()
  private var numbers = PairTable()
  private var sites = FlatArray<Site>()
  private var queue = PairQueue()
  /// Pairs with a smaller count are not kept.
  private var floor = 0

  private var neighbours = Neighbours()

  init(_ units: UnitCounts, _ alphabet: borrowing Alphabet, _ rules: PieceRules, jobs: Int) {
    self.rules = rules
    self.jobs = jobs
    text = SymbolText(units, alphabet, jobs: jobs)
    for scalar in alphabet.scalars {
      var name: [UInt8] = []
      name.append(scalar: scalar)
      spellings.append(name)
      shapes.append(rules.shape(of: scalar))
      spans.append(1)
    }
  }

  /// True where the text has more places than their numbers can tell.
  var isTooLong: Bool { text.cells.count > SymbolText.limit }

  /// Joins until there are `count` pieces beside the alphabet; says how many there are, fewer where
  /// no two symbols are left that may be joined.
  mutating func run(_ count: Int, progress: (Int) -> Void) -> Int {
    // Most vocabularies are full above this count; if not, the next rounds get there.
    floor = max(1, text.weight / (64 * max(1, count)))
    var made = 0
    while true {
      findPairs()
      join(count, &made, progress)
      if made == count || floor == 1 { return made }
      floor = max(1, floor / 8)
      text.compact(&spans)
    }
  }

  /// The same with all pairs that ever stood side by side, whose count may be 0 by then.
  mutating func runKeepingAll(_ count: Int, progress: (Int) -> Void) -> Int {
    floor = 0
    var made = 0
    findPairs()
    join(count, &made, progress)
    return made
  }

  private mutating func join(_ count: Int, _ made: inout Int, _ progress: (Int) -> Void) {
    while made < count, let number = next() {
      join(pairs[number])
      counts.append(pairs[number].count)
      made += 1
      if made % 256 == 0 { progress(made) }
    }
    progress(made)
  }

  /// Counts the pairs of the text and lists the places of those above the floor.
  private mutating func findPairs() {
    pairs.removeAll()
    numbers = PairTable()
    queue.removeAll()
    sites.removeAll()
    let tallies = tallies()
    var total = tallies[jobs - 1].take()
    for tally in tallies.dropLast() { tally.read { $0.forEach { total.add($0) } } }
    var places = 0
    total.forEach { entry in
      guard entry.count >= floor,
        rules.join(shapes[Int(entry.left)], shapes[Int(entry.right)]) != nil
      else { return }
      numbers.insert(entry.left, entry.right, UInt32(pairs.count))
      let start = UInt32(places)
      places += entry.sites
      pairs.append(
        Pair(
          left: entry.left, right: entry.right, count: entry.count, start: start,
          end: UInt32(places)))
    }
    sites.append(repeating: Site(place: 0, weight: 0), count: places)
    listPlaces(tallies)
    for number in 0..<pairs.count { enqueue(number) }
  }

  /// The pairs of each part of the text.
  private func tallies() -> [Box<PairTally>] {
    inParallel(jobs) { job in
      var tally = PairTally()
      text.forEachPair(part: job, of: jobs, ahead: { tally.prefetch($0, $1) }) {
        tally.add($0, $1, $2.weight)
      }
      return tally
    }
  }

  /// Lists the places of each pair: of every part behind those of the parts before.
  private func listPlaces(_ tallies: [Box<PairTally>]) {
    unsafe sites.withPointer { sites in
      _ = inParallel(jobs) { job in
        var ends = FlatArray<UInt32>(minimumCapacity: pairs.count)
        for number in 0..<pairs.count { ends.append(pairs[number].start) }
        for tally in tallies.prefix(job) {
          tally.read {
            $0.forEach { entry in
              guard let number = numbers.find(entry.left, entry.right) else { return }
              ends[Int(number)] += UInt32(entry.sites)
            }
          }
        }
        text.forEachPair(part: job, of: jobs, ahead: { numbers.prefetch($0, $1) }) {
          guard let number = numbers.find($0, $1) else { return }
          unsafe sites[Int(ends[Int(number)])] = $2
          ends[Int(number)] += 1
        }
      }
    }
  }

  /// The best pair that is still to be joined; it leaves the queue.
  private mutating func next() -> Int? {
    while let entry = queue.pop(pairs, spellings) {
      let pair = pairs[Int(entry.pair)]
      if pair.count == entry.count { return Int(entry.pair) }
      if pair.count >= floor { enqueue(Int(entry.pair)) }
    }
    return nil
  }

  private mutating func enqueue(_ number: Int) {
    let pair = pairs[number]
    let length = shapes[Int(pair.left)].length + shapes[Int(pair.right)].length
    let entry = PairQueue.Entry(
      count: pair.count, length: length, prefix: spellings.prefix(pair.left, pair.right),
      pair: UInt32(number))
    queue.push(entry, pairs, spellings)
  }

  /// Replaces the pair wherever it stands, in each unit from left to right, and brings the counts of
  /// the pairs around it up to date.
  private mutating func join(_ pair: Pair) {
    guard let shape = rules.join(shapes[Int(pair.left)], shapes[Int(pair.right)]) else { return }
    let symbol = UInt32(shapes.count)
    shapes.append(shape)
    spellings.append(pair.left, pair.right)
    spans.append(spans[Int(pair.left)] + spans[Int(pair.right)])
    neighbours.begin(symbols: shapes.count)
    replace(pair, by: symbol)
    let oldest = pairs.count
    // First what is born, then what is lost: in a run of one symbol the same pair does both.
    bear(symbol, of: pair)
    lose(pair)
    for number in oldest..<pairs.count where pairs[number].count >= floor { enqueue(number) }
  }

  private mutating func replace(_ pair: Pair, by symbol: UInt32) {
    let distance = 16
    let middle = Int(spans[Int(pair.left)])
    let span = Int(spans[Int(symbol)])
    for index in Int(pair.start)..<Int(pair.end) {
      if index + distance < pair.end {
        text.cells.prefetch(Int(sites[index + distance].place))
      }
      let site = sites[index]
      let place = Int(site.place)
      guard text.cells[place] == pair.left, text.cells[place + middle] == pair.right else {
        continue
      }
      let before = text.cells[place - 1]
      let after = text.cells[place + span]
      if SymbolText.isSymbol(before) { neighbours.note(.init(before, isRight: false), site) }
      if SymbolText.isSymbol(after) { neighbours.note(.init(after, isRight: true), site) }
      text.cells[place + middle] = SymbolText.gone
      text.cells[place] = symbol
      text.cells[place + span - 1] = symbol
    }
  }

  /// Makes the pairs of the new symbol with its neighbours, and lists their places where the list of
  /// the joined pair was, as far as there is room.
  private mutating func bear(_ symbol: UInt32, of joined: Pair) {
    var room = joined.start..<joined.end
    for index in 0..<neighbours.slots.count {
      let slot = neighbours.slots[index]
      let sum = neighbours.sum(of: slot)
      let (left, right) = slot.isRight ? (symbol, slot.symbol) : (slot.symbol, symbol)
      guard sum.weight >= floor, rules.join(shapes[Int(left)], shapes[Int(right)]) != nil else {
        continue
      }
      var start = room.lowerBound
      if sum.sites <= room.count {
        room = start + sum.sites..<room.upperBound
      } else {
        start = UInt32(sites.count)
        sites.append(repeating: Site(place: 0, weight: 0), count: Int(sum.sites))
      }
      numbers.insert(left, right, UInt32(pairs.count))
      pairs.append(
        Pair(left: left, right: right, count: sum.weight, start: start, end: start + sum.sites))
      neighbours.setTarget(of: slot, start)
    }
    neighbours.write(to: &sites, spans)
  }

  /// Takes from the pairs that the joined symbols made with their neighbours.
  private mutating func lose(_ joined: Pair) {
    let distance = 8
    for index in 0..<neighbours.slots.count {
      if index + distance < neighbours.slots.count {
        let (left, right) = old(neighbours.slots[index + distance], joined)
        numbers.prefetch(left, right)
      }
      let slot = neighbours.slots[index]
      let (left, right) = old(slot, joined)
      if (left, right) == (joined.left, joined.right) { continue }
      guard let number = numbers.find(left, right) else { continue }
      pairs[Int(number)].count -= neighbours.sum(of: slot).weight
    }
  }

  /// The pair that a neighbour made with a part of what was joined.
  private func old(_ slot: Neighbours.Slot, _ joined: Pair) -> (UInt32, UInt32) {
    slot.isRight ? (joined.right, slot.symbol) : (slot.symbol, joined.left)
  }
}
