import Ground
import TestSupport
import Testing
import TextModels

/// ARPA text as KenLM reads it, and what is refused.
@Suite struct ArpaTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private static let good = """
    \\data\\
    ngram 1=4
    ngram 2=3

    \\1-grams:
    -1.5\t<unk>
    0\t<s>\t-0.25
    -1.25\t</s>
    -0.5\tword\t-0.125

    \\2-grams:
    -0.75\t<s> word
    -0.5\tword word
    -0.25\tword </s>

    \\end\\

    """

  private func open(_ text: String, _ rules: ArpaRules = ArpaRules()) throws -> NGramModel {
    try NGramModel(path: try folder.write(text, to: "model.arpa"), rules: rules)
  }

  private func edited(_ part: String, _ new: String) -> String {
    Self.good.replacing(part, with: new, maxReplacements: 1)
  }

  private func sum(_ model: NGramModel, _ text: String) -> Float {
    let scratch = NGramScratch()
    return model.score(text: Array(text.utf8), scratch).log10
  }

  @Test func scoresByHand() throws {
    let model = try open(Self.good)
    #expect(model.order == 2 && model.counts == [4, 3] && model.wordCount == 4)
    #expect(sum(model, "word word") == -0.75 - 0.5 - 0.25)
    #expect(sum(model, "what") == -0.25 - 1.5 - 1.25)
    #expect(sum(model, "") == -0.25 - 1.25)
  }

  @Test(arguments: [
    ("\n", "\r\n"), (" word\n-0.5\tword ", "\tword\n\n  -0.5 word  "),
    ("\\data", "# comment\n\n\\data"),
    ("-0.75", "-7.5e-1"), ("-0.75", "-0.750000000000000000000000000"), ("\t<s> word", " <s> word"),
    ("word </s>", "word </s>\t0"), ("\\end\\\n", "\\end\\"), ("<unk>", "<UNK>"),
  ])
  func laxSpellingsAreTheSame(old: String, new: String) throws {
    let text =
      old == "\n"
      ? Self.good.split(separator: "\n", omittingEmptySubsequences: false)
        .joined(separator: "\r\n") : edited(old, new)
    let (model, plain) = (try open(text), try open(Self.good))
    for text in ["word word", "what", "", "word what word"] {
      #expect(sum(model, text) == sum(plain, text))
    }
  }

  @Test(arguments: [
    ("\\data\\", "data", 0, "first line"),
    ("ngram 1=4", "ngram 2=4", 1, "ngram 1="),
    ("ngram 1=4", "ngram 1=x", 1, "ngram 1="),
    ("ngram 2=3", "ngram 2=4", 15, "expected a 2-gram's logarithm"),
    ("ngram 2=3", "ngram 2=2", 13, "expected \\end\\"),
    ("ngram 1=4", "ngram 1=5", 10, "expected a 1-gram's logarithm"),
    ("ngram 1=4", "ngram 1=3", 8, "expected \\2-grams:"),
    ("ngram 2=3", "ngram 2=99999999999", 3, "the counts need"),
    ("2=3\n", "2=3\nngram 3=0\nngram 4=0\nngram 5=0\nngram 6=0\nngram 7=0\n", 8, "order 7"),
    ("\\end\\\n", "", 15, "ends before \\end\\"),
    ("\\end\\\n", "\\end\\\nmore", 16, "something follows"),
    ("-0.5\tword\t", "-0.5 word\t", 8, "no tab follows"),
    ("-0.5\tword word", "-0.5\tword", 12, "fewer than 2 words"),
    ("-0.5\tword word", "-0.5\tword thing", 12, "\"thing\" is not among"),
    ("-0.5\tword word", "nan\tword word", 12, "logarithm"),
    ("-0.5\tword word", "0x1\tword word", 12, "logarithm"),
    ("-0.5\tword word", "0.5\tword word", 12, "above 0"),
    ("-0.5\tword word", "-0.5\tword word\t-1", 12, "nothing continues"),
    ("word\t-0.125", "word\tnan", 8, "expected a tab and a weight"),
    ("word\t-0.125", "word\tinf", 8, "expected a tab and a weight"),
    ("word\t-0.125", "word -0.125", 8, "expected a tab and a weight"),
    ("-1.25\t</s>", "-1.25\tword", 8, "comes twice"),
    ("<s>\t", "<x>\t", 8, "<s> is not among"),
  ])
  func flawsAreFound(old: String, new: String, line: Int, part: String) throws {
    let text = edited(old, new)
    let before = text.split(separator: "\n", omittingEmptySubsequences: false).prefix(line)
    let fault = #expect(throws: Fault.self) { try open(text) }
    #expect(fault?.cause.description.contains(part) == true, "\(fault as Any)")
    #expect(fault?.offset == UInt64(before.reduce(0) { $0 + $1.utf8.count + 1 }), "\(fault as Any)")
    // The builder of tries reads the same way, though it sees some flaws later.
    let path = try folder.write(text, to: "model.arpa")
    let second = #expect(throws: Fault.self) {
      try NGramBinary.build(from: path, to: "\(folder.path)/out", NGramBinarySettings(.trie))
    }
    #expect(second?.cause.description.contains(part) == true, "\(second as Any)")
  }

  @Test func aContextMustBeThere() throws {
    let text = Self.good.replacing("ngram 2=3", with: "ngram 2=3\nngram 3=1").replacing(
      "\\end\\", with: "\\3-grams:\n-0.5\tword <s> word\n\n\\end\\")
    for structure in NGramBinarySettings.Structure.allCases {
      let path = try folder.write(text, to: "model.arpa")
      let fault = #expect(throws: Fault.self) {
        try NGramBinary.build(from: path, to: "\(folder.path)/out", NGramBinarySettings(structure))
      }
      #expect(fault?.cause.description.contains("words") == true)
    }
    #expect(try names(in: folder.path) == ["model.arpa"])
  }

  @Test func rulesLetFlawsPass() throws {
    var rules = ArpaRules()
    rules.unknownLogarithm = -7
    rules.allowsMissingMarks = true
    rules.clampsPositive = true
    let text = edited("-1.5\t<unk>\n", "").replacing("ngram 1=4", with: "ngram 1=3")
    let unknown = try open(text, rules)
    #expect(sum(unknown, "what") == -0.25 - 7 - 1.25)
    #expect(unknown.warnings.count == 1 && unknown.wordCount == 4)
    let hot = try open(edited("-0.5\tword word", "0.5\tword word"), rules)
    #expect(sum(hot, "word word") == -0.75 - 0.25 && hot.warnings.count == 1)
    let bare = try open(
      "\\data\\\nngram 1=1\nngram 2=0\n\n\\1-grams:\n-1\ta\n\n\\2-grams:\n\n\\end\\\n", rules)
    #expect(bare.begin == 0 && bare.end == 0 && bare.warnings.count == 3)
    #expect(sum(bare, "a") == -8)
  }

  @Test func aModelOfSingleWords() throws {
    let text = "\\data\\\nngram 1=4\n\n\\1-grams:\n-1\t<unk>\n-2\ta\n0\t<s>\n-0.5\t</s>\n\\end\\\n"
    let model = try open(text)
    #expect(model.order == 1 && model.counts == [4])
    #expect(sum(model, "a b") == -2 - 1 - 0.5)
    let path = try folder.write(text, to: "model.arpa")
    #expect(throws: Fault.self) { try NGramBinary.build(from: path, to: "\(folder.path)/out") }
  }

  @Test func compressedTextIsRead() throws {
    let plain = try NGramModel(path: NGramGoldens.arpa)
    let path = "\(folder.path)/model.arpa.zst"
    var file = try ZstdFile(path: path)
    try file.write(try NGramGoldens.bytes(NGramGoldens.arpa))
    try file.commit()
    let model = try NGramModel(path: path)
    let ids = Array<UInt32>(0..<46)
    #expect(model.wordScores(ids) == plain.wordScores(ids))
  }

  @Test func everyPrefixOfATextIsRefused() throws {
    let bytes = Array(Self.good.utf8)
    for count in 0..<bytes.count - 2 {
      let path = try folder.write(Array(bytes.prefix(count)), to: "cut")
      #expect(throws: Fault.self) { try NGramModel(path: path) }
    }
  }

  @Test func damagedTextNeverTraps() throws {
    let bytes = Array(Self.good.utf8)
    var random = SeededGenerator(seed: 9)
    for _ in 0..<300 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        damaged[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
          in: 0...255, using: &random)
      }
      let path = try folder.write(damaged, to: "cut")
      _ = try? NGramModel(path: path)
    }
  }
}
