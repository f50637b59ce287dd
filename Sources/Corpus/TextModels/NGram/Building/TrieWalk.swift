import Ground

/// What is done with the n-grams of a trie, each before those that it is the end of.
///
/// Words stand in records from the last to the first, so that an n-gram begins with its own end.
protocol TrieVisitor {
  mutating func unigram(_ word: Int) throws(Fault)
  /// An n-gram that the text lacks, though longer ones end with it.
  ///
  /// `words` are its own and perhaps more; `basis` is the longest end of it that the text has, with the
  /// logarithm of that one.
  mutating func blank(
    _ order: Int, _ words: UnsafePointer<UInt32>, basis: (order: Int, logarithm: Float)
  ) throws(Fault)
  mutating func gram(_ order: Int, _ record: UnsafePointer<UInt32>) throws(Fault)
}

/// Goes through the sorted n-grams of all orders at once.
///
/// - SeeAlso: kpu/kenlm `lm/search_trie.cc`.
struct TrieWalk {
  private let readers: [RecordReader]
  private let logarithms: [Float]
  private let arpa: ArpaReader
  /// The n-gram visited last, and the logarithms on its way; nil for a blank.
  private var path: [UInt32]
  private var pathCount = 0
  private var known: [Float?]

  /// `sorters` hold the n-grams from two words on, `logarithms` those of single words.
  init(
    _ sorters: [RecordSorter], logarithms: [Float], _ arpa: ArpaReader
  ) throws(Fault) {
    self.arpa = arpa
    var readers: [RecordReader] = []
    for sorter in sorters { readers.append(try sorter.reader()) }
    self.readers = readers
    self.logarithms = logarithms
    path = Array(repeating: 0, count: sorters.count + 1)
    known = Array(repeating: nil, count: sorters.count + 1)
  }

  mutating func run(_ visitor: inout some TrieVisitor) throws(Fault) {
    var word: UInt32 = 0
    while true {
      let order = least(word)
      if order == 1 {
        if Int(word) == logarithms.count { return }
        var single = word
        let logarithm = logarithms[Int(word)]
        try unsafe visit(&single, 1, logarithm, &visitor)
        try visitor.unigram(Int(word))
        word += 1
      } else if let record = unsafe readers[order - 2].record {
        try unsafe visit(record, order, Float(bitPattern: record[order]), &visitor)
        try unsafe visitor.gram(order, record)
        try readers[order - 2].advance()
      }
    }
  }

  /// The order whose next n-gram comes first; a shorter one comes before those that it begins.
  private func least(_ word: UInt32) -> Int {
    var best = 1
    var bestRecord: UnsafePointer<UInt32>?
    for order in 2...readers.count + 1 {
      guard let record = unsafe readers[order - 2].record else { continue }
      if let other = unsafe bestRecord {
        if unsafe precedes(record, other, best) { unsafe (best, bestRecord) = (order, record) }
      } else if unsafe Int(word) == logarithms.count || record[0] < word {
        unsafe (best, bestRecord) = (order, record)
      }
    }
    return best
  }

  /// True where a longer record comes before one of so many words.
  private func precedes(
    _ record: UnsafePointer<UInt32>, _ other: UnsafePointer<UInt32>, _ count: Int
  ) -> Bool {
    for place in 0..<count {
      if unsafe record[place] != other[place] { return unsafe record[place] < other[place] }
    }
    return false
  }

  /// Finds the blanks between the last n-gram and this one.
  private mutating func visit(
    _ record: UnsafePointer<UInt32>, _ length: Int, _ logarithm: Float,
    _ visitor: inout some TrieVisitor
  ) throws(Fault) {
    known[length - 1] = logarithm
    var place = 0
    while place < min(length - 1, pathCount), unsafe path[place] == record[place] { place += 1 }
    if place == length - 1, unsafe pathCount >= length && path[place] == record[place] {
      throw arpa.fault("a \(length)-gram comes twice in the text")
    }
    if place < length - 1 {
      var basis = place
      while basis > 1, known[basis - 1] == nil { basis -= 1 }
      let lower = known[basis - 1] ?? 0
      while place < length - 1 {
        try unsafe visitor.blank(place + 1, record, basis: (basis, lower))
        unsafe path[place] = record[place]
        known[place] = nil
        place += 1
      }
    }
    unsafe path[place] = record[place]
    pathCount = length
  }
}
