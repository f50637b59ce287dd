import Ground
import TestSupport
import Testing
import TextModels

/// Built binaries against those of KenLM's program, byte for byte, and against one another.
@Suite struct NGramBuildTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func built(_ settings: NGramBinarySettings, from arpa: String) throws -> [UInt8] {
    let path = "\(folder.path)/built"
    try NGramBinary.build(from: arpa, to: path, settings)
    return try NGramGoldens.bytes(path)
  }

  @Test(
    arguments: NGramGoldens.builds.compactMap { build in build.settings.map { (build.name, $0) } })
  func buildsWhatKenLMBuilds(name: String, settings: NGramBinarySettings) throws {
    let golden = try NGramGoldens.bytes(NGramGoldens.path(name))
    #expect(try built(settings, from: NGramGoldens.arpa) == golden)
    var wordless = settings
    wordless.includesWords = false
    let bytes = try built(wordless, from: NGramGoldens.arpa)
    #expect(bytes.count < golden.count && bytes[100] == 0)
    #expect(bytes[108...] == golden[108..<bytes.count])
    let model = try NGramModel(path: "\(folder.path)/built")
    #expect(!model.hasWords && model.words().isEmpty && model.wordID(Array("cord".utf8)) != 0)
    #expect(try names(in: folder.path) == ["built"])
  }

  /// A text with more n-grams than the sorter's memory holds, many of them without their ends.
  @Test func memoryChangesNothing() throws {
    let arpa = try folder.write(RandomArpa.text(seed: 3, order: 5), to: "random.arpa")
    var settings = NGramBinarySettings(.trie)
    for (bits, array) in [(nil, nil), (5, nil), (nil, 20), (6, 255)] as [(Int?, Int?)] {
      settings.probabilityBits = bits
      settings.pointerBits = array
      settings.memory = 1 << 30
      let whole = try built(settings, from: arpa)
      settings.memory = 0
      #expect(try built(settings, from: arpa) == whole)
    }
  }

  /// Where no weight is quantised, every structure is the same model.
  @Test(arguments: 2...6)
  func structuresAgree(order: Int) throws {
    let arpa = try folder.write(RandomArpa.text(seed: UInt64(order), order: order), to: "r.arpa")
    let text = try NGramModel(path: arpa)
    var random = SeededGenerator(seed: 1)
    let words = text.words()
    let texts = (0..<50).map { _ in
      let picked = (0..<20).map { _ in words[Int.random(in: 0..<words.count, using: &random)] }
      return Array(picked.joined(separator: [0x20]))
    }
    let scratch = NGramScratch()
    for array in [nil, 30] as [Int?] {
      var settings = NGramBinarySettings(.trie)
      settings.pointerBits = array
      try NGramBinary.build(from: arpa, to: "\(folder.path)/trie", settings)
      let trie = try NGramModel(path: "\(folder.path)/trie")
      for bytes in texts {
        let here = trie.wordScores(trie.wordIDs(of: bytes.span, scratch))
        let there = text.wordScores(text.wordIDs(of: bytes.span, scratch))
        #expect(here == there)
      }
    }
  }

  /// In a trie, blanks need not be contexts where an n-gram above them is one: with these words, whose
  /// numbers go up and down, they are not.
  @Test(arguments: [nil, 20] as [Int?])
  func gapsBelowAContextAreCrossed(pointerBits: Int?) throws {
    let words = ["<unk>", "<s>", "</s>", "e", "s", "z", "y", "c"]
    let unigrams = words.map { "-2\t\($0)\n" }.joined()
    let text = """
      \\data\\
      ngram 1=8
      ngram 2=1
      ngram 3=1
      ngram 4=1
      ngram 5=1

      \\1-grams:
      \(unigrams)
      \\2-grams:
      -1\te s

      \\3-grams:
      -0.5\te s z

      \\4-grams:
      -0.25\te s z y

      \\5-grams:
      -0.125\te s z y c

      \\end\\

      """
    var settings = NGramBinarySettings(.trie)
    settings.pointerBits = pointerBits
    _ = try built(settings, from: try folder.write(text, to: "gaps.arpa"))
    let model = try NGramModel(path: "\(folder.path)/built")
    let scores = model.wordScores("eszyc".utf8.map { model.wordID([$0]) }, end: false)
    #expect(scores.map(\.length) == [1, 2, 3, 4, 5])
    #expect(scores.map(\.log10) == [-2, -1, -0.5, -0.25, -0.125])
  }

  @Test func impossibleSettingsAreRefused() throws {
    var settings: [NGramBinarySettings] = []
    func add(
      _ structure: NGramBinarySettings.Structure, _ change: (inout NGramBinarySettings) -> Void
    ) {
      var new = NGramBinarySettings(structure)
      change(&new)
      settings.append(new)
    }
    add(.probing) { $0.multiplier = 1 }
    add(.probing) { $0.multiplier = .nan }
    add(.probing) { $0.probabilityBits = 8 }
    add(.trie) { $0.probabilityBits = 26 }
    add(.trie) { $0.backoffBits = 8 }
    add(.trie) { ($0.probabilityBits, $0.backoffBits) = (8, 1) }
    add(.trie) { $0.pointerBits = 256 }
    for settings in settings {
      #expect(throws: Fault.self) { try built(settings, from: NGramGoldens.arpa) }
    }
    #expect(try names(in: folder.path).isEmpty)
  }
}

/// Language models without sense: the n-grams of random sentences, without some that nothing continues.
enum RandomArpa {
  static func text(seed: UInt64, order: Int) -> String {
    var random = SeededGenerator(seed: seed)
    let words = ["<unk>", "<s>", "</s>"] + (0..<60).map { "w\($0)" }
    func number(_ range: ClosedRange<Int>) -> String {
      let number = Int.random(in: range, using: &random)
      return "-\(number / 10_000).\(String(number % 10_000 + 10_000).dropFirst())"
    }
    var grams: [Set<[Int]>] = Array(repeating: [], count: order + 1)
    for _ in 0..<150 {
      var sentence = [1]
      for _ in 0..<Int.random(in: 1...12, using: &random) {
        // Low numbers come more often.
        let least = Int.random(in: 3..<words.count, using: &random)
        sentence.append(Int.random(in: 3...least, using: &random))
      }
      sentence.append(2)
      for length in 2...order where length <= sentence.count {
        for start in 0...sentence.count - length {
          grams[length].insert(Array(sentence[start..<start + length]))
        }
      }
    }
    var kept: [[[Int]]] = Array(repeating: [], count: order + 1)
    var contexts: Set<[Int]> = []
    for length in (2...order).reversed() {
      for gram in grams[length].sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        let isLeftOut = Int.random(in: 0..<12, using: &random) == 0
        if contexts.contains(gram) || !isLeftOut { kept[length].append(gram) }
      }
      contexts = Set(kept[length].map { Array($0.dropLast()) })
      kept[length].shuffle(using: &random)
    }
    kept[1] = words.indices.map { [$0] }
    var body = ""
    for length in 1...order {
      body += "\n\\\(length)-grams:\n"
      for gram in kept[length] {
        body += "\(number(1...30_000))\t\(gram.map { words[$0] }.joined(separator: " "))"
        let hasWeight = length < order && Bool.random(using: &random)
        body += hasWeight ? "\t\(number(0...9000))\n" : "\n"
      }
    }
    let heads = (1...order).map { "ngram \($0)=\(kept[$0].count)\n" }.joined()
    return "\\data\\\n\(heads)\(body)\n\\end\\\n"
  }
}
