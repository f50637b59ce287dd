public import Ground

extension BPETrainer {
  /// The counts that `WordCounts.write(to:)` put into a file.
  ///
  /// - Throws: `Fault` where the file is damaged, or was counted for settings that count differently.
  public func counts(path: String) throws(Fault) -> WordCounts {
    let reader = try openPlain(path)
    let counts = try counts(from: reader)
    guard try reader.isAtEnd() else { throw reader.fault(.malformed("bytes after the counts")) }
    return counts
  }

  /// Reads counts where `reader` stands, and leaves it behind them.
  ///
  /// - Throws: `Fault` where the file is damaged, or was counted for settings that count differently.
  public func counts(from reader: BufferedReader) throws(Fault) -> WordCounts {
    var source = CountsSource(reader)
    var counts = self.counts()
    try source.read(into: &counts)
    return counts
  }

  private func openPlain(_ path: String) throws(Fault) -> BufferedReader {
    BufferedReader(try FileReader(path: path))
  }
}

/// Reads and checks the layout that `CountsLayout` describes.
private struct CountsSource {
  private let reader: BufferedReader
  private var block: [UInt8] = []
  private var place = 0
  private var checksum: UInt64 = 0

  init(_ reader: BufferedReader) { self.reader = reader }

  mutating func read(into counts: inout WordCounts) throws(Fault) {
    let expected = try readHeader(into: &counts)
    var words = 0
    var total = 0
    var last: [UInt8] = []
    while try nextBlock() {
      while place < block.count {
        let (word, count) = try readEntry()
        guard words == 0 || last.lexicographicallyPrecedes(word) else {
          throw reader.fault(.malformed("words out of order"))
        }
        // What is summed and sorted by later; more than any text there is.
        let (weight, isOver) = word.count.multipliedReportingOverflow(by: count)
        guard !isOver, weight < 1 << 47, total + weight < 1 << 47 else {
          throw reader.fault(.malformed("counts above 2⁴⁷ bytes"))
        }
        total += weight
        counts.units.add(word, count)
        last = word
        words += 1
      }
    }
    guard words == expected else {
      throw reader.fault(.malformed("\(words) words, where \(expected) were announced"))
    }
    let found = checksum
    guard try readNumber() == found else { throw reader.fault(.malformed("the checksum differs")) }
  }

  private mutating func readHeader(into counts: inout WordCounts) throws(Fault) -> Int {
    let header = try readBytes(CountsLayout.header)
    guard header.starts(with: CountsLayout.magic) else {
      throw reader.fault(.malformed("not a file of word counts"), at: reader.offset - 56)
    }
    checksum = xxh3(header)
    let numbers = stride(from: 8, to: header.count, by: 8).map { number(header[$0..<$0 + 8]) }
    guard numbers[0] == CountsLayout.version else {
      throw reader.fault(.malformed("version \(numbers[0]) of word counts; only 1 is known"))
    }
    guard numbers[1] == counts.fingerprint else {
      throw reader.fault(.unusable("these words were counted with other settings"))
    }
    guard numbers[2...].allSatisfy({ $0 < 1 << 62 }) else {
      throw reader.fault(.malformed("a count above 2⁶²"))
    }
    counts.sentences = Int(numbers[2])
    counts.tooLong = Int(numbers[3])
    counts.reserved = Int(numbers[4])
    return Int(numbers[5])
  }

  /// Reads a block; false at the end of them.
  private mutating func nextBlock() throws(Fault) -> Bool {
    let length = try readNumber()
    guard length > 0 else { return false }
    guard length < 1 << 33 else { throw reader.fault(.malformed("a block of \(length) bytes")) }
    block = try readBytes(Int(length))
    checksum = xxh3(block, seed: checksum)
    place = 0
    return true
  }

  private mutating func readEntry() throws(Fault) -> (word: [UInt8], count: Int) {
    let length = try readVarint()
    guard length > 0, length <= UInt64(block.count - place) else {
      throw reader.fault(.malformed("a word of \(length) bytes"))
    }
    let word = Array(block[place..<place + Int(length)])
    place += word.count
    let count = try readVarint()
    guard count > 0, count < 1 << 62 else {
      throw reader.fault(.malformed("a word that came \(count) times"))
    }
    guard isWellFormed(word) else { throw reader.fault(.malformed("a word that is no UTF-8")) }
    return (word, Int(count))
  }

  private mutating func readVarint() throws(Fault) -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 63, by: 7) {
      guard place < block.count else { throw reader.fault(.malformed("a block ends in a number")) }
      let byte = block[place]
      place += 1
      number |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return number }
    }
    throw reader.fault(.malformed("a number of more than 63 bits"))
  }

  private func readNumber() throws(Fault) -> UInt64 { number(try readBytes(8)[...]) }

  private func readBytes(_ count: Int) throws(Fault) -> [UInt8] {
    var bytes: [UInt8] = []
    let found = try reader.read(count, into: &bytes)
    guard found == count else { throw reader.fault(.truncated(expected: count, found: found)) }
    return bytes
  }
}

private func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
  bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
}

private func isWellFormed(_ bytes: [UInt8]) -> Bool {
  (try? UTF8Span(validating: bytes.span)) != nil
}
