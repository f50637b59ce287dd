/// A book without what the collection put around it.
struct Book {
  private(set) var text: [UInt8] = []
  private(set) var header = BookHeader()

  private let lines: BookLines
  private let settings: BooksSource.Settings

  /// A start marker counts among this many first lines: `c-w/gutenberg`'s own bound.
  private static let headLines = 600
  /// An end without asterisks counts among this many last lines: the licence that may follow has
  /// some 350.
  private static let tailLines = 500
  /// The legal block has 7 lines; one that does not end by then is left alone.
  private static let legalLines = 20
  /// A transcriber's note that has not ended by then is taken for text; ours.
  private static let noteLines = 60
  /// A closing note, with its list of corrections, begins among this many last lines; ours.
  private static let closingLines = 200

  init(_ bytes: [UInt8], _ settings: BooksSource.Settings) {
    lines = BookLines(bytes)
    self.settings = settings
    var body = 0..<lines.count
    let marker = startMarker()
    if let marker { body = marker.upperBound..<lines.count }
    let isGutenberg = marker != nil || namesGutenberg(0..<min(lines.count, 40))
    body = beforeEnd(of: body)
    let from = isGutenberg || body.upperBound < lines.count ? afterHead(of: body) : body.lowerBound
    header = BookHeader(lines, 0..<min(max(from, marker?.upperBound ?? 0), Self.headLines))
    text = lines.joined(from..<max(from, body.upperBound), without: legalBlocks(in: body))
  }

  /// The lines of the last marker after which the book begins; its title may go over three lines.
  private func startMarker() -> Range<Int>? {
    guard
      let start = (0..<min(lines.count, Self.headLines)).last(where: { line in
        GutenbergMarkers.match(lines.folded(line), GutenbergMarkers.starts)
      })
    else { return nil }
    let last = min(start + 3, lines.count)
    let isWhole = lines.string(start).hasSuffix("*") || !lines.folded(start).starts(with: [0x2a])
    guard !isWhole, let end = (start..<last).first(where: { lines.string($0).hasSuffix("***") })
    else { return start..<start + 1 }
    return start..<end + 1
  }

  private func beforeEnd(of body: Range<Int>) -> Range<Int> {
    var end =
      body.first { GutenbergMarkers.match(lines.folded($0), GutenbergMarkers.ends) }
      ?? body.upperBound
    // The older line "End of Project Gutenberg's …" may stand above the marker, or alone.
    let tail = max(body.lowerBound, end - Self.tailLines)..<end
    let found = tail.first { line in
      GutenbergMarkers.match(lines.folded(line), GutenbergMarkers.tails)
        && isAfterMost(line, of: body)
    }
    if let found { end = found }
    if settings.stripsTranscriberNotes { end = beforeNote(body.lowerBound..<end) }
    return body.lowerBound..<end
  }

  /// The end of the book without a transcriber's note that closes it, set off by an empty line.
  private func beforeNote(_ body: Range<Int>) -> Int {
    let tail = max(body.lowerBound + body.count / 2, body.upperBound - Self.closingLines)
    let note = (tail..<body.upperBound).first { line in
      isNote(line) && line > body.lowerBound && lines.isEmpty(line - 1)
    }
    return note ?? body.upperBound
  }

  /// True behind the first half of the book, so that a short book's own header is no end.
  private func isAfterMost(_ line: Int, of body: Range<Int>) -> Bool {
    line - body.lowerBound > (lines.count - body.lowerBound) / 2 || line > Self.headLines
  }

  /// The first line behind the paragraphs of header and credits that stand first in `body`.
  private func afterHead(of body: Range<Int>) -> Int {
    var next = body.lowerBound
    while let start = (next..<body.upperBound).first(where: { !lines.isEmpty($0) }) {
      let line = lines.folded(start)
      if GutenbergMarkers.match(line, GutenbergMarkers.heads) {
        next = paragraphEnd(start, body)
      } else if settings.stripsTranscriberNotes, let end = noteEnd(start, line, body) {
        next = end
      } else {
        return start
      }
    }
    return body.upperBound
  }

  private func paragraphEnd(_ start: Int, _ body: Range<Int>) -> Int {
    (start..<body.upperBound).first { lines.isEmpty($0) } ?? body.upperBound
  }

  /// The line behind a transcriber's note that begins at `start`; nil where none begins or ends.
  ///
  /// A note is a paragraph, a bracket, a box, or a heading with the paragraph under it.
  private func noteEnd(_ start: Int, _ line: [UInt8], _ body: Range<Int>) -> Int? {
    let isBox = line.starts(with: Array("+--".utf8))
    let window = start..<min(start + Self.noteLines, body.upperBound)
    if isBox {
      let end = paragraphEnd(start, body)
      guard end <= window.upperBound, (start..<end).contains(where: { isNote($0) }) else {
        return nil
      }
      return end
    }
    guard isNote(start) else { return nil }
    if line.first == UInt8(ascii: "[") {
      return window.first { lines.string($0).hasSuffix("]") }.map { $0 + 1 }
    }
    let end = paragraphEnd(start, body)
    guard end - start == 1, line.count < 30 else { return end }
    let under = (end..<body.upperBound).first { !lines.isEmpty($0) } ?? body.upperBound
    return paragraphEnd(under, body)
  }

  private func isNote(_ line: Int) -> Bool {
    let words = lines.folded(line).filter { (0x61...0x7a).contains($0) || $0 == 0x20 }
    let text = String(decoding: words.drop { $0 == 0x20 }, as: UTF8.self)
    return ["transcribers note", "transcriber note", "transcribers notes"]
      .contains { text.hasPrefix($0) }
  }

  private func namesGutenberg(_ range: Range<Int>) -> Bool {
    let name = Array("project gutenberg".utf8)
    return range.contains { line in
      let folded = lines.folded(line)
      guard folded.count >= name.count else { return false }
      return (0...(folded.count - name.count)).contains { folded[$0...].starts(with: name) }
    }
  }

  private func legalBlocks(in body: Range<Int>) -> [Range<Int>] {
    var blocks: [Range<Int>] = []
    for start in body where lines.text[lines.ranges[start]].first == UInt8(ascii: "<") {
      guard GutenbergMarkers.match(lines.folded(start), GutenbergMarkers.legalStart) else {
        continue
      }
      let window = start..<min(start + Self.legalLines, body.upperBound)
      let end = window.first { lines.folded($0).starts(with: GutenbergMarkers.legalEnd) }
      if let end { blocks.append(start..<end + 1) }
    }
    return blocks
  }
}
