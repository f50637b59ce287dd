import Dedup
import Ground
import TestSupport
import Testing

@Suite struct ContainmentTests {
  private func resolve(
    _ books: [(Int, [String], UInt64)], _ settings: Containment = Containment(),
    budget: Int = 1 << 24
  ) throws -> [Duplicate] {
    let folder = try TemporaryFolder()
    var files: [String] = []
    for part in 0..<3 {
      files.append("\(folder.path)/\(part)")
      var file = try ShingleWriter(path: files[part], settings)
      for (number, book) in books.enumerated() where number % 3 == part {
        try file.add(id(book.0), text: bytes(book.1), priority: book.2)
      }
      try file.commit()
    }
    let space = SortSpace(folder: folder.path, memory: budget)
    try resolveContained(files, settings, to: "\(folder.path)/d", in: space)
    return try DuplicateFile(path: "\(folder.path)/d").all
  }

  @Test func bookInsideAnOmnibusIsFoundThoughTheyAreUnlike() throws {
    var random = SeededGenerator(seed: 2)
    let novels = (0..<8).map { _ in prose(2000, using: &random) }
    let found = try resolve(
      [(1, novels[3], 0), (2, novels.flatMap(\.self), 0), (3, prose(3000, using: &random), 0)])
    // Jaccard similarity 1/8: no MinHash setting for duplicates would pair them.
    #expect(
      found == [Duplicate(id: id(1), duplicateOf: id(2), similarity: 1, kind: .contained)])
  }

  @Test func overlapIsCountedExactly() throws {
    let words = (0..<1012).map { "w\($0)" }  // 1000 shingles
    let inside = Array(words[..<912]) + (0..<100).map { "v\($0)" }  // 900 of 1000
    let above = Array(words[..<913]) + (0..<99).map { "v\($0)" }  // 901 of 1000
    let more = words + (0..<500).map { "u\($0)" }
    var settings = Containment()
    settings.sampling = 1
    #expect(try resolve([(1, inside, 0), (2, more, 0)], settings) == [])
    #expect(try resolve([(1, above, 0), (2, more, 0)], settings).map(\.similarity) == [0.901])
  }

  @Test func caseMarksAndPunctuationDoNotMatter() throws {
    var random = SeededGenerator(seed: 4)
    let words = prose(600, using: &random)
    let other = words.map { "«\($0.uppercased())»," } + ["the", "end"]
    #expect(try resolve([(1, words, 0), (2, other, 0)]).map(\.id) == [id(1)])
  }

  @Test func smallestPriorityThenLongestThenSmallestIdSurvives() throws {
    var random = SeededGenerator(seed: 6)
    let words = prose(600, using: &random)
    let longer = words + ["end"]
    #expect(try resolve([(1, words, 0), (2, longer, 0)]).map(\.id) == [id(1)])
    #expect(try resolve([(1, words, 0), (2, longer, 1)]).map(\.id) == [id(2)])
    #expect(try resolve([(8, words, 0), (5, words, 0)]).map(\.id) == [id(8)])
  }

  @Test func chainLeadsToItsFirst() throws {
    var random = SeededGenerator(seed: 8)
    let all = prose(4000, using: &random)
    // Of each, 95 % lie in the one before, and no more than that in any other.
    let second = Array(all[..<3800]) + prose(190, using: &random)
    let third = Array(second[190...]) + prose(180, using: &random)
    let found = try resolve([(1, all, 0), (2, second, 0), (3, third, 0)])
    #expect(found.map(\.id) == [id(2), id(3)])
    #expect(found.allSatisfy { $0.duplicateOf == id(1) })
  }

  @Test(arguments: budgets)
  func answerDoesNotDependOnOrderOrBudget(budget: Int) throws {
    var random = SeededGenerator(seed: 10)
    var books: [(Int, [String], UInt64)] = []
    for family in 0..<5 {
      let words = prose(700, using: &random)
      for member in 0..<4 {
        books.append(
          (family * 4 + member, Array(words[(member * 10)...]), UInt64((member + family) % 2)))
      }
    }
    let expected = try resolve(books)
    #expect(expected.count == 15)
    for _ in 0..<2 {
      books.shuffle(using: &random)
      #expect(try resolve(books, budget: budget) == expected)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func phraseOfAllBooksCostsLinearTime() throws {
    var random = SeededGenerator(seed: 12)
    let phrase = prose(100, using: &random)
    var settings = Containment()
    settings.crowd = 4
    settings.sampling = 1
    var books = (0..<400).map { ($0, phrase + prose(100, using: &random), UInt64(0)) }
    books.append((1000, books[399].1 + ["more"], 0))
    #expect(
      try resolve(books, settings).map { [$0.id, $0.duplicateOf] } == [[id(399), id(1000)]])
  }

  @Test func emptyBooksAreNobodysDuplicates() throws {
    #expect(try resolve([(1, [], 0), (2, [], 0), (3, ["a"], 0)]) == [])
  }
}
