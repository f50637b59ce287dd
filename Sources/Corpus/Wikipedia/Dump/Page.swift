import Formats

/// A page of a dump, as its XML says.
struct Page {
  var title: String
  /// 0 for articles; dumps before 2011 do not say.
  var namespace: Int
  var number: Int?
  var isRedirect: Bool
  /// Such as `wikitext`, or `wikibase-item`; empty in dumps before 2014.
  var model: String
  /// Of the revision, in ISO 8601.
  var timestamp: String
  var wikitext: [UInt8]

  init(_ element: XMLElement) {
    func string(_ element: XMLElement?, _ name: String) -> String {
      element?.child(name).map { String(decoding: $0.text, as: UTF8.self) } ?? ""
    }
    let revision = element.children.last { $0.name == "revision" }
    title = string(element, "title")
    namespace = Int(string(element, "ns")) ?? 0
    number = Int(string(element, "id"))
    model = string(revision, "model")
    timestamp = string(revision, "timestamp")
    wikitext = revision?.child("text")?.text ?? []
    isRedirect = element.child("redirect") != nil || Self.isRedirect(wikitext)
  }

  /// True for `#REDIRECT [[…]]` and its translations: `#`, a word, perhaps a colon, a link.
  private static func isRedirect(_ text: [UInt8]) -> Bool {
    var rest = text.drop { $0 <= 0x20 }
    guard rest.popFirst() == UInt8(ascii: "#") else { return false }
    let word = rest.prefix(64).prefix { $0 > 0x20 && $0 != 0x3a && $0 != 0x5b }
    guard !word.isEmpty, word.allSatisfy({ $0 >= 0x80 || $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a })
    else { return false }
    let target = rest[word.endIndex...].drop { $0 <= 0x20 || $0 == UInt8(ascii: ":") }
    return target.starts(with: Array("[[".utf8))
  }

  /// `https://de.wikipedia.org/wiki/Titel`.
  func url(language: String) -> String {
    var url = "https://\(language).wikipedia.org/wiki/"
    for byte in title.utf8 {
      if byte == 0x20 {
        url += "_"
      } else if unescaped.contains(byte) {
        url.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        url += "%"
        url.unicodeScalars.append(Unicode.Scalar(hexadecimalDigits[Int(byte >> 4)]))
        url.unicodeScalars.append(Unicode.Scalar(hexadecimalDigits[Int(byte & 15)]))
      }
    }
    return url
  }
}

private let hexadecimalDigits = Array("0123456789ABCDEF".utf8)

/// - SeeAlso: mediawiki/core `includes/GlobalFunctions.php`, `wfUrlencode`.
private let unescaped = ByteSet(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~;@$!*(),/:")
