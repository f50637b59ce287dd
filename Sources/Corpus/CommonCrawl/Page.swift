internal import Formats
internal import Ground

/// A page as CCNet has it.
struct Page {
  var title: [UInt8]
  var text: [UInt8]
  var lines: Int
}

/// What a record holds.
enum PageOutcome {
  case page(Page)
  case dropped(reason: String)
  /// Why the record is damaged, or in a form that cannot be read here.
  case bad(String)
}

/// The text of a `conversion`, `response` or `resource` record.
func pageText(of record: WARCRecord) -> PageOutcome {
  switch record.type {
  case "conversion":
    var text = record.body
    repairUTF8(&text)
    return .page(Page(conversion: text))
  case "response":
    guard let response = HTTPResponse(record.body) else { return .dropped(reason: "content_type") }
    guard response.status == 200 else { return .dropped(reason: "http_status") }
    let kind = PageKind(
      contentType: response.fields["Content-Type"], identified: record.fields, body: response.body)
    guard let kind else { return .dropped(reason: "content_type") }
    switch response.content() {
    case .success(let body):
      return .page(Page(body, kind, charset: response.fields["Content-Type"].flatMap(charset)))
    case .failure(let error): return .bad(error.what)
    }
  default:
    let type = record.fields["Content-Type"]
    guard let kind = PageKind(contentType: type, identified: record.fields, body: record.body[...])
    else { return .dropped(reason: "content_type") }
    return .page(Page(record.body, kind, charset: type.flatMap(charset)))
  }
}

private func charset(_ contentType: String) -> String? {
  HTMLPage.charsetParameter(of: Array(contentType.utf8)).map { String(decoding: $0, as: UTF8.self) }
}

/// The two kinds of content that have a text.
enum PageKind {
  case html, plain

  /// The kind by the declared media type, or else by what the crawler or the first bytes say.
  ///
  /// It is nil for all that is neither.
  init?(contentType: String?, identified fields: HeaderFields, body: ArraySlice<UInt8>) {
    let declared = contentType ?? fields["WARC-Identified-Payload-Type"] ?? ""
    let type = declared.prefix { $0 != ";" && $0 != "," }.filter { !$0.isWhitespace }.lowercased()
    switch type {
    case "text/html", "application/xhtml+xml": self = .html
    case "text/plain": self = .plain
    case "":
      let start = String(decoding: body.prefix(64), as: UTF8.self).lowercased()
      guard start.contains("<!doctype html") || start.contains("<html") else { return nil }
      self = .html
    default: return nil
    }
  }
}

extension Page {
  /// A WET body: its first line is the title.
  init(conversion text: [UInt8]) {
    let lines = StrippedLines(of: text, takesTitle: true)
    self.init(title: lines.title, text: lines.text, lines: lines.count)
  }

  /// A page as the server sent it, in whatever character set.
  init(_ body: [UInt8], _ kind: PageKind, charset: String?) {
    switch kind {
    case .html:
      let declared = charset ?? HTMLPage.declaredCharset(in: body)
      let page = HTMLPage(html: decodedPage(body, declared: declared))
      let lines = StrippedLines(of: page.text, takesTitle: false)
      self.init(title: page.title, text: lines.text, lines: lines.count)
    case .plain:
      let lines = StrippedLines(of: decodedPage(body, declared: charset), takesTitle: false)
      self.init(title: [], text: lines.text, lines: lines.count)
    }
  }
}
