import Formats
import Ground

/// Which wiki a dump is of.
struct Site: Sendable {
  /// The language's code in the wiki's address, such as `de`; empty for a wiki that is no Wikipedia.
  var language: String
  var names = LocalNames()

  /// - Parameters:
  ///   - fileName: Of the form `dewiki-20220620-pages-articles.xml.bz2`, it says the wiki: such names
  ///     come from Wikimedia, while the head of a dump made by hand may be copied from another.
  ///   - head: The dump's first bytes, whose `<siteinfo>` says the wiki where the name does not, and
  ///     how it calls its namespaces.
  init(fileName: String, head: [UInt8]) {
    let info = Self.siteInfo(in: head)
    let named = Self.databaseName(in: fileName)
    let stated = info?.child("dbname")?.text ?? Self.databaseName(ofBase: info?.child("base")?.text)
    let database = named ?? stated.map { String(decoding: $0, as: UTF8.self) } ?? ""
    language = Self.language(ofDatabase: database)
    for namespace in info?.child("namespaces")?.children ?? [] {
      guard let key = namespace["key"] else { continue }
      let name = String(decoding: namespace.text, as: UTF8.self)
      switch String(decoding: key, as: UTF8.self) {
      case "6", "-2": names.media.append(name)
      case "14": names.category.append(name)
      default: break
      }
    }
  }

  /// `dewiki` of `dewiki-20220620-pages-articles.xml.bz2`; nil for other names.
  private static func databaseName(in fileName: String) -> String? {
    guard fileName.utf8.contains(where: { $0 == UInt8(ascii: "-") }) else { return nil }
    let name = fileName.prefix { $0 != "-" }
    let isName = name.utf8.allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a || $0 == 0x5f }
    return isName && name.hasSuffix("wiki") ? String(name) : nil
  }

  /// `dewiki` of `https://de.wikipedia.org/wiki/…`, as UTF-8.
  private static func databaseName(ofBase base: [UInt8]?) -> [UInt8]? {
    guard let base else { return nil }
    let host = String(decoding: base, as: UTF8.self).split(separator: "/").dropFirst().first
    let parts = host?.split(separator: ".") ?? []
    guard parts.count == 3, parts[1] == "wikipedia" else { return nil }
    return Array("\(parts[0])wiki".utf8)
  }

  /// `zh-min-nan` of `zh_min_nanwiki`.
  private static func language(ofDatabase name: String) -> String {
    guard name.hasSuffix("wiki") else { return "" }
    return String(name.dropLast(4).map { $0 == "_" ? "-" : $0 })
  }

  private static func siteInfo(in head: [UInt8]) -> XMLElement? {
    let reader = XMLRecordReader(
      BufferedReader(MemoryReader(head, path: "siteinfo")), element: "siteinfo")
    guard case .success(let record)? = try? reader.next() else { return nil }
    return try? XMLParser().parse(record.bytes)
  }
}
