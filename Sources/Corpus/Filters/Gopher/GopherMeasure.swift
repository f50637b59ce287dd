public import Documents

/// The quality and repetition signals of Gopher.
///
/// - SeeAlso: arXiv:2112.11446, A.1.1 and table A1; datatrove `filters/gopher_quality_filter.py`
///   and `gopher_repetition_filter.py`, whose counting this follows but for words: they are what
///   white space separates, as in the paper, where datatrove runs a tokenizer (so `the,` is no stop
///   word here); and n-grams are equal where their words are, not where their letters run the same.
///   Ratios of a text without words, lines or characters are 0.
public struct GopherMeasure: Measure {
  public static let signals =
    [
      "gopher.word_count", "gopher.mean_word_length", "gopher.hash_ratio", "gopher.ellipsis_ratio",
      "gopher.bullet_lines", "gopher.ellipsis_lines", "gopher.alphabetic_words",
      "gopher.stop_words", "gopher.duplicate_lines", "gopher.duplicate_line_characters",
      "gopher.duplicate_paragraphs", "gopher.duplicate_paragraph_characters",
    ] + topSizes.map { "gopher.top_\($0)gram" }
    + duplicateSizes.map { "gopher.duplicate_\($0)gram" }

  private static let topSizes = 2...4
  private static let duplicateSizes = 5...10

  public init() {}

  /// - Complexity: O(n) expected.
  public func measure(_ document: borrowing Document, into signals: inout Signals) {
    let text = document.text
    let span = text.span
    let words = Words(span)
    let perWord = 1 / Double(max(1, words.count))
    signals["gopher.word_count"] = Double(words.proper)
    signals["gopher.mean_word_length"] = Double(words.properLength) / Double(max(1, words.proper))
    signals["gopher.hash_ratio"] = Double(words.hashes) * perWord
    signals["gopher.ellipsis_ratio"] = Double(words.ellipses) * perWord
    let lines = LineKinds(span)
    signals["gopher.bullet_lines"] = Double(lines.bullets) / Double(max(1, lines.count))
    signals["gopher.ellipsis_lines"] = Double(lines.ellipses) / Double(max(1, lines.count))
    signals["gopher.alphabetic_words"] = Double(words.alphabetic) * perWord
    signals["gopher.stop_words"] = Double(words.stopWords)

    let perCharacter = 1 / Double(max(1, span.characters(in: 0..<span.count)))
    let seen = HashTable()
    let (linePieces, lineShare) = duplicates(span, pieces(span, 0..<span.count, 1), seen)
    signals["gopher.duplicate_lines"] = lineShare
    signals["gopher.duplicate_line_characters"] = Double(linePieces) * perCharacter
    let stripped = span.stripped(0..<span.count)
    let (characters, share) = duplicates(span, pieces(span, stripped, 2), seen)
    signals["gopher.duplicate_paragraphs"] = share
    signals["gopher.duplicate_paragraph_characters"] = Double(characters) * perCharacter

    var grams = NGrams(words)
    for size in Self.topSizes {
      signals["gopher.top_\(size)gram"] = Double(grams.top(size, seen)) * perCharacter
    }
    for size in Self.duplicateSizes {
      signals["gopher.duplicate_\(size)gram"] =
        Double(grams.duplicated(size, seen)) * perCharacter
    }
  }
}

/// How many lines of a text are bullets and how many end in an ellipsis.
private struct LineKinds {
  var count = 0
  var bullets = 0
  var ellipses = 0

  init(_ text: Span<UInt8>) {
    for line in text.splitLines() {
      let line = text.stripped(line)
      count += 1
      let (start, end) = (line.lowerBound, line.upperBound)
      if text.has("-", at: start, below: end) || text.has("•", at: start, below: end) {
        bullets += 1
      }
      if line.isEmpty { continue }
      if text.has("...", at: max(start, end - 3), below: end)
        || text.has("…", at: max(start, end - 3), below: end)
      {
        ellipses += 1
      }
    }
  }
}
