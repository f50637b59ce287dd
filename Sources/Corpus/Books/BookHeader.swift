import Ground

/// What the lines before a book say about it.
struct BookHeader {
  var title: String?
  var author: String?
  var language: String?
  /// The date of the electronic text, as it stands there.
  var release: String?
  /// The same in ISO 8601, as far as it says: a day or a month.
  var released: String?
  /// The number in `[EBook #11]`.
  var number: Int?

  init() {}

  init(_ lines: BookLines, _ range: Range<Int>) {
    var first: String?
    for line in range where !lines.isEmpty(line) {
      let text = lines.string(line)
      if first == nil, line < 5 { first = text }
      number = number ?? Self.number(in: text)
      if let value = field("title", text) {
        title = title ?? value + continued(lines, line, range)
      } else if let value = field("author", text) {
        author = author ?? value
      } else if let value = field("language", text) {
        language = language ?? value
      } else if let value = field("release date", text) {
        setRelease(value)
      } else if let value = field("posting date", text), release == nil {
        setRelease(value)
      } else if release == nil, text.contains("[Etext #") || text.contains("[eText #") {
        setRelease(text)
      }
    }
    if title == nil, let first { guess(from: first) }
  }

  /// The value of a line `Name: value`.
  private func field(_ name: String, _ line: String) -> String? {
    guard line.utf8.count > name.utf8.count + 1, line.utf8.count < 300,
      line.lowercased().hasPrefix("\(name):")
    else { return nil }
    let value = String(line.utf8.dropFirst(name.utf8.count + 1)) ?? ""
    return trimmed(value)
  }

  /// A title goes on in lines that are indented.
  private func continued(_ lines: BookLines, _ line: Int, _ range: Range<Int>) -> String {
    var more = ""
    for next in (line + 1)..<max(line + 1, min(line + 5, range.upperBound)) {
      let bytes = lines.text[lines.ranges[next]]
      guard let first = bytes.first, first == 0x20 || first == 0x09 else { break }
      more += " " + lines.string(next)
    }
    return more
  }

  private mutating func setRelease(_ value: String) {
    let end = value.utf8.firstIndex(of: UInt8(ascii: "[")) ?? value.utf8.endIndex
    let date = trimmed(String(value[..<end]))
    guard !date.isEmpty else { return }
    release = date
    released = isoDate(date)
  }

  /// `Project Gutenberg's Alice, by Lewis Carroll`, and the older forms with asterisks.
  private mutating func guess(from line: String) {
    let bare = trimmed(line.filter { $0 != "*" })
    let beginnings = [
      "This is the Project Gutenberg Etext of ", "The Project Gutenberg Etext of ",
      "The Project Gutenberg EBook of ", "The Project Gutenberg eBook of ",
      "Project Gutenberg Etext of ", "Project Gutenberg's ", "Project Gutenberg’s ",
    ]
    guard let beginning = beginnings.first(where: { bare.hasPrefix($0) }) else { return }
    let rest = bare.dropFirst(beginning.count)
    var parts = rest.split(separator: ", by ", maxSplits: 1).map(String.init)
    if parts.count == 1 { parts = rest.split(separator: " by ", maxSplits: 1).map(String.init) }
    title = parts.first
    if parts.count == 2 { author = author ?? parts[1] }
  }

  /// The number behind `EBook #` or `Etext #`.
  private static func number(in line: String) -> Int? {
    let lower = line.lowercased()
    for mark in ["ebook #", "etext #"] {
      guard let found = lower.split(separator: mark, maxSplits: 1).dropFirst().first else {
        continue
      }
      return Int(found.prefix { ("0"..."9").contains($0) })
    }
    return nil
  }
}

private func trimmed(_ text: String) -> String {
  let blanks: Set<Unicode.Scalar> = [" ", "\t"]
  var scalars = text.unicodeScalars[...]
  while let first = scalars.first, blanks.contains(first) { scalars.removeFirst() }
  while let last = scalars.last, blanks.contains(last) { scalars.removeLast() }
  return String(scalars)
}

/// `June 25, 2008`, `25 June 2008`, `March, 1994` and `2008-06-25` in ISO 8601; nil for others.
func isoDate(_ text: String) -> String? {
  let words = text.split { " ,.".contains($0) }.map(String.init)
  let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  var (year, month, day): (Int?, Int?, Int?) = (nil, nil, nil)
  for word in words.prefix(4) {
    let lower = word.lowercased()
    if month == nil, let index = months.firstIndex(where: { lower.hasPrefix($0) }) {
      month = index + 1
    } else if let number = Int(word) {
      if (1950...2100).contains(number) { year = year ?? number }
      if (1...31).contains(number) { day = day ?? number }
    } else if lower.utf8.count == 10, isISO(lower) {
      return lower
    }
  }
  guard let year, let month else { return nil }
  let start = "\(year)-\(month < 10 ? "0" : "")\(month)"
  return day.map { "\(start)-\($0 < 10 ? "0" : "")\($0)" } ?? start
}

private func isISO(_ text: String) -> Bool {
  text.utf8.enumerated().allSatisfy { index, byte in
    index == 4 || index == 7 ? byte == 0x2d : (0x30...0x39).contains(byte)
  }
}

/// The character set that a Gutenberg header names, by a name that the C library knows.
func declaredCharset(_ bytes: [UInt8]) -> String? {
  let head = BookLines(Array(bytes.prefix(1 << 14)))
  let mark = Array("character set encoding:".utf8)
  for line in 0..<head.count {
    let folded = head.folded(line)
    guard folded.starts(with: mark) else { continue }
    let name = String(decoding: folded[mark.count...].drop { $0 == 0x20 }, as: UTF8.self)
    // ISO-8859-1 and ASCII are read as Windows-1252, which holds both and is often meant.
    let latin = ["iso-8859-1", "iso latin-1", "latin-1", "latin1", "ascii", "us-ascii"]
    return latin.contains(name) || name.hasPrefix("iso-646") ? nil : name
  }
  return nil
}
