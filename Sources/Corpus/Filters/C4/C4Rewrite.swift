public import Documents
import Ground

/// C4's rules for lines and what its rules for pages need to know.
///
/// Of every line, in this order: strip; drop with a word above 1000 characters; delete citation
/// marks; drop unless it ends in `.`, `?`, `!` or `"` and not in `...`; drop with fewer than five
/// words; count `lorem ipsum`; drop with `javascript`; count `{`; drop with a phrase of policies;
/// count sentences. Lines that stay are joined by newlines. Pages that C4 drops for a count are
/// rewritten like others, as dropping is the rules' job.
///
/// - SeeAlso: arXiv:1910.10683, 2.2; tensorflow_datasets `text/c4_utils.py`, `clean_page`, whose
///   numbers these are (the paper's first version and datatrove have others). Sentences are counted
///   by our own rule: see `sentences`.
public struct C4Rewrite: Rewrite {
  public static let name = "c4.lines"
  public static let signals = [
    "c4.characters", "c4.lines_kept", "c4.sentences", "c4.lorem_ipsum", "c4.curly_bracket",
    "c4.bad_words",
  ]

  private let badWords: BadWords?

  /// - Parameter badWords: Without a list, `c4.bad_words` is 0.
  public init(badWords: BadWords? = nil) { self.badWords = badWords }

  /// - Complexity: O(n), times the longest bad word's length where there is a list.
  public func rewrite(_ document: inout Document, noting signals: inout Signals) {
    let text = document.text
    let cleaner = C4Cleaner(text.span)
    let kept = cleaner.kept.span
    signals["c4.characters"] = Double(text.span.characters(in: 0..<text.count))
    signals["c4.lines_kept"] = Double(cleaner.lines)
    signals["c4.sentences"] = Double(cleaner.sentences)
    signals["c4.lorem_ipsum"] = Double(cleaner.loremIpsum)
    signals["c4.curly_bracket"] = Double(cleaner.curlyBrackets)
    signals["c4.bad_words"] = Double(badWords?.count(in: kept) ?? 0)
    document.text = cleaner.kept
  }
}

/// One page on its way through the rules.
private struct C4Cleaner {
  /// The lines that stayed.
  private(set) var kept: [UInt8] = []
  private(set) var lines = 0
  private(set) var sentences = 0
  /// Lines with the words or the bracket.
  private(set) var loremIpsum = 0
  private(set) var curlyBrackets = 0

  init(_ text: Span<UInt8>) {
    kept.reserveCapacity(text.count)
    for line in text.splitLines() {
      let start = kept.count
      if start > 0 { kept.append(0x0a) }
      if take(text, text.stripped(line)) {
        lines += 1
      } else {
        kept.removeLast(kept.count - start)
      }
    }
    // A line may begin or end in the space beside a citation mark.
    let inner = kept.span.stripped(0..<kept.count)
    if inner.count < kept.count { kept = Array(kept[inner]) }
  }

  /// Appends a line without its citation marks; says whether it stays.
  private mutating func take(_ text: Span<UInt8>, _ line: Range<Int>) -> Bool {
    let counted = countWords(text, line)
    guard counted.longest <= 1000 else { return false }
    let start = kept.count
    var words = counted.words
    if append(text, line) { words = countWords(kept.span, start..<kept.count).words }
    guard let judged = judge(kept.span, start..<kept.count, words: words) else { return false }
    loremIpsum += judged.phrases.loremIpsum ? 1 : 0
    if judged.phrases.javascript { return false }
    curlyBrackets += judged.phrases.curlyBracket ? 1 : 0
    if judged.phrases.policy { return false }
    sentences += judged.sentences
    return true
  }

  /// Appends a line without `[12]`, `[]`, `[edit]` and `[citation needed]`; true where it had one.
  private mutating func append(_ text: Span<UInt8>, _ line: Range<Int>) -> Bool {
    var copied = line.lowerBound
    var index = line.lowerBound
    while index < line.upperBound {
      guard text[index] == 0x5b, let end = citationEnd(text, index, line.upperBound) else {
        index &+= 1
        continue
      }
      appendBytes(text, copied..<index)
      index = end
      copied = end
    }
    appendBytes(text, copied..<line.upperBound)
    return copied > line.lowerBound
  }

  private mutating func appendBytes(_ text: Span<UInt8>, _ range: Range<Int>) {
    unsafe text.extracting(range).withUnsafeBufferPointer { unsafe kept.append(contentsOf: $0) }
  }
}

/// What a line says; nil where its end or its length drops it.
private func judge(
  _ text: Span<UInt8>, _ line: Range<Int>, words: Int
) -> (phrases: Phrases, sentences: Int)? {
  let end = line.upperBound
  guard words >= 5, !line.isEmpty, [0x2e, 0x3f, 0x21, 0x22].contains(text[end - 1]),
    !text.has("...", at: end - 3, below: end)
  else { return nil }
  return (Phrases(in: text, line), countSentences(text, line))
}

/// The end of the citation mark that begins at `start`; nil where none does.
private func citationEnd(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
  for mark: StaticString in ["[edit]", "[citation needed]"]
  where text.has(mark, at: start, below: end) {
    return start + mark.utf8CodeUnitCount
  }
  let table = Traits.table
  let traits = table.span
  var index = start + 1
  while index < end {
    if text[index] == 0x5d { return index + 1 }
    let scalar = text.scalar(at: index)
    guard traits.traits(of: scalar.value).contains(.digit) else { return nil }
    index += scalar.length
  }
  return nil
}

/// How many words a line has, and the characters of the longest.
private func countWords(_ text: Span<UInt8>, _ line: Range<Int>) -> (words: Int, longest: Int) {
  let table = Traits.table
  let traits = table.span
  var (words, longest, length) = (0, 0, 0)
  var index = line.lowerBound
  while index < line.upperBound {
    if text[index] &- 0x21 < 0x5e {
      words &+= length == 0 ? 1 : 0
      length &+= 1
      longest = max(longest, length)
      index &+= 1
      continue
    }
    let scalar = text.scalar(at: index)
    if traits.traits(of: scalar.value).contains(.space) {
      length = 0
    } else {
      words &+= length == 0 ? 1 : 0
      length &+= 1
      longest = max(longest, length)
    }
    index &+= scalar.length
  }
  return (words, longest)
}

/// What a line says that C4 does not want.
private struct Phrases {
  var loremIpsum = false
  var javascript = false
  var curlyBracket = false
  var policy = false

  /// Looks for the phrases in any case.
  init(in text: Span<UInt8>, _ line: Range<Int>) {
    for index in line {
      let byte = text[index]
      if byte == 0x7b { curlyBracket = true }
      switch byte | 0x20 {
      case 0x6c: loremIpsum = loremIpsum || says(text, "lorem ipsum", index, line)
      case 0x6a: javascript = javascript || says(text, "javascript", index, line)
      case 0x74: policy = policy || says(text, "terms of use", index, line)
      case 0x70: policy = policy || says(text, "privacy policy", index, line)
      case 0x63: policy = policy || says(text, "cookie policy", index, line)
      case 0x75:
        policy =
          policy || says(text, "uses cookies", index, line)
          || says(text, "use of cookies", index, line) || says(text, "use cookies", index, line)
      default: break
      }
    }
  }
}

/// True where the small ASCII letters of `phrase` stand at `index` in any case.
func says(_ text: Span<UInt8>, _ phrase: StaticString, _ index: Int, _ line: Range<Int>) -> Bool {
  let length = phrase.utf8CodeUnitCount
  guard index &+ length <= line.upperBound else { return false }
  for offset in 0..<length {
    let (byte, wanted) = (text[index &+ offset], unsafe phrase.utf8Start[offset])
    let lower = byte &- 0x41 < 26 ? byte | 0x20 : byte
    if lower != wanted { return false }
  }
  return true
}
