internal import Ground

/// Writes `common-crawl/*.warc.gz`: requests and responses, whose pages are HTML.
func writeCrawledPages(_ sample: inout SampleFolder, _ bytes: Int) throws(Fault) {
  let name = "CC-MAIN-20230227000000-20230227030000-00002.warc.gz"
  let input = "common-crawl/\(name)"
  var file = WARCFile(name: name, dice: sample.dice(input))
  file.addInformation(fileName: name)
  var source = WebPages(sample, stream: "warc")
  for (index, page) in source.pages(bytes: bytes, overhead: 1200).withoutSharedLines.enumerated() {
    let html = HTMLWriter(page: page, style: index % 4)
    let document = html.bytes
    let head =
      "HTTP/1.1 200 OK\r\nServer: sample\r\nContent-Type: text/html\(html.charsetParameter)\r\n"
      + "Content-Length: \(document.count)\r\n\r\n"
    addExchange(page.url, page.date, Array(head.utf8) + document, "text/html", to: &file)
    sample.summary.rawBytes += document.count
    sample.add(page.label(input: input, source: "common-crawl"))
  }
  addPicture(to: &file, &sample, input)
  try sample.write(file.bytes, to: input)
}

private func addExchange(
  _ url: String, _ date: String, _ response: [UInt8], _ type: String, to file: inout WARCFile
) {
  let parts = url.split(separator: "/", maxSplits: 2)
  let request =
    "GET /\(parts[2]) HTTP/1.1\r\nUser-Agent: quipu sample\r\nHost: \(parts[1])\r\n"
    + "Accept-Encoding: gzip\r\n\r\n"
  let identifier = file.identifier()
  file.add(
    [
      ("WARC-Type", "request"), ("WARC-Date", date), ("WARC-Record-ID", identifier),
      ("Content-Type", "application/http; msgtype=request"), ("WARC-Target-URI", url),
    ], Array(request.utf8))
  file.add(
    [
      ("WARC-Type", "response"), ("WARC-Date", date), ("WARC-Record-ID", file.identifier()),
      ("Content-Type", "application/http; msgtype=response"),
      ("WARC-Concurrent-To", identifier), ("WARC-Target-URI", url),
      ("WARC-Block-Digest", warcDigest(response)), ("WARC-Identified-Payload-Type", type),
    ], response)
}

/// A response that is no page.
private func addPicture(to file: inout WARCFile, _ sample: inout SampleFolder, _ input: String) {
  let url = "https://harbournews.example/pictures/boat.png"
  let head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n"
  var dice = sample.dice("picture")
  let pixels = (0..<500).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
  let picture = Array(head.utf8) + [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + pixels
  addExchange(url, "2023-02-20T10:00:00Z", picture, "image/png", to: &file)
  sample.add(
    Label(input: input, record: url, source: "common-crawl", expect: .drop, reason: "type"))
}
