import CommonCrawl
import Documents
import Ground
import TestSupport

/// A record as a crawler writes it.
func warcRecord(
  _ type: String, _ body: [UInt8], headers: [String] = [], version: String = "1.0",
  length: Int? = nil
) -> [UInt8] {
  let lines =
    ["WARC/\(version)", "WARC-Type: \(type)", "WARC-Date: 2024-05-18T01:58:10Z"] + headers
    + ["Content-Length: \(length ?? body.count)", "", ""]
  return Array(lines.joined(separator: "\r\n").utf8) + body + Array("\r\n\r\n".utf8)
}

/// A page as a server sends it.
func response(
  _ body: [UInt8], status: String = "200 OK", headers: [String] = ["Content-Type: text/html"]
) -> [UInt8] {
  let head = (["HTTP/1.1 \(status)"] + headers + ["", ""]).joined(separator: "\r\n")
  return warcRecord(
    "response", Array(head.utf8) + body,
    headers: [
      "WARC-Target-URI: <http://example.org:80/a?b>", "Content-Type: application/http",
      "WARC-Payload-Digest: sha1:ABC",
    ])
}

/// The outcomes of a file, by what became of each record.
struct Outcomes {
  var documents: [Document] = []
  var dropped: [(document: Document, reason: String)] = []
  var bad: [Fault] = []

  var reasons: [String] { dropped.map(\.reason) }

  init(_ bytes: [UInt8], _ settings: CommonCrawlSource.Settings = .any) throws {
    let folder = try TemporaryFolder()
    try self.init(file: try folder.write(bytes, to: "crawl.warc"), settings)
  }

  init(file: String, _ settings: CommonCrawlSource.Settings = .any) throws {
    let source = CommonCrawlSource(settings: settings)
    let input = Input(name: fileName(of: file), path: file)
    for unit in try source.units(of: input) {
      try source.read(unit) { record in
        switch record {
        case .document(let document): documents.append(document)
        case .dropped(let document, let reason): dropped.append((document, reason))
        case .bad(let fault): bad.append(fault)
        }
      }
    }
  }
}

extension CommonCrawlSource.Settings {
  /// Keeps pages of any length.
  static var any: Self {
    var settings = Self()
    settings.minimumLength = 0
    return settings
  }
}
