import CTextModels

/// The n-grams of a model, of characters and of words, each of which is a number below `bucket`.
///
/// Row `words + number` of the input matrix is the n-gram's, where `words` is how many words the
/// vocabulary has; a pruned model maps the number to another first.
///
/// - SeeAlso: `facebookresearch/fastText` `src/dictionary.cc`, `computeSubwords`, `addWordNgrams`.
package struct FastTextGrams: Sendable {
  /// Characters of the shortest and the longest n-gram; none where `longest` is 0.
  let shortest: Int
  let longest: Int
  /// Words of the longest n-gram; none where it is below 2.
  let words: Int
  private let buckets: quipu_fasttext_buckets

  /// - Precondition: `settings.bucket` is above 0 wherever there are n-grams.
  package init(_ settings: FastTextSettings) {
    shortest = Int(settings.minn)
    longest = max(0, Int(settings.maxn))
    words = Int(settings.wordNgrams)
    precondition(settings.bucket > 0 || (longest == 0 && words < 2), "n-grams without a bucket")
    buckets = quipu_fasttext_buckets_of(UInt32(max(1, settings.bucket)))
  }

  /// True where tokens are more than themselves.
  var areUsed: Bool { longest > 0 || words > 1 }

  /// Hands the numbers of a token's character n-grams to `body`, in batches and in fastText's order.
  ///
  /// The token ``FastTextTokens/endOfLine`` has none in fastText, which is for the caller to see to.
  ///
  /// - Complexity: O(n · `longest`) for n bytes; the memory does not grow with the token.
  /// - Precondition: `numbers` has at least `longest` places.
  @inline(__always)
  func forEachSubwords(
    of token: UnsafeBufferPointer<UInt8>, in numbers: UnsafeMutableBufferPointer<UInt32>,
    _ body: (UnsafeBufferPointer<UInt32>) -> Void
  ) {
    guard longest > 0, let base = token.baseAddress, let room = numbers.baseAddress else { return }
    precondition(numbers.count >= longest, "room for \(numbers.count) n-grams of one start")
    var from = 0
    while from < token.count + 2 {
      let count = unsafe quipu_fasttext_subwords(
        base, token.count, &from, shortest, longest, buckets, room, numbers.count)
      if count > 0 { unsafe body(UnsafeBufferPointer(start: room, count: count)) }
    }
  }

  /// The numbers of a token's character n-grams, in fastText's order.
  package func subwords(of token: [UInt8]) -> [UInt32] {
    var numbers: [UInt32] = []
    let room = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: max(64, longest))
    defer { unsafe room.deallocate() }
    unsafe token.withUnsafeBufferPointer { token in
      unsafe forEachSubwords(of: token, in: room) { unsafe numbers.append(contentsOf: $0) }
    }
    return numbers
  }

  /// Hands the numbers of the n-grams of two words and more to `body`, in fastText's order: all that
  /// begin at the first word, the shortest first, then all that begin at the second.
  ///
  /// `hashes` has the ``FastTextHashing/hash(_:)`` of every token of the line that is no label, known
  /// or not, that of the line's end too.
  @inline(__always)
  package func forEachWordGram(_ hashes: UnsafeBufferPointer<UInt32>, _ body: (UInt32) -> Void) {
    guard words > 1 else { return }
    for first in hashes.indices {
      var hash = unsafe FastTextHashing.extended(hashes[first])
      for next in (first + 1)..<max(first + 1, min(hashes.count, first + words)) {
        hash = unsafe hash &* FastTextHashing.wordFactor &+ FastTextHashing.extended(hashes[next])
        body(UInt32(truncatingIfNeeded: hash % UInt64(buckets.divisor)))
      }
    }
  }
}
