import Dedup
import Ground
import TestSupport
import Testing

@Suite struct ExactTests {
  private func resolve(
    _ documents: [(id: Int, text: String, priority: UInt64)], budget: Int
  ) throws -> [Duplicate] {
    let folder = try TemporaryFolder()
    var files: [String] = []
    for part in 0..<3 {
      files.append("\(folder.path)/\(part)")
      var file = try ExactWriter(path: files[part])
      for (number, document) in documents.enumerated() where number % 3 == part {
        try file.add(id(document.id), text: Array(document.text.utf8), priority: document.priority)
      }
      try file.commit()
    }
    let space = SortSpace(folder: folder.path, memory: budget)
    try resolveExact(files, to: "\(folder.path)/duplicates", in: space)
    return try DuplicateFile(path: "\(folder.path)/duplicates").all
  }

  @Test func smallestPriorityThenIdSurvives() throws {
    let found = try resolve(
      [(5, "a", 0), (3, "a", 0), (9, "b", 1), (4, "b", 2), (7, "c", 0), (7, "c", 0)],
      budget: 1 << 20)
    #expect(
      found == [
        Duplicate(id: id(4), duplicateOf: id(9), similarity: 1, kind: .exact),
        Duplicate(id: id(5), duplicateOf: id(3), similarity: 1, kind: .exact),
      ])
  }

  @Test(arguments: budgets)
  func answerDoesNotDependOnOrderOrBudget(budget: Int) throws {
    var random = SeededGenerator(seed: 11)
    let documents = (0..<300).map { ($0, "text \($0 * $0 % 90)", UInt64($0 % 3)) }
    let expected = try resolve(documents, budget: 1 << 24)
    #expect(expected.count > 100)
    for _ in 0..<3 {
      #expect(try resolve(documents.shuffled(using: &random), budget: budget) == expected)
    }
  }

  /// The hex dump of `Docs/Formats/duplicates.md`.
  @Test func fileIsAsItsFormatSays() throws {
    let folder = try TemporaryFolder()
    var file = try ExactWriter(path: "\(folder.path)/e")
    for number in [5, 3] { try file.add(id(number), text: []) }
    try file.commit()
    let space = SortSpace(folder: folder.path)
    try resolveExact(["\(folder.path)/e"], to: "\(folder.path)/d", in: space)
    func word(_ number: UInt8) -> [UInt8] { [number] + [UInt8](repeating: 0, count: 7) }
    let expected: [UInt8] =
      Array("QPDUPE01".utf8) + word(48) + word(0) + word(5) + word(0) + word(0) + word(3)
      + [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]
    #expect(try openDecoded("\(folder.path)/d").readToEnd() == expected)
  }

  @Test func filesOfDuplicatesAreMergedAndLookedUp() throws {
    let folder = try TemporaryFolder()
    let space = SortSpace(folder: folder.path, memory: 256)
    var paths: [String] = []
    for name in ["x", "y"] {
      var file = try ExactWriter(path: "\(folder.path)/\(name)")
      for number in 0..<100 {
        try file.add(id(number), text: [UInt8(number % (name == "x" ? 7 : 5))])
      }
      try file.commit()
      paths.append("\(folder.path)/\(name).duplicates")
      try resolveExact(["\(folder.path)/\(name)"], to: paths[paths.count - 1], in: space)
    }
    #expect(try mergeDuplicates(paths, to: "\(folder.path)/all", in: space) == 95)
    let all = try DuplicateFile(path: "\(folder.path)/all")
    for number in 0..<100 {
      #expect((all[id(number)] == nil) == (number < 5))
    }
    #expect(all[id(5)]?.duplicateOf == id(0))
    #expect(all[id(1000)] == nil)
  }

  /// One method keeps 1 for 2, another 2 for 1: without care both would be lost.
  @Test func twoMethodsThatDisagreeLoseNoDocument() throws {
    let folder = try TemporaryFolder()
    let space = SortSpace(folder: folder.path, memory: 1 << 20)
    var paths: [String] = []
    for (name, first) in [("x", [2: 1, 1: 0, 3: 2]), ("y", [1: 1, 2: 0])] {
      var file = try ExactWriter(path: "\(folder.path)/\(name)")
      for (number, priority) in first {
        try file.add(id(number), text: [1], priority: UInt64(priority))
      }
      try file.commit()
      paths.append("\(folder.path)/\(name).duplicates")
      try resolveExact(["\(folder.path)/\(name)"], to: paths[paths.count - 1], in: space)
    }
    #expect(try mergeDuplicates(paths, to: "\(folder.path)/all", in: space) == 2)
    #expect(
      try DuplicateFile(path: "\(folder.path)/all").all.map { [$0.id, $0.duplicateOf] }
        == [[id(2), id(1)], [id(3), id(1)]])
  }
}
