/// How `plainText` writes what HTML says by marks.
public struct HTMLTextOptions: Hashable, Sendable {
  /// Stands before the text of each list item, such as `* `.
  public var listMarker: String
  /// Line breaks between paragraphs, headings, lists and the like: 1, or 2 for an empty line.
  public var paragraphBreaks: Int
  /// Stands between the cells of a table's row.
  public var cellSeparator: String
  /// Keeps the white space of `pre` as it is.
  public var keepsPreformatted: Bool

  public init(
    listMarker: String = "", paragraphBreaks: Int = 1, cellSeparator: String = "\t",
    keepsPreformatted: Bool = true
  ) {
    self.listMarker = listMarker
    self.paragraphBreaks = min(max(paragraphBreaks, 1), 2)
    self.cellSeparator = cellSeparator
    self.keepsPreformatted = keepsPreformatted
  }
}

/// The visible text of a page or a part of one.
///
/// Block elements stand on their own lines and inline elements do not; white space, no-break spaces
/// included, is collapsed outside of `pre`; `br` is a line break. Scripts, styles, the choices of
/// forms and what an attribute hides are left out, as is the title. No line begins or ends with
/// white space outside of `pre`, and the last one has no line break.
///
/// - Parameters:
///   - html: UTF-8.
///   - options: How the text is written.
/// - Returns: UTF-8, where `html` is.
/// - Complexity: O(n) time and memory, whatever the input; nothing is recursive.
public func plainText(html: [UInt8], options: HTMLTextOptions = HTMLTextOptions()) -> [UInt8] {
  var builder = HTMLTextBuilder(html, options: options)
  builder.run()
  return builder.writer.text
}

/// Turns the tokens of a page into text.
struct HTMLTextBuilder {
  private var tokenizer: HTMLTokenizer
  private let options: HTMLTextOptions
  private let elements = HTMLElement.table
  private(set) var writer: HTMLTextWriter
  private(set) var title: [UInt8]?
  private(set) var language: [UInt8]?
  private var preformatted = 0
  private var startOfPreformatted = 0
  private var isAfterPreformattedTag = false
  private var lists = 0
  /// The element that is being left out, and how many of its name are open.
  private var skipped: (key: UInt128, depth: Int, resume: Int)?
  /// Set once an element that was to be left out turned out to have no end.
  private var skipsNothing = false

  init(_ html: [UInt8], options: HTMLTextOptions) {
    tokenizer = HTMLTokenizer(html)
    self.options = options
    writer = HTMLTextWriter(options: options, capacity: html.count)
  }

  mutating func run() {
    while true {
      while let token = tokenizer.next() { handle(token) }
      // An element without an end tag would hide the rest of the page. What it holds is given
      // instead, and so that this happens once only, nothing is skipped from there on.
      guard let skipped else { return }
      tokenizer.position = skipped.resume
      self.skipped = nil
      skipsNothing = true
    }
  }

  private mutating func handle(_ token: HTMLToken) {
    switch token {
    case .text(let range): if skipped == nil { text(range) }
    case .start(let tag): open(tag)
    case .end(let tag): close(tag)
    case .comment, .doctype: break
    }
  }

  private mutating func text(_ range: Range<Int>) {
    var range = range
    if preformatted == 0 {
      writer.add(tokenizer.bytes, range)
    } else {
      if isAfterPreformattedTag {
        // The line break behind `<pre>` is no part of its text.
        if tokenizer.bytes[range.lowerBound] == 0x0d { range.removeFirst() }
        if let first = range.first, tokenizer.bytes[first] == 0x0a { range.removeFirst() }
      }
      writer.addVerbatim(tokenizer.bytes, range)
    }
    isAfterPreformattedTag = false
  }

  private mutating func open(_ tag: HTMLTag) {
    let element = elements.element(tag.key)
    if element == .rawText || element == .title {
      // Inside SVG, `<title/>` is whole.
      if skipped != nil && tag.isSelfClosing { return }
      let text = tokenizer.rawText(of: tag)
      if element == .title && skipped == nil && title == nil { title = collapsed(text) }
      return
    }
    if let skipped {
      if tag.key == skipped.key && !tag.isSelfClosing { self.skipped?.depth += 1 }
      return
    }
    isAfterPreformattedTag = false
    if element == .unseen ? !tag.isSelfClosing : tag.mayHide && isHidden(element, tag),
      !skipsNothing, tag.key != 0
    {
      if element != .inline && element != .unseen { writer.breakLine() }
      skipped = (tag.key, 1, tokenizer.position)
    } else {
      begin(element, tag)
    }
  }

  private mutating func begin(_ element: HTMLElement, _ tag: HTMLTag) {
    switch element {
    case .inline, .void, .rawText, .title, .unseen: break
    case .block, .row, .rule, .body: writer.breakLine()
    case .paragraph: writer.breakLine(options.paragraphBreaks)
    case .list:
      writer.breakLine(lists == 0 ? options.paragraphBreaks : 1)
      lists += 1
    case .item: writer.beginItem()
    case .cell: writer.beginCell()
    case .preformatted:
      writer.breakLine(options.paragraphBreaks)
      guard options.keepsPreformatted else { return }
      preformatted += 1
      startOfPreformatted = writer.count
      isAfterPreformattedTag = true
    case .lineBreak: writer.addLineBreak()
    case .control: writer.addSpace()
    case .root:
      if language == nil {
        language = tokenizer.attribute("lang", of: tag) ?? tokenizer.attribute("xml:lang", of: tag)
      }
    }
  }

  private mutating func close(_ tag: HTMLTag) {
    if let skipped {
      guard tag.key == skipped.key else { return }
      if skipped.depth == 1 { self.skipped = nil } else { self.skipped?.depth -= 1 }
      return
    }
    isAfterPreformattedTag = false
    switch elements.element(tag.key) {
    case .inline, .void, .rawText, .title, .unseen, .root, .cell: break
    case .block, .row, .rule, .body: writer.breakLine()
    case .paragraph: writer.breakLine(options.paragraphBreaks)
    case .list:
      lists = max(lists - 1, 0)
      writer.breakLine(lists == 0 ? options.paragraphBreaks : 1)
    case .item: writer.endItem()
    case .preformatted:
      if preformatted > 0 { writer.trimEnd(downTo: startOfPreformatted) }
      preformatted = max(preformatted - 1, 0)
      writer.breakLine(options.paragraphBreaks)
    case .lineBreak: writer.addLineBreak()  // `</br>` is a `<br>`
    case .control: writer.addSpace()
    }
  }

  /// True for elements that carry `hidden`, or a style that says so; never for a whole page, which
  /// scripts hide until it is complete.
  private func isHidden(_ element: HTMLElement, _ tag: HTMLTag) -> Bool {
    switch element {
    case .root, .body, .void, .lineBreak, .rule, .rawText, .title: return false
    default: break
    }
    if let value = tokenizer.attribute("hidden", of: tag) {
      return value.map(folded) != Array("until-found".utf8)
    }
    guard let style = tokenizer.attribute("style", of: tag) else { return false }
    let plain = style.filter { !isSpace($0) }.map(folded)
    return contains(plain, "display:none") || contains(plain, "visibility:hidden")
  }

  /// The text of an element without tags, on one line.
  private func collapsed(_ range: Range<Int>) -> [UInt8] {
    var writer = HTMLTextWriter(options: HTMLTextOptions(), capacity: range.count)
    writer.add(tokenizer.bytes, range)
    return writer.text
  }
}

/// True where `part` stands in `bytes`.
private func contains(_ bytes: [UInt8], _ part: StaticString) -> Bool {
  let tokenizer = HTMLTokenizer(bytes)
  return bytes.indices.contains { tokenizer.starts(with: part, at: $0) }
}
