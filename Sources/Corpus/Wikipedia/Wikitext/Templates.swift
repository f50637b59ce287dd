/// Removes templates `{{…}}`, but for the text of those that are kept; of a parameter
/// `{{{name|default}}}` the default stays.
///
/// Braces are matched as MediaWiki's preprocessor matches them: a run of closing braces closes three
/// or two of the run that was opened last. What has no partner goes, its content stays.
func withoutTemplates(_ text: [UInt8], but kept: KeptTemplates) -> [UInt8] {
  var output: [UInt8] = []
  output.reserveCapacity(text.count)
  var open: [OpenBraces] = []
  var index = 0
  while index < text.count {
    let next = braces.firstIndex(in: text, from: index)
    output += text[index..<next]
    index = next
    guard index < text.count else { break }
    let byte = text[index]
    var run = 1
    if byte != UInt8(ascii: "|") {
      while index + run < text.count, text[index + run] == byte { run += 1 }
    }
    index += run
    switch byte {
    case UInt8(ascii: "{"):
      if run >= 2 { open.append(OpenBraces(start: output.count, count: run)) }
      output.append(contentsOf: repeatElement(byte, count: run))
    case UInt8(ascii: "}"):
      close(run, &open, &output, kept)
      markSeam(in: &output, before: text, at: index)
    default:
      if let last = open.indices.last, open[last].bar == nil { open[last].bar = output.count }
      output.append(byte)
    }
  }
  return removing(open.map { $0.start..<$0.start + $0.count }, from: output)
}

/// A run of opening braces that wait for their partners; they stand in the output.
private struct OpenBraces {
  var start: Int
  var count: Int
  var bar: Int?
}

private let braces = ByteSet("{}|")

/// Defaults of parameters nested deeper than this are dropped: each level moves its default once.
private let deepestDefault = 20

private func close(
  _ closing: Int, _ open: inout [OpenBraces], _ output: inout [UInt8], _ kept: KeptTemplates
) {
  var left = closing
  while left >= 2, let last = open.popLast() {
    let count = min(left, last.count, 3)
    let start = last.start + last.count - count
    if count == 3, let bar = last.bar, open.count < deepestDefault {
      output.removeSubrange(start..<bar + 1)
    } else {
      let text = count == 2 ? kept.text(of: output[(start + 2)...]) : nil
      output.truncate(to: start)
      if let text { output += text }
    }
    left -= count
    if last.count - count >= 2 {
      open.append(OpenBraces(start: last.start, count: last.count - count))
    }
  }
  if left == 1 { output.append(UInt8(ascii: "}")) }
}

/// `text` without `ranges`, which ascend; those that overlap one before them are ignored.
func removing(_ ranges: [Range<Int>], from text: [UInt8]) -> [UInt8] {
  guard !ranges.isEmpty else { return text }
  var output: [UInt8] = []
  output.reserveCapacity(text.count)
  var index = 0
  for range in ranges where range.lowerBound >= index {
    output += text[index..<range.lowerBound]
    index = range.upperBound
  }
  return output + text[index...]
}

/// Resolves `-{…}-`, the markup for words in several scripts: the first of them stays.
///
/// - SeeAlso: mediawiki.org, Writing systems/Syntax.
func withoutVariants(_ text: [UInt8]) -> [UInt8] {
  var output: [UInt8] = []
  output.reserveCapacity(text.count)
  var index = 0
  var canClose = true
  while index < text.count {
    guard canClose, text.has("-{", at: index) else {
      output.append(text[index])
      index += 1
      continue
    }
    var end = index + 2
    while end < text.count, !text.has("}-", at: end) { end += 1 }
    guard end < text.count else {
      canClose = false
      continue
    }
    output += firstVariant(text[index + 2..<end])
    index = end + 2
  }
  return output
}

private func firstVariant(_ content: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  var content = content
  // Flags before a bar, such as `T|`, say where the words are shown.
  if let bar = content.firstIndex(of: UInt8(ascii: "|")) { content = content[(bar + 1)...] }
  guard let colon = content.firstIndex(of: UInt8(ascii: ":")),
    content[..<colon].allSatisfy({ $0 == 0x20 || $0 == 0x2d || $0 | 0x20 >= 0x61 && $0 < 0x7b })
  else { return content }
  let value = content[(colon + 1)...].drop { $0 == 0x20 }
  return value.prefix { $0 != UInt8(ascii: ";") }
}
