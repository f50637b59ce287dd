import Ground
import Shards
import TestSupport
import Testing

@Suite struct PermutationTests {
  @Test func everySmallRangeIsShuffledWhole() {
    for count in 1...600 {
      let permutation = Permutation(count: count, key: UInt64(count) &* 77)
      #expect((0..<count).map { permutation[$0] }.sorted() == Array(0..<count))
    }
  }

  @Test(arguments: [65_535, 65_536, 65_537, 262_145, 1_000_003])
  func largeRangesAreShuffledWhole(count: Int) {
    let permutation = Permutation(count: count, key: 5)
    var seen = [Bool](repeating: false, count: count)
    for place in 0..<count { seen[permutation[place]] = true }
    #expect(seen.allSatisfy { $0 })
  }

  @Test func theLargestRangesStayInside() {
    for count in [1 << 40, (1 << 61) + 12_345, (1 << 62) - 1] {
      let permutation = Permutation(count: count, key: 9)
      let numbers = [0, 1, count / 2, count - 1].map { permutation[$0] }
      #expect(Set(numbers).count == 4)
      #expect(numbers.allSatisfy { $0 >= 0 && $0 < count })
    }
  }

  @Test func itLooksShuffled() {
    let count = 100_000
    let permutation = Permutation(count: count, key: 1)
    let numbers = (0..<count).map { permutation[$0] }
    // A shuffle has one fixed point and one pair of neighbours on average, and no trend.
    #expect(zip(numbers, 0...).count { $0 == $1 } < 8)
    #expect(zip(numbers, numbers.dropFirst()).count { $1 == $0 + 1 } < 8)
    let early = numbers[..<(count / 2)].count { $0 < count / 2 }
    #expect(abs(early - count / 4) < 500)
  }

  @Test func keysDiffer() {
    let one = Permutation(count: 1000, key: 1)
    let other = Permutation(count: 1000, key: 2)
    #expect((0..<1000).count { one[$0] == other[$0] } < 10)
  }
}

@Suite struct SequenceOrderTests {
  @Test(arguments: [1, 2, 17, 1000])
  func eachPassSeesEverySequenceOnce(count: Int) {
    let order = SequenceOrder(count: count, seed: 42)
    for pass in 0..<3 {
      let seen = (pass * count..<(pass + 1) * count).map { order[$0] }
      #expect(seen.sorted() == Array(0..<count))
      #expect(order.pass(ofSample: pass * count) == pass)
    }
  }

  @Test func passesAndSeedsDiffer() {
    let order = SequenceOrder(count: 500, seed: 1)
    let first = (0..<500).map { order[$0] }
    #expect(first != (500..<1000).map { order[$0] })
    let other = SequenceOrder(count: 500, seed: 2)
    #expect(first != (0..<500).map { other[$0] })
  }

  /// A change here changes every run that is resumed.
  @Test func theOrderIsPinned() {
    let order = SequenceOrder(count: 10, seed: 42)
    #expect(
      (0..<20).map { order[$0] } == [0, 3, 5, 8, 1, 4, 6, 9, 7, 2, 3, 1, 0, 4, 6, 5, 7, 9, 8, 2])
  }
}

@Suite struct TokenStreamTests {
  let folder: TemporaryFolder
  let all: [UInt32]
  let stream: TokenStream

  init() throws {
    folder = try TemporaryFolder()
    let documents = randomDocuments(60, below: 60_000, seed: 4)
    _ = try makeShard(Array(documents[..<20]), in: folder, name: "00000")
    _ = try makeShard([], in: folder, name: "00001")
    _ = try makeShard(Array(documents[20..<50]), in: folder, name: "00002", width: .four)
    _ = try makeShard(Array(documents[50...]), in: folder, name: "00003")
    all = documents.flatMap { $0 }
    stream = try TokenStream(folder: folder.path)
  }

  @Test func itRunsOverShards() {
    #expect(stream.count == all.count)
    var random = SeededGenerator(seed: 8)
    for _ in 0..<200 {
      let start = Int.random(in: 0..<all.count, using: &random)
      let end = Int.random(in: start...all.count, using: &random)
      var tokens: [UInt32] = []
      stream.append(start..<end, to: &tokens)
      #expect(tokens == Array(all[start..<end]))
    }
  }

  @Test(arguments: [1, 7, 64])
  func sequencesOverlapByTheTarget(length: Int) {
    let count = stream.sequenceCount(length: length)
    #expect(count == (all.count - 1) / length)
    for sequence in 0..<count {
      var tokens: [UInt32] = []
      stream.append(sequence: sequence, length: length, to: &tokens)
      #expect(tokens == Array(all[(sequence * length)...(sequence * length + length)]))
    }
  }

  @Test func tokensAreTracedToTheirDocuments() {
    let first = stream.shards[0].tokenCount
    #expect(stream.origin(of: 0) == (0, 0))
    #expect(stream.origin(of: first - 1) == (0, 19))
    #expect(stream.origin(of: first) == (2, 0))
    #expect(stream.origin(of: stream.count - 1) == (3, 9))
  }

  @Test func aStreamMayBeTooShort() {
    #expect(TokenStream([]).sequenceCount(length: 4) == 0)
    #expect(stream.sequenceCount(length: all.count) == 0)
  }

  @Test func aFolderWithoutShardsIsAFault() throws {
    let empty = try TemporaryFolder()
    #expect(throws: Fault.self) { try TokenStream(folder: empty.path) }
    #expect(throws: Fault.self) { try TokenStream(folder: empty.path + "/nothing") }
  }
}
