/// What an HTML tag leaves behind.
private enum Tag { case nothing, softBreak, line, paragraph, space, table }

/// The tags that wikitext knows; anything else between `<` and `>` is text, as MediaWiki shows it.
///
/// - SeeAlso: mediawiki/core `includes/parser/Sanitizer.php`.
private let tags: [String: Tag] = {
  var tags: [String: Tag] = [:]
  func add(_ names: String, _ tag: Tag) {
    for name in names.split(separator: " ") { tags[String(name)] = tag }
  }
  add("a abbr b bdi bdo big center cite code data del dfn em font i img ins kbd mark", .nothing)
  add("nobr noinclude nomobile onlyinclude q rb rbc rp rt rtc ruby s samp small span", .nothing)
  add("strike strong sub sup time translate tt tvar u var wbr", .nothing)
  add("br hr", .softBreak)
  add("blockquote div dd dl dt li menu ol poem ul h1 h2 h3 h4 h5 h6", .line)
  add("caption col colgroup tbody tfoot thead tr", .line)
  add("p", .paragraph)
  add("td th", .space)
  add("table", .table)
  return tags
}()

/// Removes HTML tags; a table goes with all that is in it.
func withoutTags(_ text: [UInt8]) -> [UInt8] {
  var output: [UInt8] = []
  output.reserveCapacity(text.count)
  var tables: [Int] = []
  var index = 0
  while index < text.count {
    let next = angle.firstIndex(in: text, from: index)
    output += text[index..<next]
    index = next
    guard index < text.count else { break }
    let isEnd = text.has("</", at: index)
    let nameStart = index + (isEnd ? 2 : 1)
    let name = text.tagName(at: nameStart)
    guard let tag = tags[name], let end = text.tagEnd(from: nameStart + name.utf8.count) else {
      output.append(text[index])
      index += 1
      continue
    }
    index = end + 1
    switch tag {
    case .nothing: break
    case .softBreak: output.append(softBreak)
    case .line: output.endLine()
    case .paragraph:
      output.endLine()
      if output.last == 0x0a { output.append(0x0a) }
    case .space: output.append(0x20)
    case .table:
      if !isEnd {
        tables.append(output.count)
      } else if let start = tables.popLast() {
        output.truncate(to: start)
      }
    }
  }
  return output
}

private let angle = ByteSet("<")

extension [UInt8] {
  fileprivate mutating func endLine() {
    if let last, last != 0x0a { append(0x0a) }
  }
}
