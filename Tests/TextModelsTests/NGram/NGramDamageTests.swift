import Ground
import TestSupport
import Testing
import TextModels

/// Files that are cut, changed, foreign or of another version.
@Suite struct NGramDamageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Opens these bytes and scores with what opens; gives the fault if there is one.
  private func open(_ bytes: [UInt8]) throws -> Fault? {
    let path = try folder.write(bytes, to: "model")
    do throws(Fault) {
      let model = try NGramModel(path: path)
      let scratch = NGramScratch()
      _ = model.score(words: Array(0..<60))
      let text = "the old weaver ties two knots in the red cord over the mountain"
      _ = model.score(text: Array(text.utf8), scratch)
      _ = model.summary
      _ = model.words().count
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: NGramGoldens.names)
  func everyPrefixIsRefused(name: String) throws {
    let bytes = try NGramGoldens.bytes(NGramGoldens.path(name))
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(try open(Array(bytes.prefix(count))) != nil, "\(name) cut to \(count) bytes")
    }
    #expect(try open(Array(bytes.dropLast())) != nil)
    #expect(try open(bytes) == nil)
  }

  @Test(arguments: NGramGoldens.names)
  func flippedBytesNeverTrap(name: String) throws {
    let bytes = try NGramGoldens.bytes(NGramGoldens.path(name))
    var random = SeededGenerator(seed: 7)
    for round in 0..<600 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        // The numbers in front decide the most; every other round changes them.
        let end = round % 2 == 0 ? bytes.count : 260
        damaged[Int.random(in: 88..<end, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      _ = try open(damaged)
    }
  }

  @Test(arguments: NGramGoldens.names)
  func runsOfOnesAndZerosNeverTrap(name: String) throws {
    let bytes = try NGramGoldens.bytes(NGramGoldens.path(name))
    let start = 144
    for fill: UInt8 in [0, 0x7f, 0xff] {
      for place in stride(from: start, to: bytes.count, by: 97) {
        var damaged = bytes
        for byte in place..<min(bytes.count, place + 400) { damaged[byte] = fill }
        _ = try open(damaged)
      }
    }
  }

  private func changed(_ name: String, _ place: Int, _ new: [UInt8]) throws -> [UInt8] {
    var bytes = try NGramGoldens.bytes(NGramGoldens.path(name))
    bytes.replaceSubrange(place..<place + new.count, with: new)
    return bytes
  }

  private func expect(
    _ fault: Fault?, at offset: UInt64, _ part: String,
    _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(fault?.offset == offset, sourceLocation: location)
    #expect(
      fault?.cause.description.contains(part) == true, "\(fault as Any)", sourceLocation: location)
  }

  @Test func headersOfOtherVersionsSayWhatTheyAre() throws {
    expect(try open(changed("trie", 49, Array("6".utf8))), at: 49, "newer KenLM (format 6")
    expect(try open(changed("trie", 49, Array("4".utf8))), at: 49, "older KenLM (format 4")
    expect(try open(changed("trie", 49, Array("x".utf8))), at: 49, "KenLM")
    let incomplete = Array("mmap lm http://kheafield.com/code incomplete\n".utf8)
    expect(try open(incomplete + Array(repeating: 0, count: 200)), at: 0, "did not finish")
    expect(try open(changed("trie", 60, [0x3f, 0x80, 0, 0])), at: 60, "other byte order")
    expect(try open(changed("trie", 76, [1, 0, 0, 0, 0])), at: 76, "32-bit")
    expect(try open(changed("trie", 65, [9])), at: 65, "test numbers")
    expect(try open(changed("trie", 88, [7])), at: 88, "order 7")
    expect(try open(changed("trie", 88, [1])), at: 88, "order 1")
    expect(try open(changed("trie", 92, [0, 0, 0, 0])), at: 92, "multiplier")
    expect(try open(changed("trie", 92, [0, 0, 0xc0, 0x7f])), at: 92, "multiplier")
    expect(try open(changed("trie", 96, [6])), at: 96, "model type 6")
    expect(try open(changed("trie", 104, [2])), at: 104, "version 2 of the trie")
    expect(try open(changed("probing", 104, [1])), at: 104, "version 1 of the probing")
  }

  @Test func liesAboutSizesAreFound() throws {
    let many = Array(repeating: UInt8(0xff), count: 8)
    expect(try open(changed("trie", 108, many)), at: 108, "no file can hold")
    expect(try open(changed("probing", 116, many)), at: 108, "no file can hold")
    expect(try open(changed("probing", 116, [0, 0, 0, 0, 1])), at: 108, "expected")
    expect(try open(changed("array", 116, [0, 0, 0, 0, 1])), at: 108, "expected")
    expect(try open(changed("trie", 144, [46])), at: 144, "46 words")
    expect(try open(changed("probing", 148, [48])), at: 148, "48 words")
    expect(try open(changed("probing", 144, [1])), at: 144, "version 1 of the vocabulary")
    expect(try open(changed("quantized", 144 + 46 * 8 + 8, [3])), at: 520, "version 3 of quant")
    expect(try open(changed("quantized", 144 + 46 * 8 + 9, [26])), at: 521, "26 and 3 bits")
    let array = 144 + 8 + 46 * 8 + 48 * 16
    expect(try open(changed("array", array, [1])), at: UInt64(array), "version 1 of pointer")
  }

  @Test func theWordsAreCounted() throws {
    let bytes = try NGramGoldens.bytes(NGramGoldens.path("trie"))
    #expect(try open(bytes + Array("llama\0".utf8)) != nil)
    #expect(try open(bytes + Array("x".utf8)) != nil)
    var without = bytes
    without[100] = 0
    #expect(try open(without) == nil)
  }

  @Test func foreignFilesAreNamed() throws {
    expect(try open([]), at: 0, #"before \data\"#)
    expect(try open(Array("mmap lm http://kheafield.com/cod".utf8)), at: 0, "not a KenLM binary")
    expect(try open(Array("iARPA\n".utf8)), at: 0, "IRSTLM")
    expect(try open(Array("blmt 4 5\n".utf8)), at: 0, "IRSTLM")
    expect(try open([0xba, 0x16, 0x4f, 0x2f, 12, 0, 0, 0, 10]), at: 0, "not a language model")
    #expect(try open(Array(repeating: 0xff, count: 5000)) != nil)
  }

  /// A weight that is no number makes the scores that it enters none, and no others.
  @Test func damagedWeightsEnterTheScore() throws {
    let bytes = try NGramGoldens.bytes(NGramGoldens.path("probing"))
    let model = try NGramModel(path: NGramGoldens.path("probing"))
    let vocabulary = 8 + 12 * (46 * 3 / 2)
    let weaver = model.wordID(Array("weaver".utf8))
    var damaged = bytes
    let place = 144 + vocabulary + 8 * Int(weaver)
    damaged.replaceSubrange(place..<place + 4, with: [0, 0, 0xc0, 0x7f])
    let path = try folder.write(damaged, to: "damaged")
    let other = try NGramModel(path: path)
    #expect(other.score(words: [weaver], begin: false, end: false).log10.isNaN)
    let cord = [model.wordID(Array("cord".utf8))]
    #expect(other.score(words: cord) == model.score(words: cord))
  }
}
