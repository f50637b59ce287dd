import Ground
import TestSupport
import Testing
import Tokenizer

@Suite struct ModelTests {
  @Test(.enabled(if: Samples.areHere, Comment(rawValue: Samples.absence)))
  func readingAndWritingThePublishedModelGivesTheSameBytes() throws {
    let model = try TokenizerModel(path: try Samples.path("tokenizer/tokenizer.model"))
    #expect(
      hexadecimal(sha256(model.serialized().span))
        == "9e556afd44213b6bd1be2b850ebbbd98f5481437a8021afaf58ee7fb1818d347")
  }
}
