import Tokenizer

/// Trains as the definition says, slowly: whole words, and every pair counted afresh at every step.
struct ReferenceTrainer {
  let settings: TrainerSettings
  /// Control and byte pieces and the like, which are cut out of the text.
  let literals: [String]

  private typealias Scalars = [UInt32]

  private struct Pair: Hashable {
    var left: [UInt32]
    var right: [UInt32]
    var whole: [UInt32] { left + right }
  }

  private static let mark: UInt32 = 0x2581
  private static let boundary: UInt32 = 0x1f
  /// Stands for a character that is too rare.
  private static let rare: UInt32 = 0x2585

  /// The pieces that are trained from lines of well-formed text: `merges` of them if there are as
  /// many, then the alphabet.
  func pieces(_ lines: [String], merges: Int) -> [String] {
    let (merged, alphabet) = train(lines, merges: merges)
    return (merged.map(\.spelling) + alphabet.map { [$0.scalar] }).map(text)
  }

  /// The best `budget` pieces under `autoCharacterCoverage`, by trying every number of merges.
  func bestPieces(_ lines: [String], budget: Int) -> [String] {
    let (merged, alphabet) = train(lines, merges: budget)
    func worth(_ scalar: UInt32, _ count: Int) -> Int {
      count * (UTF8.width(Unicode.Scalar(scalar) ?? " ") - 1)
    }
    let candidates = alphabet.map { (scalar: $0.scalar, worth: worth($0.scalar, $0.count)) }
      .enumerated().sorted { ($1.element.worth, $0.offset) < ($0.element.worth, $1.offset) }
      .map(\.element)
    var best: (worth: Int, pieces: [Scalars])?
    for taken in 0...merged.count {
      let chosen = merged[..<taken]
      let needed = Set(chosen.flatMap(\.spelling))
      let room = budget - taken - needed.count
      if room < 0 { break }
      let others = candidates.filter { $0.worth > 0 && !needed.contains($0.scalar) }.prefix(room)
      let worth =
        chosen.reduce(0) { $0 + $1.count } + others.reduce(0) { $0 + $1.worth }
        + candidates.filter { needed.contains($0.scalar) }.reduce(0) { $0 + $1.worth }
      if let best, worth < best.worth { continue }
      let characters = needed.sorted() + others.map(\.scalar)
      best = (worth, chosen.map(\.spelling) + characters.map { [$0] })
    }
    return (best?.pieces ?? []).map(text)
  }

  private func train(
    _ lines: [String], merges: Int
  ) -> (merged: [(spelling: Scalars, count: Int)], alphabet: [(scalar: UInt32, count: Int)]) {
    let sentences = lines.compactMap(normalized)
    let alphabet = alphabet(of: sentences)
    let letters = Set(alphabet.map(\.scalar))
    var words: [[Scalars]: Int] = [:]
    for sentence in sentences {
      let known = sentence.map { letters.contains($0) ? $0 : Self.rare }
      for word in split(known) { words[word.map { [$0] }, default: 0] += 1 }
    }
    var spelled: Set<Scalars> = []
    var known: Set<Pair> = []
    var merged: [(spelling: Scalars, count: Int)] = []
    while merged.count < merges, let (best, count) = best(&known, words) {
      known.remove(best)
      guard spelled.insert(best.whole).inserted else { continue }
      merged.append((best.whole, count))
      var next: [[Scalars]: Int] = [:]
      for (word, count) in words { next[join(word, best, &known), default: 0] += count }
      words = next
    }
    return (merged, alphabet)
  }

  /// Takes out of `known`, the pairs that ever stood side by side and were not chosen.
  private func best(_ known: inout Set<Pair>, _ words: [[Scalars]: Int]) -> (Pair, Int)? {
    var counts: [Pair: Int] = [:]
    for (word, count) in words {
      for (left, right) in zip(word, word.dropFirst()) where isValid(left + right) {
        counts[Pair(left: left, right: right), default: 0] += count
      }
    }
    known.formUnion(counts.keys)
    guard let most = known.lazy.map({ counts[$0] ?? 0 }).max() else { return nil }
    let best = known.filter { (counts[$0] ?? 0) == most }.min { one, two in
      let (first, second) = (one.whole, two.whole)
      if first.count != second.count { return first.count < second.count }
      return first.lexicographicallyPrecedes(second)  // as UTF-8 does
    }
    return best.map { ($0, most) }
  }

  /// Joins from left to right; what stands beside each new symbol for a moment is known from then on.
  private func join(_ word: [Scalars], _ pair: Pair, _ known: inout Set<Pair>) -> [Scalars] {
    func note(_ left: Scalars, _ right: Scalars) {
      if isValid(left + right) { known.insert(Pair(left: left, right: right)) }
    }
    var joined: [Scalars] = []
    var index = 0
    while index < word.count {
      guard index + 1 < word.count, word[index] == pair.left, word[index + 1] == pair.right else {
        joined.append(word[index])
        index += 1
        continue
      }
      if let before = joined.last { note(before, pair.whole) }
      joined.append(pair.whole)
      index += 2
      if index < word.count { note(pair.whole, word[index]) }
    }
    return joined
  }

  private func normalized(_ line: String) -> Scalars? {
    if line.isEmpty || line.utf8.count > settings.maxSentenceLength { return nil }
    if line.unicodeScalars.contains("\u{2585}") { return nil }
    var scalars = line.unicodeScalars.map(\.value)
    if settings.removeExtraWhitespaces {
      while scalars.first == 0x20 { scalars.removeFirst() }
      if scalars.isEmpty { return nil }
      for index in scalars.indices.reversed().dropLast()
      where scalars[index] == 0x20 && scalars[index - 1] == 0x20 { scalars.remove(at: index) }
    }
    scalars = scalars.map { $0 == 0x20 ? Self.mark : $0 }
    let isSuffix = settings.treatWhitespaceAsSuffix
    if settings.addDummyPrefix && !isSuffix { scalars.insert(Self.mark, at: 0) }
    if settings.removeExtraWhitespaces { while scalars.last == Self.mark { scalars.removeLast() } }
    if settings.addDummyPrefix && isSuffix { scalars.append(Self.mark) }
    let cut = replace(literals.map { $0.unicodeScalars.map(\.value) }, in: scalars)
    let delimiter = settings.pretokenizationDelimiter.unicodeScalars.map(\.value)
    return replace([delimiter], in: cut)
  }

  private func replace(_ literals: [Scalars], in text: Scalars) -> Scalars {
    var result: Scalars = []
    var rest = text[...]
    while !rest.isEmpty {
      let match = literals.filter { !$0.isEmpty && rest.starts(with: $0) }.max {
        $0.count < $1.count
      }
      result.append(match == nil ? rest[rest.startIndex] : Self.boundary)
      rest = rest.dropFirst(match?.count ?? 1)
    }
    return result
  }

  /// Most frequent first.
  private func alphabet(of sentences: [Scalars]) -> [(scalar: UInt32, count: Int)] {
    var counts: [UInt32: Int] = [:]
    for scalar in sentences.joined() where scalar != 0 { counts[scalar, default: 0] += 1 }
    let required = Set(settings.requiredChars.unicodeScalars.map(\.value))
    for scalar in required { counts[scalar, default: 0] += 0 }
    let total = counts.values.reduce(0, +)
    func precedes(_ one: UInt32, _ two: UInt32) -> Bool {
      let (ofOne, ofTwo) = (counts[one] ?? 0, counts[two] ?? 0)
      return ofOne != ofTwo ? ofOne > ofTwo : one < two
    }
    var covered = 0
    var alphabet: [UInt32] = []
    let order = counts.keys.sorted {
      required.contains($0) != required.contains($1)
        ? required.contains($0) : precedes($0, $1)
    }
    for scalar in order {
      let share = Float(Double(covered) / Double(total))
      if !settings.autoCharacterCoverage && share >= settings.characterCoverage { break }
      covered += counts[scalar] ?? 0
      if scalar != Self.boundary { alphabet.append(scalar) }
    }
    return alphabet.sorted(by: precedes).map { ($0, counts[$0] ?? 0) }
  }

  private func split(_ sentence: Scalars) -> [Scalars] {
    guard settings.splitByWhitespace else { return [sentence] }
    var words: [Scalars] = []
    for (index, scalar) in sentence.enumerated() {
      let isMark = scalar == Self.mark
      let wasMark = index > 0 && sentence[index - 1] == Self.mark
      let isCut =
        settings.treatWhitespaceAsSuffix
        ? wasMark && !(isMark && settings.allowWhitespaceOnlyPieces)
        : isMark && !(wasMark && settings.allowWhitespaceOnlyPieces)
      if index == 0 || isCut { words.append([]) }
      words[words.count - 1].append(scalar)
    }
    return words
  }

  private func isValid(_ piece: Scalars) -> Bool {
    if piece.count > settings.maxPieceLength { return false }
    if piece.contains(where: { [0, Self.boundary, Self.rare].contains($0) }) { return false }
    let marks = piece.indices.filter { piece[$0] == Self.mark }
    if !(marks.count == piece.count && settings.allowWhitespaceOnlyPieces) {
      let last = piece.count - 1
      let isPlaced = marks.allSatisfy { place in
        switch (settings.splitByWhitespace, settings.treatWhitespaceAsSuffix) {
        case (true, false): place == 0
        case (true, true): place == last
        case (false, false): place == 0 || place < last
        case (false, true): place == last || place > 0
        }
      }
      if !isPlaced { return false }
    }
    var before: String?
    for scalar in piece where scalar != Self.mark {
      let isDigit = (0x30...0x39).contains(scalar) || (0xff10...0xff19).contains(scalar)
      if isDigit && settings.splitDigits && piece.count > 1 { return false }
      var script = scriptName(scalar)
      if script == "Inherited" { script = before }
      if isDigit && !settings.splitByNumber { script = nil }
      if settings.splitByUnicodeScript, let script, let before, script != before { return false }
      before = script
    }
    return true
  }

  private func text(_ scalars: Scalars) -> String {
    String(String.UnicodeScalarView(scalars.compactMap(Unicode.Scalar.init)))
  }

  /// Of the characters that the tests use; nil for none.
  private func scriptName(_ scalar: UInt32) -> String? {
    switch scalar {
    case 0x41...0x5a, 0x61...0x7a, 0xe0...0xff: "Latin"
    case 0x300...0x36f, 0x64b...0x655, 0x200d, 0xfe0f: "Inherited"
    case 0x3b1...0x3c9: "Greek"
    case 0x410...0x44f: "Cyrillic"
    case 0x627...0x64a: "Arabic"
    case 0x3041...0x3096, 0x30a1...0x30ff, 0x4e00...0x9fff: "Han"
    default: "Common"
    }
  }
}
