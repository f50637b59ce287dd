internal import Ground

/// Writes `wikipedia/`: for each language a multistream dump and its index.
func writeWikis(_ sample: inout SampleFolder, _ bytes: Int) throws(Fault) {
  for language in Language.all {
    // Half of the text is English.
    let share = language.code == "en" ? bytes / 2 : bytes / 2 / Language.foreign.count
    var source = WikiPages(sample, language)
    let pages = source.pages(bytes: share, atLeast: language.code == "en" ? 20 : 8)
    try write(pages, language, &sample)
  }
}

private func write(
  _ pages: [WikiPage], _ language: Language, _ sample: inout SampleFolder
) throws(Fault) {
  let stem = "wikipedia/\(language.code)wiki-20220701-pages-articles-multistream"
  let input = "\(stem).xml.bz2"
  let head = Array(header(language).utf8)
  var dump = bzip2Stream(of: head)
  var index: [UInt8] = []
  var raw = head.count
  // Wikimedia puts 100 pages into a stream; fewer here, so that small dumps have several.
  let perStream = 25
  for start in stride(from: 0, to: pages.count, by: perStream) {
    var stream: [UInt8] = []
    for number in start..<min(pages.count, start + perStream) {
      index += "\(dump.count):\(number + 10):"
      index += pages[number].title
      index.append(0x0a)
      stream += xml(pages[number], id: number + 10)
      sample.add(
        Label(
          input: input, record: pages[number].title.string, source: "wikipedia",
          expect: pages[number].expect, reason: pages[number].reason))
    }
    raw += stream.count
    dump += bzip2Stream(of: stream)
  }
  dump += bzip2Stream(of: Array("</mediawiki>\n".utf8))
  sample.summary.rawBytes += raw
  try sample.write(dump, to: input)
  try sample.write(bzip2Stream(of: index), to: "\(stem)-index.txt.bz2")
}

private func xml(_ page: WikiPage, id: Int) -> [UInt8] {
  var xml = Array("  <page>\n    <title>".utf8)
  xml += escapedXML(page.title)
  xml += "</title>\n    <ns>\(page.namespace)</ns>\n    <id>\(id)</id>\n"
  if let redirect = page.redirect {
    xml += "    <redirect title=\""
    xml += escapedXML(redirect)
    xml += "\" />\n"
  }
  xml +=
    "    <revision>\n      <id>\(id + 90_000)</id>\n      <parentid>\(id + 80_000)</parentid>\n"
  xml += "      <timestamp>2022-06-\(twoDigits(id % 28 + 1))T08:15:30Z</timestamp>\n"
  xml += "      <contributor>\n        <username>Sample</username>\n        <id>7</id>\n"
  xml += "      </contributor>\n      <model>wikitext</model>\n      <format>text/x-wiki</format>\n"
  xml += "      <text bytes=\"\(page.text.count)\" xml:space=\"preserve\">"
  xml += escapedXML(page.text)
  xml += "</text>\n      <sha1>0</sha1>\n    </revision>\n  </page>\n"
  return xml
}

private func header(_ language: Language) -> String {
  let address = "http://www.mediawiki.org/xml/export-0.10/"
  return """
    <mediawiki xmlns="\(address)" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" \
    xsi:schemaLocation="\(address) http://www.mediawiki.org/xml/export-0.10.xsd" version="0.10" \
    xml:lang="\(language.code)">
      <siteinfo>
        <sitename>Wikipedia</sitename>
        <dbname>\(language.code)wiki</dbname>
        <base>https://\(language.code).wikipedia.org/wiki/Main_Page</base>
        <generator>quipu sample</generator>
        <case>first-letter</case>
        <namespaces>
          <namespace key="0" case="first-letter" />
          <namespace key="6" case="first-letter">\(language.fileName)</namespace>
          <namespace key="10" case="first-letter">Template</namespace>
          <namespace key="14" case="first-letter">\(language.categoryName)</namespace>
        </namespaces>
      </siteinfo>

    """
}

/// Text for XML elements and attributes.
func escapedXML(_ text: [UInt8]) -> [UInt8] {
  var xml: [UInt8] = []
  xml.reserveCapacity(text.count + text.count / 16)
  for byte in text {
    switch byte {
    case 0x26: xml += "&amp;"
    case 0x3c: xml += "&lt;"
    case 0x3e: xml += "&gt;"
    case 0x22: xml += "&quot;"
    default: xml.append(byte)
    }
  }
  return xml
}
