/// Cuts what stands before the first section and the bibliography.
enum PaperCut {
  /// Commands that begin a section, as RedPajama's cleaner means them (`data_prep/arxiv`).
  private static let sections: Set<String> = [
    "chapter", "part", "section", "subsection", "subsubsection", "paragraph", "subparagraph",
  ]

  /// The letters that those and `\maketitle` begin with, which sort out nearly all others.
  private static let initials = Array("cpsm".utf8)

  /// Where the document begins: behind `\begin{document}`, or at 0 without one.
  static func documentStart(of text: [UInt8]) -> Int {
    let begin = Array("\\begin{document}".utf8)
    return text.find(begin, from: 0).map { $0 + begin.count } ?? 0
  }

  /// The first section's backslash from `start` on; nil where there is none.
  static func firstSection(of text: [UInt8], from start: Int) -> Int? {
    firstControl(in: text, from: start) { name, end in
      guard sections.contains(name) else { return false }
      var next = text.afterBlanks(end)
      if next < text.count, text[next] == UInt8(ascii: "*") { next = text.afterBlanks(next + 1) }
      return next < text.count
        && (text[next] == UInt8(ascii: "{") || text[next] == UInt8(ascii: "["))
    }
  }

  /// Behind `\maketitle`, or `start` without one: where a text without sections begins.
  static func titleEnd(of text: [UInt8], from start: Int) -> Int {
    let title = firstControl(in: text, from: start) { name, _ in name == "maketitle" }
    return title.map { text.controlEnd($0) } ?? start
  }

  private static func firstControl(
    in text: [UInt8], from start: Int, where isIt: (String, Int) -> Bool
  ) -> Int? {
    var verbatim = Verbatim()
    var index = text.nextBackslash(start)
    while index < text.count {
      let end = text.controlEnd(index)
      if end - index > 4, end - index < 16, initials.contains(text[index + 1]),
        isIt(string(text[index + 1..<end]), end)
      {
        return index
      }
      index = text.nextBackslash(verbatim.end(in: text, at: index) ?? end)
    }
    return nil
  }

  /// Removes the bibliography wherever it stands; with `keepsAppendix` false, everything from the
  /// first appendix or bibliography on.
  ///
  /// - Complexity: O(n).
  static func withoutBibliography(_ text: [UInt8], keepsAppendix: Bool) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.count)
    var verbatim = Verbatim()
    var index = 0
    while index < text.count {
      let hit = text.nextBackslash(index)
      output.append(contentsOf: text[index..<hit])
      guard hit < text.count else { break }
      let end = verbatim.end(in: text, at: hit) ?? text.controlEnd(hit)
      switch backMatter(in: text, at: hit, controlEnd: end) {
      case .none: output.append(contentsOf: text[hit..<end])
      case .some(let matter) where !keepsAppendix && matter.isHeader: return output
      case .some(let matter) where matter.isBibliography:
        index = matter.end
        continue
      case .some: output.append(contentsOf: text[hit..<end])
      }
      index = end
    }
    return output
  }

  private struct BackMatter {
    var end: Int
    /// True for what ends the paper proper; false for settings such as the style.
    var isHeader: Bool
    var isBibliography: Bool
  }

  private static let bibliographies = [
    "thebibliography", "references", "REFERENCES", "bibdiv", "biblist",
  ]

  /// The letters that its commands begin with.
  private static let backMatterInitials = Array("bpna".utf8)

  private static func backMatter(in text: [UInt8], at start: Int, controlEnd: Int) -> BackMatter? {
    // Names this long are environments or verbatim, both of which are looked at by what they are.
    guard start + 1 < text.count, backMatterInitials.contains(text[start + 1]) else { return nil }
    switch string(text[start + 1..<min(controlEnd, start + 24)]) {
    case "bibliography", "printbibliography", "putbib":
      return BackMatter(
        end: afterArguments(text, controlEnd), isHeader: true, isBibliography: true)
    case "bibliographystyle", "nocite", "bibliographyunit":
      return BackMatter(
        end: afterArguments(text, controlEnd), isHeader: false, isBibliography: true)
    case "appendix", "appendices":
      return BackMatter(end: controlEnd, isHeader: true, isBibliography: false)
    case "begin":
      let open = controlEnd + 1
      guard open < text.count else { return nil }
      for name in bibliographies where text.has("{\(name)}", at: controlEnd) {
        let closing = Array("\\end{\(name)}".utf8)
        let end = text.find(closing, from: open).map { $0 + closing.count } ?? text.count
        return BackMatter(end: end, isHeader: true, isBibliography: true)
      }
      if text.has("{appendi", at: controlEnd) {
        return BackMatter(end: controlEnd, isHeader: true, isBibliography: false)
      }
      return nil
    default: return nil
    }
  }

  /// The place behind `[…]` and `{…}`, where they follow and end within a line or so.
  private static func afterArguments(_ text: [UInt8], _ start: Int) -> Int {
    var end = start
    while end < text.count, text[end] == UInt8(ascii: "[") || text[end] == UInt8(ascii: "{") {
      let closing = text[end] == UInt8(ascii: "[") ? UInt8(ascii: "]") : UInt8(ascii: "}")
      let window = text[end...].prefix(2048)
      guard let close = window.firstIndex(of: closing) else { return end }
      end = close + 1
    }
    return end
  }

  /// No blanks at line ends, one empty line at most between others, none at the ends; verbatim text
  /// stays as it is.
  static func tidy(_ text: [UInt8]) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.count + 1)
    var verbatim = Verbatim()
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "\\"), let end = verbatim.end(in: text, at: index) {
        output.append(contentsOf: text[index..<end])
        index = end
        continue
      }
      if byte != 0x0a {
        var end = index + 1
        while end < text.count, text[end] != 0x0a, text[end] != 0x5c { end += 1 }
        output.append(contentsOf: text[index..<end])
        index = end
        continue
      }
      index += 1
      while let last = output.last, isBlank(last) { output.removeLast() }
      let isSecond = output.count < 2 || output.suffix(2).allSatisfy { $0 == 0x0a }
      if !isSecond { output.append(byte) }
    }
    while let last = output.last, isBlank(last) || last == 0x0a { output.removeLast() }
    let first = output.firstIndex { $0 != 0x0a } ?? output.endIndex
    output.removeFirst(first)
    if !output.isEmpty { output.append(0x0a) }
    return output
  }
}
