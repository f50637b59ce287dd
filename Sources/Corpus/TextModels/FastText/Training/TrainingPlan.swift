internal import Ground

/// How the lines of a text are taken: in blocks that depend on nothing but the text.
struct TrainingPlan: ~Copyable {
  /// Most lines a block has.
  ///
  /// A hidden vector does not see what the lines before it in its block have taught the input rows,
  /// only what they have taught the output. Over 37 languages that made no difference: 1, 8, 32, 128
  /// and 512 lines a block gave 87.17% each with dim 16 and hierarchical softmax, and from 97.26 to
  /// 97.30% with softmax at a rate of 2.
  static let blockLines = 32
  /// Most rows a block of more than one line has: 64 KiB of numbers, and their vectors fit into a
  /// second-level cache where they are short.
  static let blockRows = 1 << 14
  /// Numbers behind the rows of a line that may be read or overwritten.
  static let slack = 32

  /// By block, the line behind its last.
  private(set) var ends: [Int] = []
  /// By line, where its rows begin in the memory of its block.
  let places: Room<UInt32>
  /// Numbers that the memory of the largest block takes.
  private(set) var capacity = 0

  init(
    _ text: borrowing TrainingText, _ vocabulary: borrowing TrainingVocabulary,
    _ rules: TrainingRows
  ) {
    let places = Room<UInt32>(text.lineCount)
    var first = 0
    var used = 0
    for line in 0..<text.lineCount {
      let words = unsafe text.words(of: line)
      var rows = rules.mostWordGrams(words.count)
      for index in words.indices { rows &+= vocabulary.rowCount(unsafe words[index]) }
      if line > first && (line - first == Self.blockLines || used + rows > Self.blockRows) {
        ends.append(line)
        first = line
        used = 0
      }
      places[line] = UInt32(truncatingIfNeeded: used)
      used += rows + Self.slack
      capacity = max(capacity, used)
    }
    if text.lineCount > 0 { ends.append(text.lineCount) }
    self.places = places
  }
}
