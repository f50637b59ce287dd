import Ground
import TestSupport
import Testing
import Tokenizer

@Suite struct NormalizerTests {
  private func spec(_ tsv: String, prefix: Bool = false, drops: Bool = false) throws
    -> NormalizerSpec
  {
    let rules = try NormalizationRules(tsv: Array(tsv.utf8), file: "rules.tsv")
    return NormalizerSpec(
      name: "user_defined", charsmap: try rules.compiled(), addDummyPrefix: prefix,
      removingExtraWhitespaces: drops)
  }

  private func normalized(_ text: String, _ normalizer: Normalizer) -> String {
    String(decoding: normalizer.normalized(Array(text.utf8)), as: UTF8.self)
  }

  @Test func theLongestRuleApplies() throws {
    let normalizer = try Normalizer(try spec("61\t41\n61 62\t\n61 62 63\t7A 7A\n"), file: "m")
    #expect(normalized("abcd abd ad da", normalizer) == "zzd▁d▁Ad▁dA")
    #expect(normalized("ab", normalizer) == "")
  }

  @Test func spacesAreDroppedAlsoWhereARuleMakesThem() throws {
    let normalizer = try Normalizer(
      try spec("9\t20\n78\t20 20\n7A\t\n", prefix: true, drops: true), file: "m")
    #expect(normalized(" \t a \t bxc zz d x", normalizer) == "▁a▁b▁▁c▁d")
    #expect(normalized(" \tx ", normalizer) == "")
    // A mark of the text is no space, but at the end.
    #expect(normalized("▁a▁▁b▁", normalizer) == "▁▁a▁▁b")
  }

  @Test func symbolsAreKeptWhole() throws {
    let normalizer = try Normalizer(
      try spec("61\t41\n", drops: true), keeping: ["aa", "a b", "▁a"].map { Array($0.utf8) },
      file: "m")
    #expect(normalized("aaa a b ▁a a", normalizer) == "aaA▁a▁b▁▁a▁A")
  }

  @Test func theSpaceCanComeLast() throws {
    let normalizer = try Normalizer(
      NormalizerSpec(removingExtraWhitespaces: true), spaceIsSuffix: true, file: "m")
    #expect(normalized(" a  b ", normalizer) == "a▁b▁")
    #expect(normalized("  ", normalizer) == "")
  }

  @Test func malformedBytesAreReplacedOneByOneUnlessARuleKnowsThem() throws {
    let normalizer = try Normalizer(try spec("FFFD\t3F\n"), file: "m")
    #expect(
      normalizer.normalized([0x61, 0xff, 0xe2, 0x96]) == Array("a\u{fffd}\u{fffd}\u{fffd}".utf8))
    #expect(normalized("\u{fffd}", normalizer) == "?")
  }

  @Test func everyByteKnowsWhereItComesFrom() throws {
    let normalizer = try Normalizer(
      try spec("62 63\t58 20 59\n", prefix: true, drops: true), file: "m")
    var output: [UInt8] = []
    var origins: [Int] = []
    normalizer.normalize(Array("  a bcé  ".utf8).span, into: &output, origins: &origins)
    #expect(output == Array(" a X Yé".utf8))
    #expect(origins == [2, 2, 3, 4, 4, 4, 6, 6, 8])
  }

  @Test func linesThatAreNoRulesAreFaults() {
    for (tsv, message) in [
      ("61\t62\n\n", "r: byte 6: a rule has nothing to replace"),
      ("61\t62\nxyz\t61", "r: byte 6: xyz is not the code point of a character"),
      ("D800\t61", "r: byte 0: D800 is not the code point of a character"),
      ("61\t61", "r: byte 0: a rule replaces a string by itself"),
    ] {
      #expect {
        try NormalizationRules(tsv: Array(tsv.utf8), file: "r")
      } throws: {
        "\($0)" == message
      }
    }
    #expect(throws: Fault.self) {
      let key = (1...32).map { Array(repeating: "61", count: $0).joined(separator: " ") + "\t62" }
      _ = try NormalizationRules(tsv: Array(key.joined(separator: "\n").utf8), file: "r").compiled()
    }
  }

  @Test func namedRulesDoWhatUnicodeSays() throws {
    let rules = try #require(NormalizationRules.named("nmt_nfkc_cf"))
    let normalizer = try Normalizer(
      NormalizerSpec(name: "nmt_nfkc_cf", charsmap: try rules.compiled()), file: "m")
    #expect(
      normalized("ﬁ ½ ＡＢ ㍿\u{1}\t A\u{30a}\u{200b}x", normalizer)
        == "▁fi▁1⁄2▁ab▁株式会社▁å▁x")
    #expect(normalized("\u{1100}\u{1161}\u{11a8}ﾊﾞ～", normalizer) == "▁각バ～")
    #expect(normalized("q\u{307}\u{323} s\u{323}\u{307}", normalizer) == "▁q\u{307}\u{323}▁ṩ")
    #expect(rules.count == 226_684)
    #expect(NormalizationRules.named("identity")?.count == 0)
    #expect(NormalizationRules.named("nfkd") == nil)
  }

  /// Whatever a map holds, it is refused or works; and what it writes is text.
  @Test func brokenMapsNeverTrap() throws {
    let rules = try NormalizationRules(
      tsv: Array("61\t41\n61 62\t\nE9\t65\n20 20\t20\n300\t\n4E00 4E8C\t58 59\n".utf8), file: "r")
    let map = try rules.compiled()
    var chance = SeededGenerator(seed: 31)
    let texts = (0..<20).map { _ in
      (0..<60).map { _ in
        Bool.random(using: &chance)
          ? UInt8.random(in: 0...255, using: &chance)
          : [0x61, 0x62, 0x20, 0xc3, 0xa9].randomElement(using: &chance) ?? 0
      }
    }
    var worked = 0
    func check(_ map: [UInt8]) {
      let spec = NormalizerSpec(
        name: "x", charsmap: map, removingExtraWhitespaces: chance.next() % 2 == 0)
      guard let normalizer = try? Normalizer(spec, file: "m") else { return }
      worked += 1
      for text in texts {
        var output: [UInt8] = []
        var origins: [Int] = []
        normalizer.normalize(text.span, into: &output, origins: &origins)
        #expect(isValidUTF8(output))
        #expect(origins.isEmpty || origins.count == output.count + 1)
      }
      _ = try? Charsmap(map, file: "m").rules()
    }
    for end in 0..<map.count where end % 7 == 0 || end > map.count - 40 || end < 40 {
      check(Array(map[..<end]))
    }
    for _ in 0..<3000 {
      var hostile = map
      for _ in 0..<Int.random(in: 1...8, using: &chance) {
        // Where the rules stand rather than the gaps between them.
        var place = Int.random(in: 0..<hostile.count, using: &chance)
        if hostile[place] == 0 { place = Int.random(in: 0..<hostile.count, using: &chance) }
        hostile[place] = chance.next()
      }
      check(hostile)
    }
    for _ in 0..<200 {
      var noise = map
      for place in 4..<noise.count - 1 { noise[place] = chance.next() }
      check(noise)
    }
    #expect(worked > 100)
  }

  @Test func aTrieThatLeadsInCirclesIsRefused() throws {
    let rules = try NormalizationRules(tsv: Array("61 61\t62\n".utf8), file: "r")
    var map = try rules.compiled()
    func unit(_ node: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(map[4 + 4 * node + $1]) << UInt32(8 * $1) }
    }
    func base(_ node: Int) -> Int { node ^ Int(unit(node) >> 10) }
    let first = base(0) ^ 0x61
    // The node of `a` leads to itself for another `a`.
    let circle = UInt32(first ^ (first ^ 0x61)) << 10 | 0x61
    for index in 0..<4 {
      map[4 + 4 * first + index] = UInt8(truncatingIfNeeded: circle >> UInt32(8 * index))
    }
    #expect {
      try Charsmap(map, file: "m")
    } throws: {
      "\($0)" == "m: byte 0: precompiled_charsmap, byte 4: the trie leads in circles"
    }
  }

  @Test func aMapHasTheRulesItWasMadeOf() throws {
    var chance = SeededGenerator(seed: 32)
    for round in 0..<40 {
      var tsv = ""
      var known: Set<String> = []
      for _ in 0..<(round * 20 + 1) {
        func points(_ counts: ClosedRange<Int>) -> String {
          (0..<Int.random(in: counts, using: &chance)).map { _ in
            let limit: UInt32 = [0x70, 0x180, 0x3000].randomElement(using: &chance) ?? 0x70
            return String(UInt32.random(in: 0x61..<limit, using: &chance), radix: 16)
          }.joined(separator: " ")
        }
        let source = points(1...4)
        if known.insert(source).inserted { tsv += "\(source)\t\(points(0...3)) 41\n" }
      }
      let rules = try NormalizationRules(tsv: Array(tsv.utf8), file: "r")
      let found = try #require(try Charsmap(try rules.compiled(), file: "m").rules())
      #expect(found.count == rules.count)
      for (source, target) in found { #expect(rules.target(of: source) == target) }
    }
  }
}
