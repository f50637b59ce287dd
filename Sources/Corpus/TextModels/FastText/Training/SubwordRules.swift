/// Which rows the n-grams of characters and of words have.
///
/// - SeeAlso: `facebookresearch/fastText` `src/dictionary.cc`, `computeSubwords`, `addWordNgrams`.
struct SubwordRules: Sendable {
  let minn: Int
  let maxn: Int
  let wordNgrams: Int
  let bucket: UInt64
  /// Rows of words, which come first.
  let wordRows: UInt32
  /// By bucket its row behind those of words, or -1 where it was pruned; nil where all are there.
  let kept: [Int32]?

  init(_ settings: FastTextSettings, wordRows: Int, kept: [Int32]? = nil) {
    minn = max(0, Int(settings.minn))
    maxn = Int(settings.maxn)
    wordNgrams = Int(settings.wordNgrams)
    bucket = UInt64(max(0, settings.bucket))
    self.wordRows = UInt32(wordRows)
    self.kept = kept
  }

  private var hasSubwords: Bool { maxn > 0 && bucket > 0 }

  /// At least as many rows as the n-grams of a token's characters have.
  func mostRows(of token: UnsafeBufferPointer<UInt8>) -> Int {
    guard hasSubwords else { return 0 }
    let characters = 2 + (unsafe token.reduce(0) { $0 + ($1 & 0xc0 != 0x80 ? 1 : 0) })
    return characters * (maxn - max(minn, 1) + 1)
  }

  /// Visits the rows of the n-grams of a token's characters, with marks where it begins and ends.
  func forEachRow(
    of token: UnsafeBufferPointer<UInt8>, isEnd: Bool, _ body: (UInt32) -> Void
  ) {
    guard hasSubwords, !isEnd else { return }
    let length = token.count + 2
    func byte(_ place: Int) -> UInt8 {
      place == 0 ? 0x3c : place == length - 1 ? 0x3e : unsafe token[place - 1]
    }
    for start in 0..<length where byte(start) & 0xc0 != 0x80 {
      var hash: UInt32 = 2_166_136_261
      var place = start
      var size = 1
      while place < length && size <= maxn {
        repeat {
          hash = (hash ^ UInt32(bitPattern: Int32(Int8(bitPattern: byte(place))))) &* 16_777_619
          place += 1
        } while place < length && byte(place) & 0xc0 == 0x80
        if size >= minn && !(size == 1 && (start == 0 || place == length)),
          let row = row(ofBucket: UInt64(hash) % bucket)
        {
          body(row)
        }
        size += 1
      }
    }
  }

  @inline(__always)
  private func row(ofBucket number: UInt64) -> UInt32? {
    guard let kept else { return wordRows &+ UInt32(truncatingIfNeeded: number) }
    let row = kept[Int(number)]
    return row < 0 ? nil : wordRows &+ UInt32(row)
  }

  /// How many n-grams of two words and more a line of `words` words has.
  func wordNgramCount(_ words: Int) -> Int {
    guard wordNgrams > 1, bucket > 0 else { return 0 }
    let longest = min(wordNgrams, words)
    guard longest > 1 else { return 0 }
    // words - 1 of two words, words - 2 of three, and so on.
    return (longest - 1) * words - longest * (longest - 1) / 2
  }

  /// Writes the rows of the n-grams of two words and more behind one another; says how many.
  @inline(__always)
  func writeWordNgrams(
    _ words: UnsafeBufferPointer<UInt32>, hash: (UInt32) -> UInt32,
    to rows: UnsafeMutablePointer<UInt32>
  ) -> Int {
    guard wordNgrams > 1, bucket > 0 else { return 0 }
    var count = 0
    for first in 0..<words.count {
      var sum = FastTextHashing.extended(hash(unsafe words[first]))
      var next = first &+ 1
      while next < words.count && next < first &+ wordNgrams {
        sum = sum &* FastTextHashing.wordFactor
        sum = sum &+ FastTextHashing.extended(hash(unsafe words[next]))
        if let row = row(ofBucket: sum % bucket) {
          unsafe rows[count] = row
          count &+= 1
        }
        next &+= 1
      }
    }
    return count
  }
}
