/// Turns the wikitext of an article into plain text.
///
/// The rules are those of mwparserfromhell's `strip_code` and of the Hugging Face `wikipedia` script,
/// which RedPajama ran, with our own choices where those leave rubbish behind: categories and empty
/// sections are removed, `<br>` ends a line, and `Lines` says what else. Templates, but for those in
/// `KeptTemplates`, tables, references, media, mathematics and comments go; labels, headings and list
/// items stay.
///
/// Six passes, one after the other, each over whole buffers, each linear and without recursion:
/// raw elements, templates, tags, tables, links, lines. What one pass sets aside (`<nowiki>`) is
/// passed on as a mark of bytes that UTF-8 never has.
///
/// - SeeAlso: earwig/mwparserfromhell `nodes/*.py`, `definitions.py`;
///   togethercomputer/RedPajama-Data `data_prep/wiki`.
public struct Wikitext: Sendable {
  private let namespaces: Namespaces
  private let keptTemplates: KeptTemplates
  private let hasVariants: Bool

  /// - Parameters:
  ///   - language: The wiki's code, such as `de`, which says how media and categories are called.
  ///   - names: Further local names, as the dump's head gives them.
  public init(language: String, names: LocalNames = LocalNames()) {
    namespaces = Namespaces(language: language, names: names)
    keptTemplates = KeptTemplates(language: language)
    hasVariants = languagesWithVariants.contains(language)
  }

  /// The text of an article, UTF-8; empty where nothing is left.
  ///
  /// - Complexity: O(n), in hostile text too.
  public func plainText(of wikitext: [UInt8]) -> [UInt8] {
    var stash = Stash()
    var text = withoutRawElements(wikitext, keeping: &stash)
    text = withoutTemplates(text, but: keptTemplates)
    if hasVariants { text = withoutVariants(text) }
    text = withoutTags(text)
    text = withoutTables(text)
    text = withoutLinks(text, namespaces)
    return plainLines(text, restoring: stash)
  }
}

/// Wikis that write words in several scripts as `-{sr-ec: …; sr-el: …}-`.
private let languagesWithVariants: Set<String> = [
  "crh", "gan", "iu", "kk", "ku", "sh", "shi", "sr", "tg", "uz", "wuu", "zh",
]

/// Literal text that no later pass may read as markup, kept aside under marks.
struct Stash {
  private var pieces: [[UInt8]] = []

  /// Six bytes: ff, the number in four continuation bytes, fe.
  mutating func mark(for piece: [UInt8]) -> [UInt8] {
    let number = pieces.count
    pieces.append(piece)
    let digits = [18, 12, 6, 0].map { 0x80 | UInt8(truncatingIfNeeded: number >> $0) & 0x3f }
    return [Self.begin] + digits + [Self.end]
  }

  /// What the mark at `index` stands for.
  func piece(at index: Int, of text: [UInt8]) -> [UInt8]? {
    guard index + Self.length <= text.count, text[index + Self.length - 1] == Self.end else {
      return nil
    }
    let number = text[index + 1..<index + 5].reduce(0) { $0 << 6 | Int($1 & 0x3f) }
    return number < pieces.count ? pieces[number] : nil
  }

  static let begin: UInt8 = 0xff
  static let end: UInt8 = 0xfe
  static let length = 6
}

/// A line's end that was `<br>`, which does not end a heading.
let softBreak: UInt8 = 0xfd

/// Parts what stood apart before the text between was removed.
let seam: UInt8 = 0xfc

/// Marks the end of `output`, where something has been removed, if that could be misread: quotes around
/// it must not become one run, and brackets around it have become empty.
func markSeam(in output: inout [UInt8], before text: [UInt8], at index: Int) {
  switch output.last {
  case UInt8(ascii: "("): output.append(seam)
  case UInt8(ascii: "'"): if text.has("'", at: index) { output.append(seam) }
  case UInt8(ascii: "["): if text.has("]", at: index) { output.append(seam) }
  default: break
  }
}

/// A set of bytes, to run over text up to the next one that matters.
struct ByteSet: Sendable {
  private var has = [Bool](repeating: false, count: 256)

  init(_ bytes: String, and others: [UInt8] = []) {
    for byte in bytes.utf8 { has[Int(byte)] = true }
    for byte in others { has[Int(byte)] = true }
  }

  func contains(_ byte: UInt8) -> Bool { has[Int(byte)] }

  /// The first index from `start` on whose byte is in the set; `end`, or the text's, where none is.
  func firstIndex(in text: [UInt8], from start: Int, to end: Int = .max) -> Int {
    let end = min(end, text.count)
    var index = start
    while index < end, !has[Int(text[index])] { index += 1 }
    return index
  }
}

extension [UInt8] {
  /// True where `part` stands at `index`.
  func has(_ part: StaticString, at index: Int) -> Bool {
    guard index + part.utf8CodeUnitCount <= count,
      unsafe part.utf8Start.pointee == self[index]
    else { return false }
    return part.withUTF8Buffer { wanted in
      for offset in 0..<wanted.count where unsafe wanted[offset] != self[index + offset] {
        return false
      }
      return true
    }
  }

  /// The name that begins at `start`, of ASCII letters and digits, in lower case; 20 bytes at most.
  func tagName(at start: Int) -> String {
    var name = ""
    for index in start..<Swift.min(start + 20, count) {
      let byte = self[index]
      let folded = byte | 0x20
      if folded >= 0x61 && folded <= 0x7a {
        name.unicodeScalars.append(Unicode.Scalar(folded))
      } else if byte >= 0x30 && byte <= 0x39 && !name.isEmpty {
        name.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        break
      }
    }
    return name
  }

  /// The index of the `>` that ends the tag whose name ends at `start`; nil where there is none
  /// before the next `<`, or something other than a name stands there.
  func tagEnd(from start: Int) -> Int? {
    guard start < count else { return nil }
    let first = self[start]
    guard first <= 0x20 || first == UInt8(ascii: ">") || first == UInt8(ascii: "/") else {
      return nil
    }
    for index in start..<count {
      if self[index] == UInt8(ascii: ">") { return index }
      if self[index] == UInt8(ascii: "<") { return nil }
    }
    return nil
  }

  /// True where nothing but blanks, a hundred at most, stands between the last line's end and the end.
  var isAtBlankLine: Bool {
    var index = count - 1
    while index >= 0, index > count - 100, self[index] == 0x20 || self[index] == 0x09 { index -= 1 }
    return index < 0 || self[index] == 0x0a
  }

  mutating func truncate(to length: Int) {
    if length < count { removeLast(count - length) }
  }
}
