/// Removes tables, `{|` to `|}`, each at the start of a line, nested ones too.
///
/// A table without an end stays for now; `Lines` removes its rows.
func withoutTables(_ text: [UInt8]) -> [UInt8] {
  var output: [UInt8] = []
  output.reserveCapacity(text.count)
  var open: [Int] = []
  var index = 0
  while index < text.count {
    var end = index
    while end < text.count, text[end] != 0x0a { end += 1 }
    var start = index
    while start < end, indent.contains(text[start]) { start += 1 }
    if text.has("{|", at: start) {
      open.append(output.count)
    } else if text.has("|}", at: start), let table = open.popLast() {
      output.truncate(to: table)
      index = start + 2
    }
    end = min(end + 1, text.count)
    output += text[index..<end]
    index = end
  }
  return output
}

private let indent = ByteSet(" \t:*#;")
