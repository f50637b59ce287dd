import Foundation
import Ground
import TestSupport
import TextModels
import Testing

@Suite struct CCNetNormalizerTests {
  private let normalizer = CCNetNormalizer()

  private func form(_ text: String) -> String {
    String(decoding: normalizer.normalized(Array(text.utf8)), as: UTF8.self)
  }

  @Test(
    arguments: [
      ("", ""),
      (" \n\u{2003} ", ""),
      ("\tA Quipu\u{85}", "a quipu"),
      ("Café, ÅNGSTRÖM, naïve", "cafe, angstrom, naive"),
      ("1985 — ٣٤ １２ ²", "0000  -  00 00 ²"),
      ("«Ja», “no” …  ％．x", "\"ja\", \"no\" ...  %. x"),
      ("one\ntwo\r\n\u{0}three\u{9f}", "onetwothree"),
      ("İstanbul", "istanbul"),
      ("ΟΔΥΣΣΕΥΣ ΣΑΣ.", "οδυσσευς σας."),
      ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
      ("\u{2329}x\u{232a}", "<x>"),
      ("\u{f900} \u{2f81a}", "\u{8c48} \u{51ac}"),
      ("😀 𝟘𝟙 𐐀", "😀 00 𐐨"),
      ("a\u{e0100}b\u{301}", "ab"),
      // A decomposed note; marks that canonical order turns round, and a letter between two such.
      ("\u{1d160}", "\u{1d158}\u{1d165}\u{1d16e}"),
      ("\u{1d158}\u{1d16d}\u{1d165}", "\u{1d158}\u{1d165}\u{1d16d}"),
      ("\u{1d158}\u{1d16d}\u{34f}\u{1d165}", "\u{1d158}\u{1d16d}\u{1d165}"),
    ] as [(String, String)])
  func becomes(text: String, form: String) {
    #expect(Array(self.form(text).unicodeScalars) == Array(form.unicodeScalars))
  }

  @Test func malformedBytesAreReplacementCharacters() {
    #expect(normalizer.normalized([0x41, 0xff, 0xc3, 0x42]) == Array("a\u{fffd}\u{fffd}b".utf8))
  }

  /// Every scalar that the Python knows, and mixtures, against CCNet's steps written anew there.
  ///
  /// Unicode 16 has made a spacing mark of U+1171E.
  @Test(.enabled(if: Python.isHere, Comment(rawValue: Python.absence)))
  func equalsPython() throws {
    let answer = try Python.run(Self.oracle)
    var count = 0
    for line in answer.split(separator: 0x0a) {
      let parts = line.split(separator: 0x20, omittingEmptySubsequences: false).map(unhex)
      #expect(normalizer.normalized(parts[0]) == parts[1], "\(parts[0])")
      count += 1
    }
    #expect(count > 20_000)
  }

  private static let oracle = """
    import random, re, unicodedata
    \(ccnetNormalize)
    def tell(text):
        print(text.encode().hex(), normalize(text).encode().hex())
    known = [chr(n) for n in range(0x110000)
             if not 0xD800 <= n < 0xE000 and n != 0x1171E and unicodedata.category(chr(n)) != 'Cn']
    for start in range(0, len(known), 16):
        tell('x' + 'x'.join(known[start:start + 16]) + 'x')
    dice = random.Random(7)
    some = [c for c in known if unicodedata.combining(c) or unicodedata.decomposition(c)]
    pools = [known, some, 'ΣσςΑ. \\'\\u0301', '\\U0001D158\\U0001D165\\U0001D16D\\u034F\\u302E\\n\\u0301x',
             list(marks), 'aBcD eF09', 'ÀéîÕüÿŽ', '가힣각', ' \\t\\n\\u00a0\\u3000\\x1c\\x85']
    for _ in range(20000):
        pool = [dice.choice(pools) for _ in range(dice.randint(1, 3))]
        tell(''.join(dice.choice(dice.choice(pool)) for _ in range(dice.randint(0, 24))))
    """
}

func unhex(_ digits: ArraySlice<UInt8>) -> [UInt8] {
  var bytes: [UInt8] = []
  var high: UInt8?
  for digit in digits {
    let value = digit < 0x40 ? digit - 0x30 : digit - 0x57
    if let first = high {
      bytes.append(first << 4 | value)
      high = nil
    } else {
      high = value
    }
  }
  return bytes
}
