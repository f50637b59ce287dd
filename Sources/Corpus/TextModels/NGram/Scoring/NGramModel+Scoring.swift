internal import CTextModels
import Glibc

/// How probable a model finds a text.
public struct NGramScore: Equatable, Sendable {
  /// The logarithm to base 10: floats added one word after the other, as KenLM adds them, so that it
  /// is the same number to the last bit.
  public var log10: Float = 0
  /// Words that were scored, with the mark of the end.
  public var words = 0
  /// Words that the model does not know; each has the probability of `<unk>`.
  public var unknown = 0

  public init() {}

  /// 10 to the power of -log10 / words: what a word costs; NaN where there are none.
  public var perplexity: Double { pow(10, -Double(log10) / Double(words)) }
}

/// One word's part of a score.
public struct NGramWordScore: Equatable, Sendable {
  /// The logarithm to base 10 of its probability after the words before it.
  public var log10: Float
  /// The words of the longest n-gram of the model that ends here.
  public var length: Int
  public var isUnknown: Bool

  public init(log10: Float, length: Int, isUnknown: Bool) {
    self.log10 = log10
    self.length = length
    self.isUnknown = isUnknown
  }
}

extension NGramModel {
  /// Scores a sentence given as numbers of words; a number that is not one is the unknown word.
  ///
  /// `begin` conditions on `<s>`, `end` scores `</s>` as well.
  ///
  /// - Complexity: O(words × order).
  public func score(
    words: Span<UInt32>, begin: Bool = true, end: Bool = true
  ) -> NGramScore {
    var score = NGramScore()
    var state = begin ? beginState : NGramState()
    unsafe words.withUnsafeBufferPointer { unsafe add($0, end: end, &state, &score) }
    return score
  }

  public func score(words: [UInt32], begin: Bool = true, end: Bool = true) -> NGramScore {
    score(words: words.span, begin: begin, end: end)
  }

  /// Scores the words of a text as one sentence, as the kenlm package's `score` does.
  ///
  /// Words are what stands between ASCII spaces: space, tab, line feed, vertical tab, form feed,
  /// carriage return. Nothing else is done to the text, and any bytes are words.
  ///
  /// - Complexity: O(bytes + words × order); no memory beyond the scratch.
  public func score(
    text: Span<UInt8>, begin: Bool = true, end: Bool = true, _ scratch: borrowing NGramScratch
  ) -> NGramScore {
    var score = NGramScore()
    var state = begin ? beginState : NGramState()
    unsafe eachBlock(of: text, scratch) { words, isLast in
      unsafe add(words, end: end && isLast, &state, &score)
    }
    return score
  }

  public func score(
    text: [UInt8], begin: Bool = true, end: Bool = true, _ scratch: borrowing NGramScratch
  ) -> NGramScore {
    score(text: text.span, begin: begin, end: end, scratch)
  }

  /// Goes on scoring after the words of `state`.
  public func score(words: Span<UInt32>, after state: inout NGramState) -> NGramScore {
    var score = NGramScore()
    unsafe words.withUnsafeBufferPointer { unsafe add($0, end: false, &state, &score) }
    return score
  }

  /// What each word adds; `</s>` is the last where `end` asks for it.
  public func wordScores(
    _ words: [UInt32], begin: Bool = true, end: Bool = true
  ) -> [NGramWordScore] {
    var state = begin ? beginState : NGramState()
    let all = end ? words + [self.end] : words
    var logarithms = [Float](repeating: 0, count: all.count)
    var lengths = [UInt8](repeating: 0, count: all.count)
    unsafe all.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return }
      unsafe logarithms.withUnsafeMutableBufferPointer { logarithms in
        unsafe lengths.withUnsafeMutableBufferPointer { lengths in
          unsafe _ = quipu_ngram_score(
            tables, base, all.count, -1, &state.raw, 0, logarithms.baseAddress, lengths.baseAddress)
        }
      }
    }
    return all.indices.map { place in
      let isMark = end && place == words.count
      return NGramWordScore(
        log10: logarithms[place], length: Int(lengths[place]),
        isUnknown: !isMark && isUnknown(all[place]))
    }
  }

  /// The numbers of a text's words.
  public func wordIDs(of text: Span<UInt8>, _ scratch: borrowing NGramScratch) -> [UInt32] {
    var ids: [UInt32] = []
    unsafe eachBlock(of: text, scratch) { words, _ in unsafe ids.append(contentsOf: words) }
    return ids
  }

  private func isUnknown(_ word: UInt32) -> Bool { word == 0 || Int(word) >= wordCount }

  private func add(
    _ words: UnsafeBufferPointer<UInt32>, end: Bool, _ state: inout NGramState,
    _ score: inout NGramScore
  ) {
    let mark = end ? Int64(self.end) : -1
    // An empty text has no address, but the mark of its end is scored all the same.
    var none: UInt32 = 0
    unsafe withUnsafePointer(to: &none) { none in
      unsafe score.log10 = quipu_ngram_score(
        tables, words.baseAddress ?? none, words.count, mark, &state.raw, score.log10, nil, nil)
    }
    score.words += words.count + (end ? 1 : 0)
    let bound = UInt32(truncatingIfNeeded: wordCount)
    var unknown = 0
    for place in words.indices {
      let word = unsafe words[place]
      unknown += word == 0 || word >= bound ? 1 : 0
    }
    score.unknown += unknown
  }

  /// Hands over the numbers of a text's words, a block at a time, and says which is the last.
  private func eachBlock(
    of text: Span<UInt8>, _ scratch: borrowing NGramScratch,
    _ body: (_ words: UnsafeBufferPointer<UInt32>, _ isLast: Bool) -> Void
  ) {
    let (hashes, words) = unsafe (scratch.hashes, scratch.words)
    unsafe text.withUnsafeBufferPointer { bytes in
      var place = 0
      var count = NGramScratch.block
      while count == NGramScratch.block {
        count =
          unsafe bytes.baseAddress.map { base in
            unsafe quipu_ngram_cut(base, bytes.count, &place, hashes, NGramScratch.block)
          } ?? 0
        unsafe Self.find(hashes, count: count, into: words, layout, memory)
        unsafe body(
          UnsafeBufferPointer(start: words, count: count), count < NGramScratch.block)
      }
    }
  }
}
