import CommonCrawl
import Documents
import Ground
import TestSupport
import Testing

/// Pages as servers sent them, one smallest record per rule.
@Suite struct PageTests {
  private let html = Array("<title>T</title><p>a</p>\n<p>b".utf8)

  @Test func aPageBecomesText() throws {
    let document = try #require(try Outcomes(response(html)).documents.first)
    #expect(document.text == Array("a\nb".utf8))
    #expect(document.metadata.string("title") == "T")
    #expect(document.metadata["nlines"] == 2)
    #expect(document.metadata.string("url") == "http://example.org:80/a?b")
    #expect(document.metadata.string("source_domain") == "example.org:80")
    #expect(document.metadata.string("digest") == "sha1:ABC")
  }

  @Test(arguments: [
    ("404 Not Found", "Content-Type: text/html", "http_status"),
    ("200 OK", "Content-Type: image/png", "content_type"),
    ("200 OK", "Content-Type: application/json; charset=utf-8", "content_type"),
  ])
  func otherAnswersAreDropped(status: String, header: String, reason: String) throws {
    let outcomes = try Outcomes(response(html, status: status, headers: [header]))
    #expect(outcomes.reasons == [reason])
  }

  @Test func aRecordThatIsNoAnswerIsDropped() throws {
    let outcomes = try Outcomes(
      warcRecord("response", Array("20240518 1.2.3.4".utf8), headers: ["Content-Type: text/dns"]))
    #expect(outcomes.reasons == ["content_type"])
  }

  @Test func whatCrawlersSayAboutThemselvesIsDropped() throws {
    let record = warcRecord(
      "resource", html,
      headers: ["Content-Type: text/plain", "WARC-Target-URI: metadata://gnu.org/wget.log"])
    #expect(try Outcomes(record).reasons == ["scheme"])
  }

  @Test(arguments: [
    ("http://Example.org/robots.txt", ["robots"]), ("http://example.org/a/robots.txt", []),
  ])
  func whatIsForRobotsIsDropped(url: String, expected: [String]) throws {
    let fields = ["Content-Type: text/plain", "WARC-Target-URI: \(url)"]
    #expect(try Outcomes(warcRecord("resource", html, headers: fields)).reasons == expected)
  }

  @Test func aPageWithoutATypeIsKnownByItsStart() throws {
    let page = Array("\n<!DOCTYPE HTML><p>a".utf8)
    #expect(try Outcomes(response(page, headers: [])).documents.map(\.text) == [[0x61]])
    #expect(try Outcomes(response([0x61], headers: [])).reasons == ["content_type"])
  }

  @Test func plainTextAndResourcesArePages() throws {
    let plain = try Outcomes(
      response(Array("a <b>\r\n c".utf8), headers: ["content-type:text/plain"]))
    #expect(plain.documents.map(\.text) == [Array("a <b>\nc".utf8)])
    let resource = warcRecord("resource", html, headers: ["Content-Type: text/html;charset=utf-8"])
    #expect(try Outcomes(resource).documents.map(\.text) == [Array("a\nb".utf8)])
  }

  @Test(arguments: [
    ("3\r\n<p>\r\n2;x=y\r\nab\r\n0\r\n\r\n", "ab"),
    ("<p>not chunked", "not chunked"),
    ("3\r\n<p>\r\n2\r\nab\r\nzzz\r\n", "ab"),
    ("3\n<p>\nffffffffff\nab", "ab"),
    ("0\r\n\r\n", ""),
  ])
  func chunksAreJoined(body: String, text: String) throws {
    let headers = ["Content-Type: text/html", "Transfer-Encoding: Chunked"]
    let outcomes = try Outcomes(response(Array(body.utf8), headers: headers))
    #expect(outcomes.documents.map(\.text) == [Array(text.utf8)])
  }

  @Test func gzipIsDecodedAndWhatIsNotGzipTakenAsItIs() throws {
    let headers = ["Content-Type: text/html", "Content-Encoding: gzip"]
    for body in [gzipMember(of: html), html] {
      #expect(
        try Outcomes(response(body, headers: headers)).documents.map(\.text) == [Array("a\nb".utf8)]
      )
    }
  }

  @Test func gzipInChunksIsDecodedAsWell() throws {
    let zipped = gzipMember(of: html)
    let body =
      Array("\(String(zipped.count, radix: 16))\r\n".utf8) + zipped + Array("\r\n0\r\n".utf8)
    let headers = [
      "Content-Type: text/html", "Content-Encoding: gzip", "Transfer-Encoding: chunked",
    ]
    #expect(
      try Outcomes(response(body, headers: headers)).documents.map(\.text) == [Array("a\nb".utf8)])
  }

  @Test(arguments: [("br", "brotli"), ("deflate", "deflate"), ("zstd", "zstd")])
  func otherEncodingsAreBadRecords(encoding: String, name: String) throws {
    let headers = ["Content-Type: text/html", "Content-Encoding: \(encoding)"]
    let outcomes = try Outcomes(response(html, headers: headers))
    #expect(outcomes.bad.map(\.cause) == [.malformed("unsupported content encoding \(name)")])
  }

  @Test func damagedGzipIsABadRecord() throws {
    let headers = ["Content-Type: text/html", "Content-Encoding: gzip"]
    let outcomes = try Outcomes(response(Array(gzipMember(of: html).dropLast(9)), headers: headers))
    #expect(outcomes.bad.count == 1)
  }

  @Test(arguments: [
    ("the header's charset", "text/html; charset=windows-1251", "", [0xcf], "П"),
    ("meta's charset", "text/html", "<meta charset=koi8-r>", [0xf0], "П"),
    ("the header before meta", "text/html; charset=\"koi8-r\"", "<meta charset=gbk>", [0xf0], "П"),
    ("labels of the web", "text/html; charset=iso-8859-1", "", [0x80, 0x93], "€“"),
    ("shift_jis is Microsoft's", "text/html; charset=Shift_JIS", "", [0x87, 0x40], "①"),
    ("UTF-8 before a wrong label", "text/html; charset=iso-8859-1", "", [0xc3, 0xa9], "é"),
    ("Windows-1252 at last", "text/html", "", [0xe9], "é"),
    ("broken UTF-8 is repaired", "text/html; charset=utf-8", "", [0xc3, 0xa9, 0xff], "é\u{fffd}"),
    ("undeclared as well", "text/html", "", [0xc3, 0xa9, 0xc3, 0xa9, 0xff], "éé\u{fffd}"),
    ("an unknown label is none", "text/html; charset=nonsense", "", [0xe9], "é"),
  ])
  func charsets(rule: String, type: String, meta: String, bytes: [UInt8], text: String) throws {
    let page = Array("\(meta)<p>".utf8) + bytes
    let outcomes = try Outcomes(response(page, headers: ["Content-Type: \(type)"]))
    #expect(outcomes.documents.map(\.text) == [Array(text.utf8)], "\(rule)")
  }

  @Test func aByteOrderMarkDecides() throws {
    let utf16: [UInt8] = [0xff, 0xfe, 0x3c, 0, 0x70, 0, 0x3e, 0, 0x1f, 0x04]
    for bytes in [utf16, [0xef, 0xbb, 0xbf] + Array("<p>П".utf8)] {
      let outcomes = try Outcomes(
        response(bytes, headers: ["Content-Type: text/html; charset=latin1"]))
      #expect(outcomes.documents.map(\.text) == [Array("П".utf8)])
    }
  }
}
