internal import Ground

/// The input rows that some line of a text uses: a bit a row.
///
/// Only these begin at random. The others, most of the hashed n-grams as a rule, stay zero: a text that
/// has an n-gram which training never saw is not moved in a random direction by it, and quantised
/// centroids are not spent on noise.
struct UsedRows: ~Copyable {
  private let bits: Room<UInt64>
  private let count: Int

  init(
    of rows: Int, _ text: borrowing TrainingText, _ vocabulary: borrowing TrainingVocabulary,
    _ rules: TrainingRows
  ) {
    count = rows
    let bits = Room<UInt64>(rows / 64 + 1)
    bits.fill(0, 0..<rows / 64 + 1)
    func mark(_ row: UInt32) { bits[Int(row >> 6)] |= 1 << UInt64(row & 63) }
    for place in 0..<vocabulary.rowCount { mark(vocabulary.lists[place]) }
    if rules.areOfWords {
      var hashes = Room<UInt32>(64)
      var grams = Room<UInt32>(64)
      for line in 0..<text.lineCount {
        let words = unsafe text.words(of: line)
        grams.reserve(rules.mostWordGrams(words.count))
        let hashed = unsafe text.hashes(of: words, in: &hashes)
        let found = unsafe rules.writeWordGrams(hashed, to: grams.start)
        for place in 0..<found { mark(grams[place]) }
      }
    }
    self.bits = bits
  }

  /// Gives the rows in use the numbers to begin with.
  func randomize(_ matrix: RowMatrix, seed: UInt64, jobs: Int, level: CInt) {
    _ = inParallel(jobs) { job in
      let words = count / 64 + 1
      for place in words * job / jobs..<words * (job + 1) / jobs {
        var word = bits[place]
        while word != 0 {
          let row = 64 * place + word.trailingZeroBitCount
          matrix.randomize(row..<row + 1, seed: seed, level: level)
          word &= word - 1
        }
      }
    }
  }
}
