/// Which rows the n-grams of characters and of words have while a model is trained.
struct TrainingRows: Sendable {
  private let grams: FastTextGrams
  /// Rows of words, which come first.
  private let wordRows: UInt32
  /// By bucket its row behind those of words, or -1 where it was pruned; nil where all are there.
  private let kept: [Int32]?

  init(_ settings: FastTextSettings, wordRows: Int, kept: [Int32]? = nil) {
    grams = FastTextGrams(settings)
    self.wordRows = UInt32(wordRows)
    self.kept = kept
  }

  /// At least as many rows as the n-grams of a token's characters have.
  func mostRows(of token: UnsafeBufferPointer<UInt8>) -> Int {
    guard grams.longest > 0 else { return 0 }
    let characters = 2 + (unsafe token.reduce(0) { $0 + ($1 & 0xc0 != 0x80 ? 1 : 0) })
    return characters * (grams.longest - max(grams.shortest, 1) + 1)
  }

  /// Visits the rows of the n-grams of a token's characters.
  func forEachRow(
    of token: UnsafeBufferPointer<UInt8>, room: UnsafeMutableBufferPointer<UInt32>,
    _ body: (UInt32) -> Void
  ) {
    unsafe grams.forEachSubwords(of: token, in: room) { numbers in
      for index in numbers.indices {
        if let row = row(ofBucket: unsafe numbers[index]) { body(row) }
      }
    }
  }

  @inline(__always)
  private func row(ofBucket number: UInt32) -> UInt32? {
    guard let kept else { return wordRows &+ number }
    let row = kept[Int(number)]
    return row < 0 ? nil : wordRows &+ UInt32(row)
  }

  /// True where lines have n-grams of words.
  var areOfWords: Bool { grams.words > 1 }

  /// The most n-grams of two words and more that a line of `words` words has.
  func mostWordGrams(_ words: Int) -> Int {
    let longest = min(grams.words, words)
    guard longest > 1 else { return 0 }
    // words - 1 of two words, words - 2 of three, and so on.
    return (longest - 1) * words - longest * (longest - 1) / 2
  }

  /// Writes the rows of the n-grams of two words and more behind one another; says how many.
  func writeWordGrams(
    _ hashes: UnsafeBufferPointer<UInt32>, to rows: UnsafeMutablePointer<UInt32>
  ) -> Int {
    var count = 0
    unsafe grams.forEachWordGram(hashes) { number in
      guard let row = row(ofBucket: number) else { return }
      unsafe rows[count] = row
      count &+= 1
    }
    return count
  }
}
