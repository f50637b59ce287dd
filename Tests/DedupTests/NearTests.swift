import Dedup
import Foundation
import Ground
import TestSupport
import Testing

@Suite struct NearTests {
  /// Pairs of texts that fold to the same words.
  @Test(arguments: [
    ("Hello, World", "hello world"),
    ("It costs 1,000.50 now", "it costs 2,7.1 now"),
    ("Ünïcödé ŠKODA", "unicode skoda"),
    ("u\u{308}ber", "über"),
    ("ΟΔΟΣ", "οδος"),
    ("a\u{85}b\u{3000}c", "a b c"),
    ("İ １２", "i 9"),
    ("𝟘 x", "1 x"),
  ])
  func textsOfOneFoldedFormHaveOneSignature(left: String, right: String) {
    #expect(
      signature(of: Array(left.utf8)) == signature(of: Array(right.utf8)))
  }

  @Test(arguments: [("a b", "b a"), ("1.2.3", "1.2"), ("ab", "a b"), ("日本", "日木")])
  func otherTextsDiffer(left: String, right: String) {
    #expect(
      signature(of: Array(left.utf8)) != signature(of: Array(right.utf8)))
  }

  @Test func textWithoutWordsHasNoSignature() {
    #expect(signature(of: []) == [])
    #expect(signature(of: Array(" .,!\n«»".utf8)) == [])
    #expect(signature(of: Array("a".utf8)).count == 112)
  }

  /// Two texts that share all shingles but those around `changes` single words; their similarity.
  private func pair(
    _ changes: Int, using random: inout SeededGenerator
  ) -> (left: [UInt8], right: [UInt8], jaccard: Double) {
    let left = prose(800, kinds: 1 << 40, using: &random)
    var right = left
    // Changes 5 words apart or more touch 5 shingles each and no common one.
    for change in 0..<changes { right[4 + change * (790 / max(1, changes))] += "x" }
    func shingles(_ words: [String]) -> Set<[String]> {
      Set((0...words.count - 5).map { Array(words[$0..<$0 + 5]) })
    }
    let (a, b) = (shingles(left), shingles(right))
    return (
      bytes(left), bytes(right),
      Double(a.intersection(b).count) / Double(a.union(b).count)
    )
  }

  /// The band chance of FineWeb's settings, and what estimates are worth.
  @Test(arguments: [(13, 80), (17, 80), (22, 80), (35, 80)])
  func pairsAreFoundWithTheirProbability(changes: Int, pairs: Int) throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: UInt64(changes))
    var file = try SignatureWriter(path: "\(folder.path)/s")
    var (chance, error, jaccard) = (0.0, 0.0, 0.0)
    for number in 0..<pairs {
      let texts = pair(changes, using: &random)
      jaccard = texts.jaccard
      chance += 1 - pow(1 - pow(jaccard, 8), 14)
      let left = signature(of: texts.left)
      let right = signature(of: texts.right)
      error += MinHash.similarity(left, right) - jaccard
      try file.add(id(2 * number), left)
      try file.add(id(2 * number + 1), right)
    }
    try file.commit()
    let found = try resolveNear(
      ["\(folder.path)/s"], to: "\(folder.path)/d", in: SortSpace(folder: folder.path))
    let deviation = (chance * (1 - chance / Double(pairs))).squareRoot()
    #expect(abs(Double(found) - chance) <= 3 * deviation + 1, "\(found), expected \(chance)")
    // The mean of 80 estimates over 112 numbers: standard error below 0.6 %.
    #expect(abs(error / Double(pairs)) < 0.018, "mean error \(error / Double(pairs))")
    for duplicate in try DuplicateFile(path: "\(folder.path)/d").all {
      #expect(duplicate.kind == .near && duplicate.id.low == duplicate.duplicateOf.low + 1)
      #expect(abs(duplicate.similarity - jaccard) < 0.25)
    }
  }

  @Test func unrelatedTextsAreNotFound() throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: 1)
    var file = try SignatureWriter(path: "\(folder.path)/s")
    for number in 0..<300 {
      let text = bytes(prose(60, kinds: 200, using: &random))
      try file.add(id(number), signature(of: text))
    }
    try file.commit()
    let space = SortSpace(folder: folder.path)
    #expect(try resolveNear(["\(folder.path)/s"], to: "\(folder.path)/d", in: space) == 0)
  }

  private func resolve(
    _ documents: [(Int, [UInt32], UInt64)], minimum: Double?, budget: Int
  ) throws -> [Duplicate] {
    let folder = try TemporaryFolder()
    var files: [String] = []
    for part in 0..<3 {
      files.append("\(folder.path)/\(part)")
      var file = try SignatureWriter(path: files[part])
      for (number, document) in documents.enumerated() where number % 3 == part {
        try file.add(id(document.0), document.1, priority: document.2)
      }
      try file.commit()
    }
    let space = SortSpace(folder: folder.path, memory: budget)
    try resolveNear(files, minimum: minimum, to: "\(folder.path)/d", in: space)
    return try DuplicateFile(path: "\(folder.path)/d").all
  }

  @Test(arguments: budgets, [nil, 0.8])
  func answerDoesNotDependOnOrderOrBudget(budget: Int, minimum: Double?) throws {
    var random = SeededGenerator(seed: 9)
    var documents: [(Int, [UInt32], UInt64)] = []
    for family in 0..<12 {
      var words = prose(150, using: &random)
      for member in 0..<6 {
        words[Int.random(in: 0..<150, using: &random)] += "x"
        let number = (family * 6 + member) * 7919 % 1009
        documents.append((number, signature(of: bytes(words)), UInt64(member % 2)))
      }
    }
    let expected = try resolve(documents, minimum: minimum, budget: 1 << 24)
    #expect(expected.count > 40)
    for duplicate in expected {
      let priority = { (id: Hash128) in documents.first { UInt64($0.0) == id.low }?.2 ?? 9 }
      #expect(
        (priority(duplicate.duplicateOf), duplicate.duplicateOf)
          < (priority(duplicate.id), duplicate.id))
    }
    for _ in 0..<2 {
      documents.shuffle(using: &random)
      #expect(try resolve(documents, minimum: minimum, budget: budget) == expected)
    }
  }

  @Test func verificationPartsWhatOnlySharesABand() throws {
    let left = [UInt32](repeating: 1, count: 112)
    var right = [UInt32](repeating: 2, count: 112)
    right.replaceSubrange(0..<8, with: repeatElement(1, count: 8))
    let documents: [(Int, [UInt32], UInt64)] = [(1, left, 0), (2, right, 0)]
    let joined = try resolve(documents, minimum: nil, budget: 1 << 20)
    #expect(joined.map(\.similarity) == [8.0 / 112])
    #expect(try resolve(documents, minimum: 0.5, budget: 1 << 20) == [])
  }
}
