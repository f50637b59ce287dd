/// One page as HTML, in one of four hands: bare, with divisions, with much script, in an old
/// character set.
struct HTMLWriter {
  let page: WebPage
  let style: Int

  /// What `Content-Type` says beside `text/html`; the old pages leave it to the page's own head.
  var charsetParameter: String { isLegacy ? "" : "; charset=utf-8" }

  private var isLegacy: Bool { style == 3 }
  private var charset: String {
    !isLegacy ? "utf-8" : page.language.code == "ru" ? "windows-1251" : "windows-1252"
  }

  var bytes: [UInt8] {
    let boilerplate = Boilerplate(site: page.site)
    var html = Array("<!DOCTYPE html>\n<html lang=\"\(page.language.code)\">\n<head>\n".utf8)
    html += "<meta http-equiv=\"Content-Type\" content=\"text/html; charset=\(charset)\">\n<title>"
    html += escaped(page.title)
    html += "</title>\n<style>body { margin: 2em; } p > em { color: #333; }</style>\n"
    if style == 2 { html += script }
    html += "</head>\n<body>\n<!-- navigation -->\n<nav><ul>\n"
    for line in boilerplate.navigation { html += "  <li><a href=\"/\">\(line)</a></li>\n" }
    html += "</ul></nav>\n<main><article>\n<h1>"
    html += escaped(page.title)
    html += "</h1>\n"
    for (index, line) in page.lines.enumerated() { html += paragraph(line, index) }
    html += "</article></main>\n<footer>\n"
    for line in boilerplate.footer { html += "<p>\(line.replacing("©", with: "&copy;"))</p>\n" }
    html += "</footer>\n"
    if style == 2 { html += script }
    html += "</body>\n</html>\n"
    return isLegacy ? legacy(html) : html
  }

  private func paragraph(_ line: [UInt8], _ index: Int) -> [UInt8] {
    let text = escaped(line)
    switch (style, index % 5) {
    case (1, 1): return Array("<div class=\"text\">".utf8) + text + Array("</div>\n".utf8)
    case (1, 3): return Array("<blockquote><p>".utf8) + text + Array("</p></blockquote>\n".utf8)
    case (2, 2): return Array("<p><em>".utf8) + text + Array("</em></p>\n".utf8)
    case (_, 4): return Array("<p>".utf8) + text + Array("<br></p><hr>\n".utf8)
    default: return Array("<p>".utf8) + text + Array("</p>\n".utf8)
    }
  }

  private var script: String {
    "<script>\n  if (window.count < 3 && document.title) { track(\"</\" + \"p>\"); }\n</script>\n"
  }

  /// Text with its special characters as references, some by name and some by number.
  private func escaped(_ text: [UInt8]) -> [UInt8] {
    var html: [UInt8] = []
    html.reserveCapacity(text.count + 16)
    for scalar in text.string.unicodeScalars {
      switch scalar {
      case "&": html += "&amp;"
      case "<": html += "&lt;"
      case ">": html += "&gt;"
      case "“" where style == 1: html += "&ldquo;"
      case "”" where style == 1: html += "&#8221;"
      case "é" where style == 2: html += "&eacute;"
      default: html += Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    return html
  }

  private func legacy(_ html: [UInt8]) -> [UInt8] {
    let isCyrillic = charset == "windows-1251"
    var bytes: [UInt8] = []
    bytes.reserveCapacity(html.count)
    for scalar in html.string.unicodeScalars {
      switch scalar.value {
      case 0..<0x80: bytes.append(UInt8(scalar.value))
      case 0xa0...0xff where !isCyrillic: bytes.append(UInt8(scalar.value))
      case 0x410...0x44f where isCyrillic: bytes.append(UInt8(scalar.value - 0x410 + 0xc0))
      case 0x451 where isCyrillic: bytes.append(0xb8)
      case 0x2019: bytes.append(0x92)
      case 0x201c: bytes.append(0x93)
      case 0x201d: bytes.append(0x94)
      default: bytes += "&#\(scalar.value);"
      }
    }
    return bytes
  }
}
