import Ground

/// How many sentences stand in a line: at least one where it is not empty.
///
/// Our own rule, as C4's, NLTK's trained Punkt model, is neither a rule nor reproducible from one.
/// A sentence ends at `?` or `!`, and at `.` but for that of an abbreviation, of a single letter, of
/// a word with a period inside, of the line's leading number and of an ellipsis before a small
/// letter; quotation marks and brackets that close may follow, white space must. Close to Punkt in
/// that the next word may begin small; unlike it in that an abbreviation never ends a sentence.
func countSentences(_ text: Span<UInt8>, _ line: Range<Int>) -> Int {
  let table = Traits.table
  let traits = table.span
  var (count, index, wordStart) = (line.isEmpty ? 0 : 1, line.lowerBound, line.lowerBound)
  while index < line.upperBound {
    let byte = text[index]
    if byte == 0x2e || byte == 0x3f || byte == 0x21 {
      let mark = index
      var isPeriod = true
      while index < line.upperBound, [0x2e, 0x3f, 0x21].contains(text[index]) {
        isPeriod = isPeriod && text[index] == 0x2e
        index &+= 1
      }
      let word = wordStart..<mark
      let isEllipsis = isPeriod && index - mark > 1
      index = closed(text, index, line.upperBound)
      guard index < line.upperBound else { break }
      let next = text.scalar(at: index)
      guard traits.traits(of: next.value).contains(.space) else { continue }
      if isEllipsis {
        let after = firstLetter(text, index, line.upperBound)
        if traits.traits(of: after).isDisjoint(with: [.uppercase, .digit]) { continue }
      } else if isPeriod && isAbbreviated(text, word, isFirst: wordStart == line.lowerBound) {
        continue
      }
      count += 1
      continue
    }
    if byte &- 0x21 < 0x5e {
      index &+= 1
      continue
    }
    let scalar = text.scalar(at: index)
    index &+= scalar.length
    if traits.traits(of: scalar.value).contains(.space) { wordStart = index }
  }
  return count
}

/// Passes over quotation marks and brackets that close.
private func closed(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
  var index = start
  while index < end {
    let scalar = text.scalar(at: index)
    switch scalar.value {
    case 0x22, 0x27, 0x29, 0x5d, 0x7d, 0xbb, 0x2019, 0x201d: index += scalar.length
    default: return index
    }
  }
  return index
}

/// The first scalar from `start` on that is neither space nor an opening mark, a few looked at.
private func firstLetter(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> UInt32 {
  var index = start
  for _ in 0..<8 where index < end {
    let scalar = text.scalar(at: index)
    switch scalar.value {
    case 0x20, 0x09, 0xa0, 0x22, 0x27, 0x28, 0x5b, 0xab, 0x2018, 0x201c: index += scalar.length
    default: return scalar.value
    }
  }
  return 0
}

/// True where the period behind `word` ends no sentence.
private func isAbbreviated(_ text: Span<UInt8>, _ word: Range<Int>, isFirst: Bool) -> Bool {
  var start = word.lowerBound
  while start < word.upperBound, [0x22, 0x27, 0x28, 0x5b].contains(text[start]) { start += 1 }
  let length = word.upperBound - start
  // No abbreviation is longer, and nothing longer is looked at, so that a line costs O(n).
  guard length > 0, length <= 8 else { return false }
  var (letters, digits, periods) = (0, 0, 0)
  var lower: UInt64 = 0
  for index in start..<word.upperBound {
    let byte = text[index]
    let small = byte &- 0x41 < 26 ? byte | 0x20 : byte
    lower = lower << 8 | UInt64(small)
    letters += small &- 0x61 < 26 ? 1 : 0
    digits += byte &- 0x30 < 10 ? 1 : 0
    periods += byte == 0x2e ? 1 : 0
  }
  if digits == length { return isFirst }
  if letters == 1 && length == 1 || letters > 0 && periods > 0 { return true }
  return abbreviations.contains(lower)
}

/// English abbreviations before a name, a number or an example.
///
/// Each as a number of its bytes, which are eight at most.
private let abbreviations = Set(
  abbreviationNames.map { $0.utf8.reduce(0) { $0 << 8 | UInt64($1) } })

private let abbreviationNames = [
  "adm", "al", "apr", "approx", "assoc", "aug", "ave", "blvd", "bros", "capt", "cf", "ch", "co",
  "col", "corp", "cpl", "dec", "dept", "dr", "drs", "ed", "eds", "esp", "est", "etc", "feb", "fig",
  "figs", "ft", "gen", "gov", "hon", "inc", "jan", "jr", "jul", "jun", "lt", "ltd", "maj", "mar",
  "max", "messrs", "min", "mr", "mrs", "ms", "mt", "no", "nos", "nov", "oct", "op", "p", "pp",
  "prof", "rep", "rev", "sec", "sen", "sep", "sept", "sgt", "sr", "st", "tel", "univ", "viz", "vol",
  "vols", "vs",
]
