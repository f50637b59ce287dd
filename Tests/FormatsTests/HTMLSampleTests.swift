import Formats
import Ground
import TestSupport
import Testing

/// Real pages: what people took for their text is there, and their character sets are found.
@Suite(.enabled(if: Samples.areHere, "\(Samples.absence)")) struct HTMLSampleTests {
  @Test func theArticlesOfRealPagesAreInTheirTexts() throws {
    let folder = "commoncrawl/extraction/aeb"
    let truth = try openDecoded(try Samples.path("\(folder)/ground-truth.json")).readToEnd()
    let parser = JSONParser()
    var checked = 0
    try parser.parse(truth).forEachMember { key, value in
      let path = try Samples.path("\(folder)/html/\(key).html.gz")
      let bytes = try openDecoded(path).readToEnd()
      let utf8 = decodeText(bytes, declared: HTMLPage.declaredCharset(in: bytes))
      var found = counts(plainText(html: utf8))
      let article = counts(value["articleBody"]?.bytes ?? [])
      var hits = 0
      for (word, count) in article {
        let there = min(count, found[word] ?? 0)
        hits += there
        found[word]? -= there
      }
      let recall = Double(hits) / Double(max(article.values.reduce(0, +), 1))
      // Some articles were transcribed with other spaces or quotes than the page has.
      #expect(recall > 0.9, "\(key): \(recall)")
      checked += 1
    }
    #expect(checked >= 40)
  }

  private func counts(_ text: [UInt8]) -> [ArraySlice<UInt8>: Int] {
    var normal: [UInt8] = []
    repairedSpaces(text, into: &normal)
    var counts: [ArraySlice<UInt8>: Int] = [:]
    for word in normal.split(whereSeparator: { $0 <= 0x20 }) { counts[word, default: 0] += 1 }
    return counts
  }

  private func repairedSpaces(_ text: [UInt8], into normal: inout [UInt8]) {
    for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
      normal.append(contentsOf: String(scalar == "\u{a0}" ? " " : scalar).utf8)
    }
  }

  @Test func sharedCasesOfDeclaredCharsets() throws {
    var checked = 0
    for file in ["tests1", "tests2"] {
      let path = try Samples.path("commoncrawl/html5lib-tests/encoding/\(file).dat")
      let text = try openDecoded(path).readToEnd()
      for part in String(decoding: text, as: UTF8.self).split(separator: "#data\n") {
        let halves = part.split(separator: "\n#encoding\n")
        guard halves.count == 2 else { continue }
        let expected = halves[1].prefix { $0 != "\n" }.lowercased()
        let found = HTMLPage.declaredCharset(in: Array(halves[0].utf8)) ?? "windows-1252"
        // Byte-order marks and labels that are none are the business of who decodes.
        if halves[0].hasPrefix("\u{feff}") || found == "bogus" { continue }
        let latin = ["iso-8859-1", "ascii", "us-ascii", "latin1", "x-user-defined"]
        let name = latin.contains(found) ? "windows-1252" : found
        checked += 1
        #expect(name.replacing("iso8859", with: "iso-8859") == expected, "\(halves[0])")
      }
    }
    #expect(checked > 60)
  }
}
