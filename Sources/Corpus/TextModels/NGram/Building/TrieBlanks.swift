internal import CTextModels
import Ground

/// N-grams that the text lacks though longer ones end with them: found, then given a probability.
///
/// It is that of the longest end that the text has, and the weights for backing off from what stands
/// before that. Those weights are asked for in one pass over each order.
struct TrieBlanks: TrieVisitor {
  /// The blanks of one length.
  struct Order {
    var words: [UInt32] = []
    var logarithms: [Float] = []
    /// True where another n-gram begins with the blank.
    var isContext: [Bool] = []
  }

  /// By the number of words.
  private(set) var orders: [Order]
  /// N-grams of the text that begin a blank, by the number of words, ascending.
  private(set) var contexts: [[UInt32]]
  /// By the number of words: words, length of the blank, its place.
  private var questions: [[UInt32]]

  init(order: Int) {
    orders = Array(repeating: Order(), count: order + 1)
    contexts = Array(repeating: [], count: order + 1)
    questions = Array(repeating: [], count: order + 1)
  }

  mutating func unigram(_ word: Int) {}

  mutating func gram(_ order: Int, _ record: UnsafePointer<UInt32>) {}

  mutating func blank(
    _ order: Int, _ words: UnsafePointer<UInt32>, basis: (order: Int, logarithm: Float)
  ) {
    for length in basis.order..<order {
      for place in 1...length { unsafe questions[length].append(words[place]) }
      questions[length].append(UInt32(order))
      questions[length].append(UInt32(truncatingIfNeeded: orders[order].logarithms.count))
    }
    for place in 0..<order { unsafe orders[order].words.append(words[place]) }
    orders[order].logarithms.append(basis.logarithm)
    orders[order].isContext.append(false)
  }

  /// Adds the weights for backing off, from single words to longer ones.
  mutating func answer(_ words: inout TrieWords, _ sorters: [RecordSorter]) throws(Fault) {
    for length in questions.indices.dropFirst() where !questions[length].isEmpty {
      let width = length + 2
      var asked = questions[length]
      questions[length] = []
      let count = asked.count / width
      unsafe asked.withUnsafeMutableBufferPointer { all in
        guard let start = all.baseAddress else { return }
        unsafe quipu_ngram_sort(start, count, CInt(width), CInt(length))
      }
      if length == 1 {
        for place in 0..<count {
          answer(asked, 3 * place, length, words.backoffs[Int(asked[3 * place])])
        }
        for place in 0..<count { words.markContext(Int(asked[3 * place])) }
      } else {
        try answer(asked, length, from: sorters[length - 2].reader())
      }
    }
  }

  private mutating func answer(
    _ asked: [UInt32], _ length: Int, from reader: RecordReader
  ) throws(Fault) {
    var missing: [UInt32] = []
    let width = length + 2
    for place in stride(from: 0, to: asked.count, by: width) {
      let words = asked[place..<place + length]
      while let record = unsafe reader.record, unsafe comes(record, before: words) {
        try reader.advance()
      }
      if let record = unsafe reader.record, unsafe isSame(record, words) {
        answer(asked, place, length, unsafe Float(bitPattern: record[length + 1]))
        contexts[length] += words
      } else {
        missing += words
      }
    }
    mark(missing, length)
  }

  private mutating func answer(_ asked: [UInt32], _ place: Int, _ length: Int, _ weight: Float) {
    let (order, blank) = (Int(asked[place + length]), Int(asked[place + length + 1]))
    if weight != 0 { orders[order].logarithms[blank] += weight }
  }

  /// Says of blanks, which lie in order as `contexts` do, that others begin with them.
  private mutating func mark(_ contexts: [UInt32], _ length: Int) {
    var place = 0
    for blank in orders[length].logarithms.indices {
      let words = orders[length].words[blank * length..<(blank + 1) * length]
      while place < contexts.count,
        contexts[place..<place + length].lexicographicallyPrecedes(words)
      {
        place += length
      }
      if place < contexts.count, contexts[place..<place + length] == words {
        orders[length].isContext[blank] = true
      }
    }
  }
}

/// True where a record comes before these words.
func comes(_ record: UnsafePointer<UInt32>, before words: ArraySlice<UInt32>) -> Bool {
  for (place, word) in words.enumerated() where unsafe record[place] != word {
    return unsafe record[place] < word
  }
  return false
}

func isSame(_ record: UnsafePointer<UInt32>, _ words: ArraySlice<UInt32>) -> Bool {
  for (place, word) in words.enumerated() where unsafe record[place] != word { return false }
  return true
}
