import Ground
import Sample
import TestSupport
import Testing

@Suite struct TextTests {
  let sample: SampleFixture

  init() throws { sample = try SampleFixture.shared.get() }

  /// Text of all files, whatever holds it.
  private func everything() throws -> [(name: String, bytes: [UInt8])] {
    var texts: [(name: String, bytes: [UInt8])] = []
    for file in sample.summary.files {
      if file.path.hasSuffix(".7z") || file.path.contains(".tar") {
        texts += try sample.members(file.path).filter { !$0.name.hasSuffix(".gz") }
      } else {
        texts.append((file.path, try sample.decoded(file.path)))
      }
    }
    return texts
  }

  @Test func noSymbolOfAGrammarIsLeft() throws {
    // Pictures have any bytes.
    let texts = try everything().filter {
      !$0.name.hasSuffix(".png") && !$0.name.hasSuffix(".warc.gz")
    }
    for text in texts {
      let hasSymbol = text.bytes.contains(0x60)
      let hasArticle = text.bytes.contains(1)
      #expect(!hasSymbol && !hasArticle, "\(text.name)")
    }
  }

  @Test func articlesFitTheNextWord() throws {
    let books = sample.summary.files.map(\.path).filter { $0.hasSuffix("-0.txt") }
    #expect(!books.isEmpty)
    for book in books {
      let text = try sample.text(book)
      for wrong in [" a apple", " a egg", " a old ", " a early ", " an new ", " an small "] {
        #expect(!text.contains(wrong), "\(book):\(wrong)")
      }
    }
  }

  @Test func sentencesBeginWithACapitalInEveryScript() throws {
    let dump = "wikipedia/ruwiki-20220701-pages-articles-multistream.xml.bz2"
    let text = try sample.text(dump)
    var sentences = 0
    for part in text.ranges(of: ". ") {
      let next = text[part.upperBound...].unicodeScalars.first { $0.properties.isAlphabetic }
      guard let next, 0x410...0x44f ~= next.value else { continue }
      sentences += 1
      #expect(next.properties.isUppercase)
    }
    #expect(sentences > 20)
  }

  /// The words do not depend on the machine or on the compression libraries.
  @Test func theFirstSeedIsPinned() throws {
    let labels = try xxh3(sample.decoded("labels.jsonl"))
    #expect(labels == 16_099_513_624_007_219_836)
    let exports = sample.summary.files.map(\.path).filter { $0.hasSuffix(".json.gz") }
    let texts = try exports.reduce(0) { try xxh3(sample.decoded($1), seed: $0) }
    #expect(texts == 16_729_966_865_065_738_050)
  }
}
