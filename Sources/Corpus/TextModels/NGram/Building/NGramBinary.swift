import Glibc
public import Ground

/// Builds KenLM's binaries from ARPA text.
public enum NGramBinary {
  /// Builds a model file, byte for byte as KenLM's `build_binary` does; the file appears when it is whole.
  ///
  /// Hash tables are built in memory, as much as the file is large. A trie's n-grams are sorted in
  /// `settings.memory` bytes and a file beside the output; beyond that it needs about 30 bytes and the
  /// string for each word, and, if quantised, 8 bytes for each n-gram of one order.
  ///
  /// One difference is known: where an n-gram that had to be added sorts behind all n-grams of its
  /// length, it is marked as the beginning of others if it is; KenLM forgets to.
  ///
  /// - Returns: What was done in spite of the text's flaws, as sentences.
  /// - Throws: `Fault` at the first byte of the text that is wrong, or where the output cannot be written.
  /// - Complexity: O(n log n) in the n-grams.
  @discardableResult
  public static func build(
    from arpa: String, to path: String, _ settings: NGramBinarySettings = NGramBinarySettings()
  ) throws(Fault) -> [String] {
    if let objection = settings.objection { throw Fault(path, at: 0, .unusable(objection)) }
    let reader = try ArpaReader(path: arpa, rules: settings.rules)
    guard reader.counts.count > 1 else {
      throw reader.fault("order 1: KenLM's binaries have bigrams at least")
    }
    switch settings.structure {
    case .probing:
      let builder = try HashedBuilder(
        reader, settings.rules, multiplier: settings.multiplier, hasWords: settings.includesWords)
      let pages = try builder.build()
      var file = try AtomicFile(path: path)
      try file.write(
        unsafe Span(
          _unsafeStart: pages.base.assumingMemoryBound(to: UInt8.self), count: pages.count))
      try file.commit()
    case .trie:
      try TrieBuilder(reader, settings, path: path).build()
    }
    return reader.warnings
  }
}
