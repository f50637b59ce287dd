internal import Ground

/// The rows of a model that matter most: the end of a line, then the longest, of equals the first.
///
/// - SeeAlso: `facebookresearch/fastText` `src/fasttext.cc`, `selectEmbeddings`, and
///   `src/dictionary.cc`, `prune`.
struct RowPruning {
  /// N-grams that stay, by ascending bucket.
  let kept: [FastTextFile.Kept]
  private let source: TrainedFastText
  /// The old number of each row: words in their order, then n-grams, the longest first.
  private let origins: [Int]
  private let entries: FastTextEntries

  init(_ model: TrainedFastText, keeping count: Int) {
    source = model
    let entries = model.entries
    let words = entries.wordCount
    let end = (0..<words).first {
      unsafe FastTextTokens.endOfLine[...] == entries.bytes[entries.range($0)]
    }
    let lengths = (0..<model.input.rows).map { model.input.length(of: $0) }
    let order = lengths.indices.sorted { left, right in
      if left == end || right == end { return left == end && right != end }
      return lengths[left] != lengths[right] ? lengths[left] > lengths[right] : left < right
    }
    let chosen = order.prefix(count)
    let chosenWords = chosen.filter { $0 < words }.sorted()
    let chosenGrams = chosen.filter { $0 >= words }
    origins = chosenWords + chosenGrams
    kept = chosenGrams.enumerated()
      .map { (bucket: Int32($1 - words), row: Int32($0)) }
      .sorted { $0.bucket < $1.bucket }
    var left = FastTextEntries()
    for word in chosenWords {
      left.appendWord(entries.bytes[entries.range(word)], count: entries.counts[word])
    }
    for label in words..<entries.count {
      left.appendLabel(entries.bytes[entries.range(label)], count: entries.counts[label])
    }
    self.entries = left
  }

  /// The model with these rows alone, and rows of labels that are its own, to be trained for `epoch`
  /// epochs.
  func model(epoch: Int32?) throws(Fault) -> TrainedFastText {
    var settings = source.settings
    settings.epoch = epoch ?? settings.epoch
    let input = try RowMatrix(rows: origins.count, dim: source.input.dim)
    for (row, origin) in origins.enumerated() { input.copy(origin, of: source.input, to: row) }
    let output = try RowMatrix(rows: source.output.rows, dim: source.output.dim)
    for row in 0..<output.rows { output.copy(row, of: source.output, to: row) }
    return TrainedFastText(
      settings: settings, entries: entries, tokens: source.tokens,
      textCounts: source.textCounts, input: input, output: output)
  }

  /// Which rows the n-grams that stay have.
  var rows: TrainingRows {
    var places = [Int32](repeating: -1, count: Int(max(0, source.settings.bucket)))
    for (bucket, row) in kept { places[Int(bucket)] = row }
    return TrainingRows(source.settings, wordRows: entries.wordCount, kept: places)
  }
}

extension RowMatrix {
  /// Makes a row equal to one of another matrix of the same width.
  func copy(_ origin: Int, of other: RowMatrix, to number: Int) {
    unsafe row(number).update(from: other.row(origin), count: 16 * width)
  }
}
