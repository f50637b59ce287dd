import Ground
import Testing

@Suite struct TextTests {
  /// The Unicode Standard, table 3-8: each maximal subpart becomes one U+FFFD.
  @Test func malformedPartsBecomeReplacementCharacters() {
    var bytes: [UInt8] = [
      0x61, 0xf1, 0x80, 0x80, 0xe1, 0x80, 0xc2, 0x62, 0x80, 0x63, 0x80, 0xbf, 0x64,
    ]
    #expect(repairUTF8(&bytes) == 6)
    #expect(
      String(decoding: bytes, as: UTF8.self)
        == "a\u{fffd}\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}d")
  }

  @Test func validTextIsLeftAlone() {
    var bytes = Array("naïve 🦙 текст".utf8)
    let before = bytes
    #expect(repairUTF8(&bytes) == 0)
    #expect(bytes == before)
  }

  @Test func surrogatesAndOverlongFormsAreInvalid() {
    #expect(!isValidUTF8([0xed, 0xa0, 0x80]))
    #expect(!isValidUTF8([0xc0, 0x80]))
    #expect(!isValidUTF8([0xf4, 0x90, 0x80, 0x80]))
    #expect(isValidUTF8([0xf4, 0x8f, 0xbf, 0xbf]))
  }

  @Test func legacyTextIsDecodedByItsDeclaredCharset() {
    let russian: [UInt8] = [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]
    #expect(decodeText(russian, declared: "windows-1251") == Array("Привет".utf8))
    #expect(decodeText([0x63, 0x61, 0x66, 0xe9]) == Array("café".utf8))
    #expect(decodeText([0x63, 0x61, 0x66, 0xe9], declared: "no-such-set") == Array("café".utf8))
    #expect(decodeText([0xff, 0xfe, 0x41, 0x00]) == Array("A".utf8))
    #expect(decodeText([0xef, 0xbb, 0xbf, 0x41]) == Array("A".utf8))
  }

  /// As on a system that has glibc without its character sets.
  @Test func aMissingCharacterSetIsNamed() throws {
    try Charset.check()
    let fault = #expect(throws: Fault.self) {
      try Charset.check(["WINDOWS-1252", "no-such-set"])
    }
    #expect(fault.map { "\($0)".contains("cannot read no-such-set") } == true)
  }

  @Test func utf8WinsOverAWrongDeclaration() {
    #expect(decodeText(Array("café".utf8), declared: "windows-1252") == Array("café".utf8))
  }
}
