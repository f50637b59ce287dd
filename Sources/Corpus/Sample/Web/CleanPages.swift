internal import Formats
internal import Ground

/// Writes `c4/c4-train.*.json.gz`: one JSON object a line with text, timestamp and address.
///
/// The pages still have what C4's own rules take away, so that these rules have work.
func writeCleanPages(_ sample: inout SampleFolder, _ bytes: Int) throws(Fault) {
  var source = WebPages(sample, stream: "c4")
  var dice = sample.dice("c4 lines")
  var pages = source.pages(bytes: bytes, overhead: 150).map { page in
    var page = page
    // Repeated sentences are no business of C4's rules on pages.
    if page.reason == "repetition" { page.expect = .keep }
    if page.expect == .keep { addOddLines(to: &page, &dice) }
    return page
  }
  let copied = Set(pages.compactMap(\.twin))
  let free = pages.indices.filter { pages[$0].expect == .keep && !copied.contains(pages[$0].url) }
  let odd: [(reason: String, line: String)] = [
    ("lorem ipsum", "Lorem ipsum dolor sit amet, the printer fills a page with it."),
    ("curly bracket", "The function ends with a bracket { and this is not a natural text."),
  ]
  for (index, odd) in zip(free, odd) {
    pages[index].lines.append(Array(odd.line.utf8))
    (pages[index].expect, pages[index].reason) = (.drop, odd.reason)
  }
  let perFile = pages.count / 2 + 1
  for number in 0..<2 {
    let input = "c4/c4-train.0000\(number)-of-00002.json.gz"
    var file: [UInt8] = []
    for page in pages[number * perFile..<min(pages.count, (number + 1) * perFile)] {
      file += line(page)
      sample.add(page.label(input: input, source: "c4"))
    }
    if number == 1 { addBadLines(to: &file, &sample, input) }
    sample.summary.rawBytes += file.count
    try sample.write(gzipMember(of: file), to: input)
  }
}

private func line(_ page: WebPage) -> [UInt8] {
  var json = JSONWriter()
  json.object { json in
    json.key("text")
    json.string(page.lines.joined(by: "\n"))
    json.key("timestamp")
    json.string(page.date)
    json.key("url")
    json.string(page.url)
  }
  return json.bytes + [0x0a]
}

/// Lines that C4 drops from a page that it keeps.
private func addOddLines(to page: inout WebPage, _ dice: inout Dice) {
  if dice.chance(40) { page.lines.insert(Array("Home / Articles / Latest".utf8), at: 0) }
  if dice.chance(30) {
    page.lines.append(Array("Please enable javascript to see the pictures of this page.".utf8))
  }
  if dice.chance(30) {
    page.lines.append(Array("By reading on you accept our terms of use and more.".utf8))
  }
  if dice.chance(20) { page.lines.append(Array("Read more...".utf8)) }
}

private func addBadLines(to file: inout [UInt8], _ sample: inout SampleFolder, _ input: String) {
  let bad: [(reason: String, bytes: [UInt8])] = [
    ("not JSON", Array(#"{"text": "The line ends before its object does, "#.utf8)),
    (
      "not UTF-8",
      Array(#"{"text":"The caf"#.utf8) + [0xe9]
        + Array(
          #" was closed.","timestamp":"2023-02-01T00:00:00Z","url":"https://a.example/"}"#.utf8)
    ),
    ("no text", Array(#"{"url":"https://b.example/","timestamp":"2023-02-01T00:00:00Z"}"#.utf8)),
  ]
  for (reason, bytes) in bad {
    let number = file.count { $0 == 0x0a } + 1
    file += bytes + [0x0a]
    sample.add(
      Label(input: input, record: "line \(number)", source: "c4", expect: .error, reason: reason))
  }
}
