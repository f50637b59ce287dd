import Formats
import Ground
import TestSupport
import Testing

/// The tokenizer against the cases that browsers share, html5lib-tests.
@Suite struct HTMLTokenizerTests {
  private static let folder = "commoncrawl/html5lib-tests/tokenizer"

  @Test(
    .enabled(if: Samples.areHere, "\(Samples.absence)"),
    arguments: [
      ("contentModelFlags", 20), ("domjs", 40), ("escapeFlag", 5), ("numericEntities", 300),
      ("pendingSpecChanges", 1), ("test1", 60), ("test3", 1000),
    ])
  func sharedCases(file: String, atLeast: Int) throws {
    let bytes = try openDecoded(try Samples.path("\(Self.folder)/\(file).test")).readToEnd()
    let parser = JSONParser()
    let root = try parser.parse(bytes)
    var checked = 0
    for test in root["tests"]?.elements ?? [] {
      let states = test["initialStates"]?.elements.compactMap(\.string) ?? ["Data state"]
      for state in states where state != "CDATA section state" && state != "PLAINTEXT state" {
        let isDouble = test["doubleEscaped"]?.bool ?? false
        guard let input = unescaped(test["input"]?.bytes ?? [], isDouble) else { continue }
        let expected = self.expected(test["output"]?.elements ?? [], isDouble)
        let found = tokens(of: input, state, lastTag: test["lastStartTag"]?.string)
        checked += 1
        #expect(found == expected, "\(test["description"]?.string ?? ""), \(state)")
      }
    }
    #expect(checked >= atLeast)
  }

  @Test func everyNameHasItsScalars() throws {
    // Ends of the table, the longest name, and one of two scalars.
    for (text, decoded) in [
      ("&AElig;", "\u{c6}"), ("&zwnj;", "\u{200c}"), ("&NotEqualTilde;", "\u{2242}\u{338}"),
      ("&CounterClockwiseContourIntegral;", "\u{2233}"), ("&nosuch;", "&nosuch;"),
      ("&notit;", "\u{ac}it;"), ("&notin;", "\u{2209}"), ("&ampx", "&x"), ("&hellip", "&hellip"),
      ("&CounterClockwiseContourIntegralX;", "&CounterClockwiseContourIntegralX;"),
    ] {
      #expect(decode(text) == decoded)
    }
  }

  @Test func numbersFollowWindows1252AndNeverOverflow() {
    #expect(
      decode("&#128;&#x9f;&#0;&#xd800;&#1114112;") == "\u{20ac}\u{178}\u{fffd}\u{fffd}\u{fffd}")
    #expect(decode("&#99999999999999999999;&#x10FFFF;") == "\u{fffd}\u{10ffff}")
    #expect(decode("&#;&#x;&#xg") == "&#;&#x;&#xg")
  }

  @Test func inAttributesAReferenceMustEnd() {
    var tokenizer = HTMLTokenizer(Array("<a href='?a=b&copy=1&lt;&amp'>".utf8))
    guard case .start(let tag)? = tokenizer.next() else {
      Issue.record("no tag")
      return
    }
    #expect(tokenizer.attribute("href", of: tag) == Array("?a=b&copy=1<&".utf8))
  }

  private func decode(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return String(
      decoding: decodedReferences(in: bytes, 0..<bytes.count, isAttribute: false), as: UTF8.self)
  }

  private func tokens(of input: [UInt8], _ state: String, lastTag: String?) -> [[String]] {
    let isRaw = state != "Data state"
    let opener = isRaw ? Array("<\(lastTag ?? "script")>".utf8) : []
    let bytes = opener + input
    var tokenizer = HTMLTokenizer(bytes)
    var tokens: [[String]] = []
    if isRaw, case .start(let tag)? = tokenizer.next() {
      let range = tokenizer.rawText(of: tag)
      let text =
        state == "RCDATA state"
        ? decodedReferences(in: bytes, range, isAttribute: false) : Array(bytes[range])
      tokens.appendText(named(text))
    }
    while let token = tokenizer.next() {
      switch token {
      case .text(let range):
        let text = decodedReferences(in: bytes, range, isAttribute: false)
        tokens.appendText(String(decoding: text, as: UTF8.self))
      case .start(let tag):
        let attributes = tokenizer.attributes(of: tag)
          .map { "\(named($0.name))=\(named($0.value))" }.sorted()
        let name = named(bytes[tag.name].map(lowered))
        tokens.append(["StartTag", name] + attributes + (tag.isSelfClosing ? ["/"] : []))
      case .end(let tag): tokens.append(["EndTag", named(bytes[tag.name].map(lowered))])
      case .comment(let range): tokens.append(["Comment", named(Array(bytes[range]))])
      case .doctype: tokens.append(["DOCTYPE"])
      }
    }
    return tokens
  }

  private func expected(_ output: [JSONNode], _ isDouble: Bool) -> [[String]] {
    var tokens: [[String]] = []
    for node in output {
      let parts = node.elements
      let kind = parts.first?.string ?? ""
      let text = parts.count > 1 ? string(parts[1], isDouble) : ""
      switch kind {
      case "Character": tokens.appendText(text)
      case "DOCTYPE": tokens.append([kind])
      case "StartTag":
        var attributes: [String] = []
        parts[2].forEachMember { name, value in
          let name = unescaped(Array(name.utf8), isDouble) ?? []
          attributes.append("\(String(decoding: name, as: UTF8.self))=\(string(value, isDouble))")
        }
        let isSelfClosing = parts.count > 3 && parts[3].bool == true
        tokens.append([kind, text] + attributes.sorted() + (isSelfClosing ? ["/"] : []))
      default: tokens.append([kind, text])
      }
    }
    return tokens
  }

  private func string(_ node: JSONNode, _ isDouble: Bool) -> String {
    String(decoding: unescaped(node.bytes ?? [], isDouble) ?? [], as: UTF8.self)
  }

  /// Line ends as the standard's input stream has them; `\uXXXX` decoded where `isDouble` says so;
  /// nil for a surrogate, which UTF-8 cannot hold.
  private func unescaped(_ bytes: [UInt8], _ isDouble: Bool) -> [UInt8]? {
    var text = String(decoding: bytes, as: UTF8.self)
    if isDouble {
      var result = String.UnicodeScalarView()
      var rest = Substring(text).unicodeScalars
      while let scalar = rest.popFirst() {
        if scalar == "\\", rest.first == "u" {
          let digits = String(rest.dropFirst().prefix(4))
          guard let number = UInt32(digits, radix: 16), let decoded = Unicode.Scalar(number) else {
            return nil
          }
          result.append(decoded)
          rest = rest.dropFirst(5)
        } else {
          result.append(scalar)
        }
      }
      text = String(result)
    }
    var normal: [UInt8] = []
    for byte in text.utf8 {
      if byte == 0x0a && normal.last == 0x0d { normal.removeLast() }
      normal.append(byte)
    }
    return normal.map { $0 == 0x0d ? 0x0a : $0 }
  }
}

private func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte + 32 : byte }

/// Outside of plain text, U+0000 becomes U+FFFD, which no caller of the tokenizer minds.
private func named(_ bytes: [UInt8]) -> String {
  String(decoding: bytes, as: UTF8.self).replacing("\0", with: "\u{fffd}")
}

extension [[String]] {
  fileprivate mutating func appendText(_ text: String) {
    if text.isEmpty { return }
    if last?.first == "Character" {
      self[count - 1][1] += text
    } else {
      append(["Character", text])
    }
  }
}
