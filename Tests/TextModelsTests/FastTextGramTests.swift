import TestSupport
import Testing
import TextModels

/// N-grams and the tree of the hierarchical softmax, against the plainest way to make them.
@Suite struct FastTextGramTests {
  @Test func characterGramsAreThoseOfTheStringsWrittenOut() {
    var chance = SeededGenerator(seed: 3)
    var tokens: [[UInt8]] = [
      "a", "ab", "the", "łódź", "言語", "é", "x" + String(repeating: "ab", count: 300),
    ]
    .map { Array($0.utf8) }
    tokens += [
      [0x80], [0x80, 0x80], [0xc3], [0xff, 0x80, 0x41], Array(repeating: 0xbf, count: 200),
    ]
    for length in [1, 2, 3, 10, 125, 126, 127, 128, 129, 400] {
      tokens.append((0..<length).map { _ in UInt8.random(in: 33...255, using: &chance) })
    }
    for (minn, maxn) in [(2, 4), (1, 1), (1, 3), (0, 2), (3, 6), (5, 2), (0, 0), (-1, 2), (1, 40)] {
      for bucket in [1, 2, 1000, 2_000_000, Int32.max] as [Int32] {
        var settings = FastTextSettings()
        settings.minn = Int32(minn)
        settings.maxn = Int32(maxn)
        settings.bucket = bucket
        let grams = FastTextGrams(settings)
        for token in tokens {
          let expected = substrings(of: token, minn, maxn).map { hash($0) % UInt32(bucket) }
          #expect(grams.subwords(of: token) == expected, "\(token.prefix(9)), \(minn) to \(maxn)")
        }
      }
    }
  }

  @Test func wordGramsTakeInSignExtendedHashes() {
    let hashes: [UInt32] = [1, 0x8000_0001, 0xffff_ffff, 7, 2_166_136_261]
    for (words, bucket) in [(1, 9), (2, 1000), (3, 2_000_000), (9, 77)] {
      var settings = FastTextSettings()
      settings.wordNgrams = Int32(words)
      settings.bucket = Int32(bucket)
      var found: [UInt32] = []
      unsafe hashes.withUnsafeBufferPointer { hashes in
        unsafe FastTextGrams(settings).forEachWordGram(hashes) { found.append($0) }
      }
      var expected: [UInt32] = []
      for first in hashes.indices {
        var sum = UInt64(bitPattern: Int64(Int32(bitPattern: hashes[first])))
        for next in hashes.indices where next > first && next < first + words {
          let more = UInt64(bitPattern: Int64(Int32(bitPattern: hashes[next])))
          sum = sum &* 116_049_371 &+ more
          expected.append(UInt32(sum % UInt64(bucket)))
        }
      }
      #expect(found == expected, "\(words) words")
    }
  }

  @Test func treeIsHuffmans() {
    // Worked by hand: 1+1=2 (right the first 1), then the 2 before the label of 2, …
    let tree = FastTextTree(counts: [5, 2, 1, 1])
    #expect(tree.nodes.map { [$0.left, $0.right] } == [[3, 2], [4, 1], [5, 0]])
    #expect(tree.path(of: 2).map { $0.row } == [0, 1, 2])
    #expect(tree.path(of: 2).map { $0.isRight } == [true, false, false])
    #expect(tree.path(of: 0).map { $0.row } == [2] && tree.path(of: 0)[0].isRight)
    #expect(
      FastTextTree(counts: [9]).nodes.isEmpty && FastTextTree(counts: [9]).path(of: 0).isEmpty)
    #expect(FastTextTree(counts: []).leaves == 0)
  }

  @Test func treeOfAnyCountsReachesEveryLabelOnce() {
    var chance = SeededGenerator(seed: 8)
    for round in 0..<60 {
      let counts = (0..<Int.random(in: 1...50, using: &chance)).map { _ in
        round % 3 == 0
          ? Int64.random(in: Int64.min...Int64.max, using: &chance)
          : Int64.random(in: 0...9, using: &chance)
      }
      let tree = FastTextTree(counts: round % 2 == 0 ? counts : counts.sorted(by: >))
      var seen = [Int](repeating: 0, count: counts.count)
      var pending = [Int32(2 * counts.count - 2)]
      while let node = pending.popLast() {
        if Int(node) < counts.count {
          seen[Int(node)] += 1
        } else {
          pending += [tree.nodes[Int(node) - counts.count]].flatMap { [$0.left, $0.right] }
        }
      }
      #expect(seen.allSatisfy { $0 == 1 })
      for label in counts.indices {
        var node = Int32(2 * counts.count - 2)
        for step in tree.path(of: label).reversed() {
          #expect(Int(node) - counts.count == Int(step.row))
          let children = tree.nodes[Int(node) - counts.count]
          node = step.isRight ? children.right : children.left
        }
        #expect(Int(node) == label)
      }
    }
  }

  private func hash(_ bytes: [UInt8]) -> UInt32 {
    bytes.reduce(2_166_136_261) {
      ($0 ^ UInt32(bitPattern: Int32(Int8(bitPattern: $1)))) &* 16_777_619
    }
  }

  /// The n-grams of `<token>` one by one; a byte above 0x7f and below 0xc0 goes on with a character.
  private func substrings(of token: [UInt8], _ minn: Int, _ maxn: Int) -> [[UInt8]] {
    let word = [0x3c] + token + [0x3e]
    func continues(_ place: Int) -> Bool { place < word.count && word[place] & 0xc0 == 0x80 }
    var found: [[UInt8]] = []
    for start in word.indices where !continues(start) {
      var end = start
      for length in stride(from: 1, through: maxn, by: 1) where end < word.count {
        end += 1
        while continues(end) { end += 1 }
        if length == 1 && (start == 0 || end == word.count) { continue }
        if length >= minn { found.append(Array(word[start..<end])) }
      }
    }
    return found
  }
}
