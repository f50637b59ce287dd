internal import Ground

/// Writes `common-crawl/*.warc.wet.gz`: pages as text, with the lines of navigation around it.
func writeExtractedPages(_ sample: inout SampleFolder, _ bytes: Int) throws(Fault) {
  var source = WebPages(sample, stream: "wet")
  let pages = source.pages(bytes: bytes, overhead: 200).withoutSharedLines
  let perFile = max(pages.count / 2 + 1, 22)
  for start in stride(from: 0, to: pages.count, by: perFile) {
    let number = start / perFile
    let name = "CC-MAIN-20230227000000-20230227030000-0000\(number).warc.wet.gz"
    let input = "common-crawl/\(name)"
    var file = WARCFile(name: name, dice: sample.dice(input))
    file.addInformation(fileName: name)
    for page in pages[start..<min(pages.count, start + perFile)] {
      let boilerplate = Boilerplate(site: page.site)
      let lines =
        [page.title] + boilerplate.navigation.map { Array($0.utf8) } + page.lines
        + boilerplate.footer.map { Array($0.utf8) }
      let block = lines.joined(by: "\n") + [0x0a]
      file.add(
        [
          ("WARC-Type", "conversion"), ("WARC-Target-URI", page.url), ("WARC-Date", page.date),
          ("WARC-Record-ID", file.identifier()), ("WARC-Refers-To", file.identifier()),
          ("WARC-Block-Digest", warcDigest(block)),
          ("WARC-Identified-Content-Language", page.language.longCode),
          ("Content-Type", "text/plain"),
        ], block)
      sample.summary.rawBytes += block.count
      sample.add(page.label(input: input, source: "common-crawl"))
    }
    try sample.write(file.bytes, to: input)
  }
}
