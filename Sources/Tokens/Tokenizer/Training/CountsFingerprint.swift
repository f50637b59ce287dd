import Ground

extension TrainerSettings {
  /// Tells apart settings that count a text differently.
  ///
  /// The others, such as `vocabSize`, can change between counting and training. `literals` is what is
  /// cut out of the text, in the order of ids, and `normalizer` what the model file says of it.
  func countsFingerprint(literals: [[UInt8]], normalizer: [UInt8]) -> UInt64 {
    var text: [UInt8] = []
    func add(_ bytes: some Collection<UInt8>) {
      text.appendVarint(UInt64(bytes.count))
      text.append(contentsOf: bytes)
    }
    text.appendVarint(UInt64(maxSentenceLength))
    let flags = [
      splitByUnicodeScript, splitByWhitespace, splitByNumber, treatWhitespaceAsSuffix, splitDigits,
      allowWhitespaceOnlyPieces,
    ]
    text.append(contentsOf: flags.map { $0 ? 1 : 0 })
    add(pretokenizationDelimiter.utf8)
    add(normalizer)
    for literal in literals { add(literal) }
    return xxh3(text)
  }
}
