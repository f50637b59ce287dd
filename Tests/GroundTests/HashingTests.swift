import Ground
import Testing

@Suite struct HashingTests {
  /// From the reference implementation's own check values: xxhsum of the empty input.
  @Test func xxh3OfNothing() {
    #expect(xxh3([]) == 0x2d06_8005_38d3_94c2)
    #expect(xxh3Wide([]).description == "99aa06d3014798d86001c324468d497f")
  }

  /// FIPS 180-4's example message.
  @Test func shaOfABC() {
    let abc = Array("abc".utf8)
    #expect(hexadecimal(sha1(abc.span)) == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(
      hexadecimal(sha256(abc.span))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(sha1Prefix(abc.span) == 0x6a81_0647_363e_99a9)
  }

  @Test func aWideHashReadsItsOwnDigits() {
    let hash = Hash128(high: 5, low: .max)
    #expect(hash.description == "0000000000000005ffffffffffffffff")
    #expect(Hash128(hash.description) == hash)
    #expect(Hash128("00000000000000050000000000000xyz") == nil)
    #expect(Hash128("+000000000000005ffffffffffffffff") == nil)
    #expect(Hash128("05") == nil)
  }
}
