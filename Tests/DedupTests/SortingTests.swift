import Dedup
import Ground
import TestSupport
import Testing

@Suite struct SortingTests {
  @Test(arguments: [16, 100, 4096, 1 << 20])
  func sortedForEveryBudget(budget: Int) throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(seed: 5)
    let numbers = (0..<3000).map { _ in random.next() % 1000 }
    var runs = SortedRuns<UInt64>(in: SortSpace(folder: folder.path, memory: budget))
    for number in numbers { try runs.add(number) }
    var sorted: [UInt64] = []
    try runs.forEach { sorted.append($0) }
    #expect(sorted == numbers.sorted())
    #expect(try names(in: folder.path) == [])  // runs have no names
  }

  @Test func fullFoldersAndWrongFilesAreFaults() throws {
    let folder = try TemporaryFolder()
    var runs = SortedRuns<UInt64>(in: SortSpace(folder: "\(folder.path)/none", memory: 16))
    #expect(throws: Fault.self) { for number in 0..<10 as Range<UInt64> { try runs.add(number) } }
    let path = try folder.write("QPDUPE01", to: "short")
    #expect(throws: Fault(path, at: 0, .truncated(expected: 16, found: 8))) {
      try DuplicateFile(path: path)
    }
    let other = try folder.write("nonsense, 16 byte", to: "other")
    #expect(throws: Fault(other, at: 0, .malformed("the file begins with nonsense, not QPDUPE01")))
    {
      try DuplicateFile(path: other)
    }
    var file = try SignatureWriter(path: "\(folder.path)/s")
    try file.add(id(1), [UInt32](repeating: 0, count: 112))
    try file.commit()
    var settings = MinHash()
    settings.seed = 2
    #expect(throws: Fault.self) {
      try resolveNear(
        ["\(folder.path)/s"], settings, to: "\(folder.path)/d", in: SortSpace(folder: folder.path))
    }
  }
}
