/// The words of a text with their numbers, which is all that training needs of it.
///
/// Several can be filled at once, one a thread, and merged: the result depends neither on their
/// number nor on which text went into which. What is counted are parts of words, cut where no piece
/// can reach across, such as between two scripts.
public struct WordCounts: Sendable {
  let settings: TrainerSettings
  var units = UnitCounts()
  private let cutter: UnitCutter
  private let normalizer: LineNormalizer
  /// Control and byte pieces and the like: where they stand in the text, no piece reaches across.
  private let literals: Literals
  private let delimiter: Literals

  /// Normalised lines that are not yet counted, each behind a NUL, which is in no piece.
  private var block: [UInt8] = []
  private var places: [UInt32] = []
  private static let blockSize = 1 << 14

  /// Of the settings that counting depends on.
  let fingerprint: UInt64

  /// How many lines were counted.
  public internal(set) var sentences = 0
  /// How many lines were left out for their length.
  public internal(set) var tooLong = 0
  /// How many lines were left out because they have U+2585, which stands for rare characters.
  public internal(set) var reserved = 0

  init(_ rules: PieceRules, normalizer: LineNormalizer, literals: [[UInt8]]) {
    settings = rules.settings
    cutter = UnitCutter(rules)
    self.normalizer = normalizer
    self.literals = Literals(literals.map { (id: 0, bytes: $0) })
    delimiter = Literals([(id: 0, bytes: Array(settings.pretokenizationDelimiter.utf8))])
    fingerprint = settings.countsFingerprint(
      literals: literals, normalizer: normalizer.spec.serialized())
  }

  /// Bytes of memory that the counts take, which grows with the number of distinct words.
  public var memoryInUse: Int { units.memoryInUse }

  /// Counts the lines of `text`, each a sentence; a part of a line at the end counts as one.
  ///
  /// - Complexity: O(n) time; memory grows with the number of distinct words.
  public mutating func add(_ text: [UInt8]) {
    add(text.span)
  }

  public mutating func add(_ text: Span<UInt8>) {
    let isValid = (try? UTF8Span(validating: text)) != nil
    var mark = nextMark(in: text, from: 0)
    var start = 0
    while start < text.count {
      let end = firstIndex(of: 0x0a, in: text, from: start) ?? text.count
      if mark < start { mark = nextMark(in: text, from: start) }
      if end > start {
        addLine(text.extracting(start..<end), isPlain: isValid && mark >= end, hasMark: mark < end)
      }
      start = end + 1
    }
    countBlock()
  }

  /// Adds the counts of `other`, which was made for the same settings.
  public mutating func merge(_ other: WordCounts) {
    precondition(fingerprint == other.fingerprint, "counts of other settings")
    units.merge(other.units)
    sentences += other.sentences
    tooLong += other.tooLong
    reserved += other.reserved
  }

  private mutating func addLine(_ line: Span<UInt8>, isPlain: Bool, hasMark: Bool) {
    if line.count > settings.maxSentenceLength {
      tooLong += 1
      return
    }
    if hasMark && hasReservedCharacter(line) {
      reserved += 1
      return
    }
    sentences += 1
    if isPlain && normalizer.passesPlainLines {
      if settings.addDummyPrefix && !settings.treatWhitespaceAsSuffix { block.append(0x20) }
      block.append(copying: line)
      if settings.addDummyPrefix && settings.treatWhitespaceAsSuffix { block.append(0x20) }
    } else {
      normalizer.append(line, &block)
    }
    block.append(0)
    if block.count >= Self.blockSize { countBlock() }
  }

  private mutating func countBlock() {
    if self.block.isEmpty { return }
    var block: [UInt8] = []
    var places: [UInt32] = []
    swap(&block, &self.block)  // taken out, so that they can be read while the counts change
    swap(&places, &self.places)
    block.cutOut(literals)
    block.cutOut(delimiter)
    let count = block.count
    for _ in 0..<ShortKey.window { block.append(0) }
    let found = cutter.cut(block.span.extracting(0..<count), into: &places)
    units.add(block.span, ends: places.span.extracting(0..<found))
    block.removeAll(keepingCapacity: true)
    swap(&block, &self.block)
    swap(&places, &self.places)
  }
}

/// Where the next U+2581 or U+2585 begins, or the end of the text: marks and what stands for rare
/// characters, which lines seldom have.
private func nextMark(in text: Span<UInt8>, from start: Int) -> Int {
  var from = start
  while let place = firstIndex(of: 0xe2, in: text, from: from) {
    if place + 2 < text.count && text[place + 1] == 0x96 && text[place + 2] & 0xfb == 0x81 {
      return place
    }
    from = place + 1
  }
  return text.count
}

/// True where the line has U+2585 LOWER FIVE EIGHTHS BLOCK.
func hasReservedCharacter(_ text: Span<UInt8>) -> Bool {
  var from = 0
  while let place = firstIndex(of: 0xe2, in: text, from: from) {
    if place + 2 < text.count && text[place + 1] == 0x96 && text[place + 2] == 0x85 { return true }
    from = place + 1
  }
  return false
}
