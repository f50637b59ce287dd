/// Makes plain lines of text that has no more than line markup left, and joins its sections.
///
/// Headings keep their title, list items their text. A section without text goes with its heading,
/// unless a section within it has text. Lines of nothing but punctuation, and rows of a table without
/// an end, are what removed markup left behind: they go. Sections are joined by a blank line.
func plainLines(_ text: [UInt8], restoring stash: Stash) -> [UInt8] {
  var sections = [Section(level: 0)]
  var writer = LineWriter(stash: stash)
  var index = 0
  while index < text.count {
    var end = index
    while end < text.count, text[end] != 0x0a { end += 1 }
    if let heading = Heading(text, index..<end) {
      sections[sections.count - 1].body = writer.take()
      writer.writeLine(text, heading.title, isHeading: true)
      sections.append(Section(level: heading.level, title: writer.take()))
    } else {
      writer.writeBodyLine(text, index..<end)
    }
    index = end + 1
  }
  sections[sections.count - 1].body = writer.take()
  return joined(sections)
}

private struct Section {
  var level: Int
  var title: [UInt8] = []
  var body: [UInt8] = []
}

private func joined(_ sections: [Section]) -> [UInt8] {
  var isKept = sections.map { !$0.body.isEmpty }
  // From the last to the first: the level of the section behind that is kept and nests deepest in.
  var below = Int.max
  for index in sections.indices.reversed() where !sections[index].title.isEmpty || isKept[index] {
    let level = sections[index].level
    if isKept[index] || below != .max && below > level && level > 0 {
      isKept[index] = true
      below = level
    }
  }
  var output: [UInt8] = []
  for (index, section) in sections.enumerated() where isKept[index] {
    if !output.isEmpty { output += [0x0a, 0x0a] }
    output += section.title
    if !section.title.isEmpty && !section.body.isEmpty { output.append(0x0a) }
    output += section.body
  }
  return output
}

/// A line such as `== Title ==`.
private struct Heading {
  var level: Int
  var title: Range<Int>

  init?(_ text: [UInt8], _ line: Range<Int>) {
    var end = line.upperBound
    while end > line.lowerBound, text[end - 1] <= 0x20 { end -= 1 }
    guard end - line.lowerBound >= 3, text[line.lowerBound] == equals, text[end - 1] == equals
    else { return nil }
    var before = 0
    while line.lowerBound + before < end, text[line.lowerBound + before] == equals { before += 1 }
    var after = 0
    while after < end - line.lowerBound, text[end - 1 - after] == equals { after += 1 }
    if before == end - line.lowerBound {  // nothing but equals signs
      before = (before - 1) / 2
      after = before
    }
    level = min(before, after, 6)
    guard level > 0 else { return nil }
    title = line.lowerBound + level..<end - level
  }
}

private let equals = UInt8(ascii: "=")
