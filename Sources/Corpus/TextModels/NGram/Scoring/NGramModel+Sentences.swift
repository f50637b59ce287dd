internal import CTextModels

extension NGramModel {
  /// Scores many sentences, each after `<s>` and with `</s>`: the same numbers as one by one, but short
  /// sentences wait for memory together.
  ///
  /// - Parameters:
  ///   - words: The numbers of the words of all sentences.
  ///   - ends: Where each sentence ends in `words`, ascending.
  /// - Returns: The logarithm to base 10 of each sentence.
  /// - Complexity: O(words × order).
  public func score(words: Span<UInt32>, ends: [Int]) -> [Float] {
    var last = 0
    for end in ends {
      precondition(end >= last && end <= words.count, "sentence ends are not ascending places")
      last = end
    }
    var begin = beginState
    return unsafe [Float](unsafeUninitializedCapacity: ends.count) { sums, count in
      unsafe words.withUnsafeBufferPointer { words in
        unsafe ends.withUnsafeBufferPointer { ends in
          guard let to = sums.baseAddress, let ends = ends.baseAddress else { return }
          var none: UInt32 = 0
          unsafe withUnsafePointer(to: &none) { none in
            unsafe quipu_ngram_score_sentences(
              tables, words.baseAddress ?? none, ends, sums.count, end, &begin.raw, to)
          }
        }
      }
      count = ends.count
    }
  }

  /// Scores each line of a text as a sentence; a line feed ends a line, the last needs none.
  ///
  /// - Complexity: O(bytes + words × order).
  public func score(
    linesOf text: Span<UInt8>, _ scratch: borrowing NGramScratch
  ) -> [NGramScore] {
    var scores: [NGramScore] = []
    var batch = Batch()
    let room = NGramScratch.block
    unsafe text.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      var start = 0
      while start < bytes.count {
        let stop = unsafe bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
        var place = 0
        var count = unsafe quipu_ngram_cut(
          base + start, stop - start, &place, scratch.hashes + batch.count, room - batch.count)
        if batch.count + count == room {
          // The line may not fit: it begins the next batch, or is scored alone.
          flush(&batch, &scores, scratch)
          place = 0
          count = unsafe quipu_ngram_cut(
            base + start, stop - start, &place, scratch.hashes, room)
        }
        if count == room {
          let line = unsafe Span(_unsafeStart: base + start, count: stop - start)
          scores.append(score(text: line, scratch))
        } else {
          batch.count += count
          batch.ends.append(batch.count)
        }
        start = stop + 1
      }
    }
    flush(&batch, &scores, scratch)
    return scores
  }

  /// Sentences whose words' hashes lie in the scratch.
  private struct Batch {
    var count = 0
    var ends: [Int] = []
  }

  private func flush(
    _ batch: inout Batch, _ scores: inout [NGramScore], _ scratch: borrowing NGramScratch
  ) {
    unsafe Self.find(
      scratch.hashes, count: batch.count, into: scratch.words, layout, memory)
    let words = unsafe Span(_unsafeStart: scratch.words, count: batch.count)
    var start = 0
    for (sum, end) in zip(score(words: words, ends: batch.ends), batch.ends) {
      var score = NGramScore()
      score.log10 = sum
      score.words = end - start + 1
      for place in start..<end where words[place] == 0 { score.unknown += 1 }
      scores.append(score)
      start = end
    }
    batch = Batch()
  }
}
