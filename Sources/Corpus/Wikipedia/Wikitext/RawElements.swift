import Formats

/// What becomes of an element whose content is not wikitext.
private enum RawElement {
  /// Goes with all that is in it.
  case dropped
  /// Stays as it is, references resolved.
  case literal
  /// Stays as it is, to the letter.
  case code
}

/// - SeeAlso: mwparserfromhell `definitions.py` (`INVISIBLE_TAGS`, `PARSER_BLACKLIST`); the rest are
///   tags of extensions that show pictures, maps, formulas or nothing.
private let rawElements: [String: RawElement] = [
  "categorytree": .dropped, "ce": .dropped, "chem": .dropped, "gallery": .dropped,
  "graph": .dropped, "hiero": .dropped, "imagemap": .dropped, "includeonly": .dropped,
  "indicator": .dropped, "inputbox": .dropped, "mapframe": .dropped, "maplink": .dropped,
  "math": .dropped, "nowiki": .literal, "pre": .literal, "ref": .dropped,
  "references": .dropped, "score": .dropped, "script": .dropped, "section": .dropped,
  "source": .code, "style": .dropped, "syntaxhighlight": .code, "templatedata": .dropped,
  "templatestyles": .dropped, "timeline": .dropped,
]

/// Removes comments and elements whose content is no wikitext; sets aside what is literal.
///
/// A comment that fills its line takes the line with it; one without an end reaches to the end of the
/// text, as in MediaWiki. An element without an end tag loses its start tag only.
func withoutRawElements(_ text: [UInt8], keeping stash: inout Stash) -> [UInt8] {
  var output: [UInt8] = []
  output.reserveCapacity(text.count)
  /// Names that have no end tag any more, so that none is looked for twice.
  var unclosed: Set<String> = []
  var index = 0
  while index < text.count {
    let next = markup.firstIndex(in: text, from: index)
    output += text[index..<next]
    index = next
    guard index < text.count else { break }
    if text[index] >= seam {
      index += 1  // never in UTF-8
    } else if text.has("<!--", at: index) {
      index = passComment(text, at: index, &output)
    } else if let end = passElement(text, at: index, &unclosed, &output, &stash) {
      index = end
    } else {
      output.append(text[index])
      index += 1
    }
  }
  return output
}

private let markup = ByteSet("<", and: [seam, softBreak, Stash.end, Stash.begin])

private func passComment(_ text: [UInt8], at start: Int, _ output: inout [UInt8]) -> Int {
  var end = start + 4
  while end < text.count, text[end] != UInt8(ascii: "-") || !text.has("-->", at: end) { end += 1 }
  end = min(end + 3, text.count)
  var next = end
  while next < text.count, text[next] == 0x20 || text[next] == 0x09 { next += 1 }
  guard next == text.count || text[next] == 0x0a, output.isAtBlankLine else { return end }
  while let last = output.last, last != 0x0a { output.removeLast() }
  return min(next + 1, text.count)
}

/// Passes over a raw element, or a stray tag of one; nil where none begins at `start`.
private func passElement(
  _ text: [UInt8], at start: Int, _ unclosed: inout Set<String>, _ output: inout [UInt8],
  _ stash: inout Stash
) -> Int? {
  let isEnd = text.has("</", at: start)
  let nameStart = start + (isEnd ? 2 : 1)
  let name = text.tagName(at: nameStart)
  guard let kind = rawElements[name],
    let tagEnd = text.tagEnd(from: nameStart + name.utf8.count)
  else { return nil }
  if isEnd || text[tagEnd - 1] == UInt8(ascii: "/") || unclosed.contains(name) {
    return tagEnd + 1
  }
  guard let close = endTag(name, in: text, from: tagEnd + 1) else {
    unclosed.insert(name)
    return tagEnd + 1
  }
  let content = tagEnd + 1..<close.lowerBound
  switch kind {
  case .dropped: markSeam(in: &output, before: text, at: close.upperBound)
  case .literal:
    let piece = decodedReferences(in: text, content)
    output += stash.mark(for: piece)
  case .code:
    output += stash.mark(for: Array(text[content]))
  }
  return close.upperBound
}

/// The next end tag of `name`.
private func endTag(_ name: String, in text: [UInt8], from start: Int) -> Range<Int>? {
  var index = start
  while true {
    while index < text.count, text[index] != UInt8(ascii: "<") { index += 1 }
    guard index < text.count else { return nil }
    if text.has("</", at: index), text.tagName(at: index + 2) == name,
      let end = text.tagEnd(from: index + 2 + name.utf8.count)
    {
      return index..<end + 1
    }
    index += 1
  }
}

/// `text[range]` with the references that end in `;` resolved; a bare `&` stays.
func decodedReferences(in text: [UInt8], _ range: Range<Int>) -> [UInt8] {
  var output: [UInt8] = []
  var index = range.lowerBound
  while index < range.upperBound {
    guard text[index] == UInt8(ascii: "&"),
      let end = referenceEnd(in: text, at: index, before: range.upperBound)
    else {
      output.append(text[index])
      index += 1
      continue
    }
    output += Formats.decodedReferences(in: text, index..<end, isAttribute: true)
    index = end
  }
  return output
}

/// The end of what looks like a reference, `&` to `;`; the longest name has 31 bytes.
func referenceEnd(in text: [UInt8], at start: Int, before limit: Int) -> Int? {
  for index in start + 1..<max(start + 1, min(start + 34, limit)) {
    let byte = text[index]
    let folded = byte | 0x20
    if byte == UInt8(ascii: ";") { return index > start + 1 ? index + 1 : nil }
    let isName = folded >= 0x61 && folded <= 0x7a || byte >= 0x30 && byte <= 0x39
    guard isName || byte == UInt8(ascii: "#") else { return nil }
  }
  return nil
}
