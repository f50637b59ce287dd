/// What counting and training take of memory, in bytes, measured on 20 and 105 MB of mixed text.
enum TrainingMemory {
  /// The program and its tables, whatever the text.
  static let fixed = 40_000_000
  /// The symbols, pairs and places of a distinct unit in the merge loop.
  private static let perUnit = 200

  /// About how much counting on a few threads and training take for these words.
  static func needed(for words: WordCounts) -> Int {
    fixed + 2 * words.memoryInUse + perUnit * words.units.count
  }

  /// How much the tables of all threads may take before they are put together.
  static func share(of memory: Int) -> Int { max(0, memory - fixed) / 4 }
}
