import Formats
import Foundation  // whose headers must not clash with those of libxml2 beneath
import Ground
import TestSupport
import Testing

@Suite struct XMLTests {
  private func records(_ xml: String, limit: Int = 1 << 20) throws -> [String] {
    let reader = XMLRecordReader(
      BufferedReader(MemoryReader(Array(xml.utf8), path: "x.xml")), element: "page", limit: limit)
    var found: [String] = []
    while let next = try reader.next() {
      switch next {
      case .success(let record): found.append(String(decoding: record.bytes, as: UTF8.self))
      case .failure(let fault): found.append("\(fault)")
      }
    }
    return found
  }

  @Test(arguments: [
    ("<a><page>x</page>\n<page id='1'>y</page></a>", ["<page>x</page>", "<page id='1'>y</page>"]),
    ("<page a=\"1>2\" /><pages/><page/>", ["<page a=\"1>2\" />", "<page/>"]),
    ("<page>a > b</page >", ["<page>a > b</page >"]),
    (
      "<page>a<page>b</page>",
      [
        "x.xml: byte 0: the <page> here is broken: no </page> comes before byte 7",
        "<page>b</page>",
      ]
    ),
    (
      "<page a=\"1 ><page>b</page>",
      ["x.xml: byte 0: the <page> here is broken: its start tag has no end", "<page>b</page>"]
    ),
    (
      " <page>a",
      ["x.xml: byte 1: the <page> here is broken: it is cut short by the end of the file"]
    ),
  ])
  func recordsAreCutByTheirTags(_ xml: String, _ expected: [String]) throws {
    #expect(try records(xml) == expected)
  }

  /// Parallel compressors cut where they like: in a text, in a tag, between records.
  @Test func aRecordThatGoesOnBelongsWhereItBegins() throws {
    let xml = Array("<a>x<page b='>'>y</page> <page/>\n<page>z > </page></a>".utf8)
    for cut in 0...xml.count {
      func open(_ bytes: ArraySlice<UInt8>) -> BufferedReader {
        BufferedReader(MemoryReader(Array(bytes), path: "x.xml"))
      }
      let first = XMLRecordReader(open(xml[..<cut]), element: "page") { open(xml[cut...]) }
      let second = XMLRecordReader(open(xml[cut...]), element: "page")
      var found: [String] = []
      for reader in [first, second] {
        while let next = try reader.next() {
          found.append(String(decoding: try next.get().bytes, as: UTF8.self))
        }
      }
      #expect(found == ["<page b='>'>y</page>", "<page/>", "<page>z > </page>"], "cut at \(cut)")
    }
  }

  @Test func aRecordAboveTheLimitIsPassedOver() throws {
    let long = "<page>" + String(repeating: "<b>x</b>", count: 100) + "</page>"
    #expect(
      try records(long + "<page/>", limit: 100)
        == ["x.xml: byte 0: longer than the limit of 100 bytes", "<page/>"])
  }

  @Test func elementsAreParsed() throws {
    let xml =
      "<?xml version=\"1.0\"?><!-- c --><a b='1 &amp; \"2\"&#10;'>x<c/>y&lt;<![CDATA[<z>]]></a>"
    let element = try XMLParser().parse(Array(xml.utf8))
    #expect(element.name == "a")
    #expect(element["b"] == Array("1 & \"2\"\n".utf8))
    #expect(element.text == Array("xy<<z>".utf8))
    #expect(element.child("c")?.children.isEmpty == true)
  }

  @Test(arguments: [
    "", "<a>", "<a></b>", "<a b=1/>", "<a b='1' b='2'/>", "<a b='<'/>", "<a>&bad;</a>", "<a>&</a>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "<a/><b/>", "x<a/>", "<a>\u{1}</a>",
    "<a>&#1;</a>",
    "<a", "<a b='1'c='2'/>", "</a>", "<a><!-- </a>", "<a>]]></a>", "<1/>", "<a>\u{0}</a>",
    "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
    String(repeating: "<a>", count: 65) + String(repeating: "</a>", count: 65),
  ])
  func whatIsNotWellFormedIsRefused(_ xml: String) {
    #expect(throws: XMLError.self) { try XMLParser().parse(Array(xml.utf8)) }
  }

  @Test func namesAreAsTheyAreWritten() throws {
    let element = try XMLParser().parse(Array("<x:a xmlns='a' xml:space='b' y:c='d'/>".utf8))
    #expect(element.name == "x:a")
    #expect(element.attributes.map(\.name) == ["xmlns", "xml:space", "y:c"])
  }

  @Test func lineEndsAreOneByte() throws {
    #expect(try XMLParser().parse(Array("<a>b\r\nc\rd</a>".utf8)).text == Array("b\nc\nd".utf8))
  }

  /// libxml2's own limit is ten million bytes; the text of an article may be longer.
  @Test func aHugeTextIsOne() throws {
    let text = [UInt8](repeating: 0x61, count: 12_000_000)
    let element = try XMLParser().parse(
      Array("<a b='".utf8) + text + Array("'>".utf8) + text + Array("</a>".utf8))
    #expect(element.text.count == text.count)
    #expect(element["b"]?.count == text.count)
  }

  /// libxml2 takes the square of their number.
  @Test func tooManyAttributesAreRefused() throws {
    func attributes(_ count: Int) -> String { (0..<count).map { " a\($0)='>'" }.joined() }
    let many =
      "<r>\(attributes(500))<![CDATA[<' ]]><!-- <' --><?x <' ?><a\(attributes(300_000))/></r>"
    let error = #expect(throws: XMLError.self) { try XMLParser().parse(Array(many.utf8)) }
    #expect(error?.description == "more than 1000 attributes in a tag")
    let few =
      "<r><![CDATA[<'\(String(repeating: "x'", count: 70_000))]]><a\(attributes(1000))/></r>"
    #expect(try XMLParser().parse(Array(few.utf8)).child("a")?.attributes.count == 1000)
  }

  @Test func whatADeclarationSaysOfTheEncodingIsIgnored() throws {
    let xml = "<?xml version='1.0' encoding='ISO-8859-1'?><a>é</a>"
    #expect(try XMLParser().parse(Array(xml.utf8)).text == Array("é".utf8))
  }

  @Test func anErrorSaysWhere() {
    let error = #expect(throws: XMLError.self) { try XMLParser().parse(Array("<a>\n<b></a>".utf8)) }
    #expect(error?.description.hasPrefix("line 2, column ") == true)
    #expect(error?.description.contains("\n") == false)
  }

  @Test func textThatIsNotUTF8IsRefused() {
    #expect(throws: XMLError.self) { try XMLParser().parse([0x3c, 0x61, 0x3e, 0xff]) }
  }
}
