/// A text cut into lines, without their ends and trailing blanks.
struct BookLines {
  let text: [UInt8]
  /// Where each line stands in `text`.
  private(set) var ranges: [Range<Int>] = []

  /// Ends a line at `\n`, `\r\n`, a lone `\r`, or a form feed.
  init(_ text: [UInt8]) {
    self.text = text
    var start = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == 0x0a || byte == 0x0d || byte == 0x0c {
        add(start..<index)
        if byte == 0x0d && index + 1 < text.count && text[index + 1] == 0x0a { index += 1 }
        start = index + 1
      }
      index += 1
    }
    if start < text.count { add(start..<text.count) }
  }

  private mutating func add(_ line: Range<Int>) {
    var end = line.upperBound
    while end > line.lowerBound && isBlank(text[end - 1]) { end -= 1 }
    ranges.append(line.lowerBound..<end)
  }

  var count: Int { ranges.count }

  func isEmpty(_ line: Int) -> Bool { ranges[line].isEmpty }

  /// The line without leading blanks, in lower case (ASCII), at most its first 100 bytes: enough
  /// for every marker.
  func folded(_ line: Int) -> [UInt8] {
    let bytes = text[ranges[line]].drop(while: isBlank).prefix(100)
    return bytes.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
  }

  func string(_ line: Int) -> String {
    String(decoding: text[ranges[line]].drop(while: isBlank), as: UTF8.self)
  }

  /// These lines with `\n` between them: none empty at either end, no more than two empty ones
  /// between others; blanks inside lines stay.
  func joined(_ lines: Range<Int>, without skipped: [Range<Int>]) -> [UInt8] {
    var joined: [UInt8] = []
    joined.reserveCapacity(text.count)
    var empty = 0
    var skips = skipped[...]
    for line in lines {
      while let skip = skips.first, skip.upperBound <= line { skips = skips.dropFirst() }
      if let skip = skips.first, skip.contains(line) { continue }
      if ranges[line].isEmpty {
        empty += 1
        continue
      }
      if !joined.isEmpty {
        for _ in 0...min(empty, 2) { joined.append(0x0a) }
      }
      empty = 0
      joined.append(contentsOf: text[ranges[line]])
    }
    if !joined.isEmpty { joined.append(0x0a) }
    return joined
  }
}

/// A blank, a tab, or the Ctrl-Z that ends files of DOS.
private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x1a }
