internal import Glibc

/// The words of a text with their numbers, which is all that training needs of it.
///
/// Several can be filled at once, one a thread, and merged: the result depends neither on their
/// number nor on which text went into which. What is counted are parts of words, cut where no piece
/// can reach across, such as between two scripts.
public struct WordCounts: Sendable {
  let rules: PieceRules
  var units = UnitCounts()
  /// Control and byte pieces and the like: where they stand in the text, no piece reaches across.
  private let literals: Literals
  private var line: [UInt8] = []
  /// Of the settings that counting depends on.
  let fingerprint: UInt64

  /// How many lines were counted.
  public internal(set) var sentences = 0
  /// How many lines were left out for their length.
  public internal(set) var tooLong = 0
  /// How many lines were left out because they have U+2585, which stands for rare characters.
  public internal(set) var reserved = 0

  init(_ rules: PieceRules, literals: Literals, fingerprint: UInt64) {
    self.rules = rules
    self.literals = literals
    self.fingerprint = fingerprint
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
    var start = 0
    while start < text.count {
      let end = firstIndex(of: 0x0a, in: text, from: start) ?? text.count
      addLine(text.extracting(start..<end), isValid: isValid)
      start = end + 1
    }
  }

  /// Adds the counts of `other`, which was made for the same settings.
  public mutating func merge(_ other: WordCounts) {
    precondition(rules.settings == other.rules.settings, "counts of other settings")
    units.merge(other.units)
    sentences += other.sentences
    tooLong += other.tooLong
    reserved += other.reserved
  }

  private mutating func addLine(_ text: Span<UInt8>, isValid: Bool) {
    if text.isEmpty { return }
    if text.count > rules.settings.maxSentenceLength {
      tooLong += 1
      return
    }
    var line: [UInt8] = []
    swap(&line, &self.line)  // taken out, so that the counts can change while it is read
    defer { swap(&line, &self.line) }
    line.removeAll(keepingCapacity: true)
    if rules.settings.addDummyPrefix { line.append(0x20) }
    if isValid && firstIndex(of: 0xe2, in: text, from: 0) == nil {
      line.append(copying: text)
    } else if hasReservedCharacter(text) {
      reserved += 1
      return
    } else {
      line.appendNormalized(text, isValid: isValid)
    }
    sentences += 1
    let end = line.count
    for _ in 0..<ShortKey.window { line.append(0) }
    count(line.span, end: end)
  }

  private mutating func count(_ text: Span<UInt8>, end: Int) {
    var start = 0
    var place = 0
    var previous = PieceRules.Class.null
    while place < end {
      if literals.canBegin(text[place]), let match = literals.match(text, at: place, end: end) {
        if place > start { units.add(text, start..<place) }
        units.add(boundary.span, 0..<1)
        place += match.length
        start = place
        previous = PieceRules.Class.null
        continue
      }
      let (next, length) = decodeScalar(text, at: place)
      let kind = rules.scalarClass(next)
      if !rules.isJoined(previous, kind) {
        if place > start { units.add(text, start..<place) }
        start = kind == PieceRules.Class.null ? place + length : place
      }
      previous = kind
      place += length
    }
    if place > start { units.add(text, start..<place) }
  }
}

/// U+001F, which stands for every control piece in the text, and room behind it.
private let boundary: [UInt8] = [0x1f] + [UInt8](repeating: 0, count: ShortKey.window)

/// True where the line has U+2585 LOWER FIVE EIGHTHS BLOCK.
private func hasReservedCharacter(_ text: Span<UInt8>) -> Bool {
  var from = 0
  while let place = firstIndex(of: 0xe2, in: text, from: from) {
    if place + 2 < text.count && text[place + 1] == 0x96 && text[place + 2] == 0x85 { return true }
    from = place + 1
  }
  return false
}

private func firstIndex(of byte: UInt8, in text: Span<UInt8>, from start: Int) -> Int? {
  guard start < text.count else { return nil }
  return unsafe text.withUnsafeBytes { all in
    guard let base = all.baseAddress,
      let found = unsafe memchr(base + start, CInt(byte), all.count - start)
    else { return nil }
    return unsafe base.distance(to: UnsafeRawPointer(found))
  }
}
