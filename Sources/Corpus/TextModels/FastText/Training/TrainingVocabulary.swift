internal import Ground

/// Which tokens of a text have rows of their own, which labels there are, and the rows of each token.
struct TrainingVocabulary: ~Copyable {
  /// What the model file will say.
  let entries: FastTextEntries
  /// By token number: its place among words or among labels, or -1 where it has none.
  private let places: Room<Int32>
  /// The rows of token t are `lists[starts[t] ..< starts[t + 1]]`.
  let starts: Room<UInt32>
  let lists: Room<UInt32>
  /// Numbers in `lists`.
  let rowCount: Int
  let memoryInUse: Int

  /// Keeps the tokens that come often enough, most frequent first, and of equals the first one.
  ///
  /// - SeeAlso: `facebookresearch/fastText` `src/dictionary.cc`, `threshold`.
  static func entries(_ text: borrowing TrainingText, minCount: Int, minCountLabel: Int)
    -> FastTextEntries
  {
    var words: [(count: Int, token: Int)] = []
    var labels: [(count: Int, token: Int)] = []
    for token in 0..<text.table.count {
      let count = text.table.occurrences(of: token)
      if text.isLabel(token) {
        if count >= minCountLabel { labels.append((count, token)) }
      } else if count > 0, count >= minCount {
        words.append((count, token))
      }
    }
    var entries = FastTextEntries()
    func precedes(_ a: (count: Int, token: Int), _ b: (count: Int, token: Int)) -> Bool {
      a.count != b.count ? a.count > b.count : a.token < b.token
    }
    for (count, token) in words.sorted(by: precedes) {
      unsafe entries.appendWord(text.table[token], count: count)
    }
    for (count, token) in labels.sorted(by: precedes) {
      unsafe entries.appendLabel(text.table[token], count: count)
    }
    return entries
  }

  /// Finds the rows of every token of `text` among `entries` and the hashed n-grams.
  ///
  /// - Throws: `Fault` where they would take more than `memory` bytes.
  /// - Complexity: O(rows), once for a different token.
  init(
    _ entries: FastTextEntries, _ text: borrowing TrainingText, _ rules: TrainingRows, memory: Int?
  ) throws(Fault) {
    let tokens = text.table.count
    let places = Room<Int32>(tokens)
    places.fill(-1, 0..<tokens)
    for entry in 0..<entries.count {
      let token = unsafe entries.bytes.withUnsafeBufferPointer { bytes in
        unsafe text.table.find(UnsafeBufferPointer(rebasing: bytes[entries.range(entry)]))
      }
      guard let token else { continue }
      let isLabel = entry >= entries.wordCount
      places[token] = Int32(isLabel ? entry - entries.wordCount : entry)
    }
    var rows = 0
    for token in 0..<tokens where !text.isLabel(token) {
      rows += 1 + (unsafe rules.mostRows(of: text.table[token]))
    }
    let needed = 4 * (rows + 2 * tokens)
    guard rows < Int(UInt32.max) - 64, needed <= memory ?? .max else {
      throw Fault(
        "training text", at: 0,
        .unusable(
          "the n-grams of \(tokens) different tokens take \(needed) bytes of memory, and training may "
            + "use \(memory ?? Int(UInt32.max) * 4): give it more, less text or shorter n-grams"))
    }
    let starts = Room<UInt32>(tokens + 1)
    // A list is copied by 16 numbers at a time.
    let lists = Room<UInt32>(rows + 16)
    lists.fill(0, 0..<rows + 16)
    let room = Room<UInt32>(1024)
    var end = 0
    for token in 0..<tokens {
      starts[token] = UInt32(end)
      if text.isLabel(token) { continue }
      if places[token] >= 0 {
        lists[end] = UInt32(places[token])
        end += 1
      }
      if token == text.endOfLine { continue }
      unsafe rules.forEachRow(
        of: text.table[token], room: UnsafeMutableBufferPointer(start: room.start, count: 1024)
      ) { row in
        lists[end] = row
        end += 1
      }
    }
    starts[tokens] = UInt32(end)
    self.entries = entries
    self.places = places
    self.starts = starts
    self.lists = lists
    rowCount = end
    memoryInUse = needed
  }

  /// The place of a label's token among the labels, or -1.
  @inline(__always)
  func label(_ token: UInt32) -> Int32 { places[Int(token)] }

  /// How many rows a token has.
  @inline(__always)
  func rowCount(_ token: UInt32) -> Int {
    Int(starts[Int(token) &+ 1] &- starts[Int(token)])
  }
}
