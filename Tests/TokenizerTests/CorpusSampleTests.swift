import Foundation
import Ground
import TestSupport
import Testing
import Tokenizer

/// Which sentences a sample has.
@Suite struct CorpusSampleTests {
  private let folder: TemporaryFolder
  private let trainer: BPETrainer

  init() throws {
    folder = try TemporaryFolder()
    trainer = try BPETrainer(.llama)
  }

  @Test func itHasExactlyAsManySentencesAsAskedFor() throws {
    let path = try folder.write(zipfText(lines: 5000, seed: 1), to: "text")
    let corpus = try TrainingCorpus([path])
    for size in [1, 2, 99, 2500, 4999, 5000, 5001, 1_000_000] {
      var options = CountingOptions()
      options.sampleSize = size
      let (words, tally) = try trainer.countWords(in: corpus, options)
      #expect(words.sentences == min(size, 5000))
      #expect(tally.sentences == 5000)
      if size >= 5000 { #expect(words.serialized() == (try trainer.countedBytes(corpus))) }
    }
  }

  @Test func equalSentencesAreDrawnOneByOne() throws {
    let path = try folder.write(String(repeating: "knot\n", count: 3000), to: "text")
    for size in [1, 700, 2999] {
      var options = CountingOptions()
      options.sampleSize = size
      let words = try trainer.countWords(in: TrainingCorpus([path, path]), options).words
      #expect(words.sentences == size)
    }
  }

  @Test func threadsAndOrderOfFilesChangeNothing() throws {
    let paths = try (0..<3).map { number in
      try folder.write(zipfText(lines: 20_000, seed: UInt64(number)), to: "\(number).txt")
    }
    let weights = [paths[1]: 3.5]
    let corpus = try TrainingCorpus(paths, weights: weights)
    func sample(_ corpus: TrainingCorpus, jobs: Int, seed: UInt64 = 7) throws -> [UInt8] {
      try trainer.countedBytes(corpus) { ($0.sampleSize, $0.jobs, $0.seed) = (9000, jobs, seed) }
    }
    let one = try sample(corpus, jobs: 1)
    #expect(try sample(corpus, jobs: 4) == one)
    #expect(try sample(TrainingCorpus(paths.reversed(), weights: weights), jobs: 2) == one)
    #expect(try sample(corpus, jobs: 1, seed: 8) != one)
    #expect(try sample(TrainingCorpus(paths), jobs: 1) != one)
  }

  @Test func documentsKeepTheirSentencesWhereverTheyStand() throws {
    let documents = (0..<2000).map { "{knot \($0 % 40)|cord \($0)|knot}" }
    let one = try folder.write(documents.joined(separator: "\n"), to: "one.jsonl")
    let two = try folder.write(documents.reversed().joined(separator: "\n\n"), to: "two.jsonl")
    func sample(_ path: String) throws -> [UInt8] {
      let corpus = try TrainingCorpus([path], format: .jsonl, documentReader: readBraces)
      return try trainer.countedBytes(corpus) { $0.sampleSize = 1500 }
    }
    #expect(try sample(one) == sample(two))
  }

  /// 200 sentences, of which 50 are drawn with 400 seeds: each comes 100 ± 8.7 times.
  @Test func everySentenceIsAsLikelyAsAnother() throws {
    let letters = Array("abcdefghijklmnopqrst")
    let words = letters.prefix(10).flatMap { first in letters.map { "\(first)\($0)" } }
    let path = try folder.write(words.joined(separator: "\n"), to: "text")
    let corpus = try TrainingCorpus([path])
    var times: [String: Int] = [:]
    for seed in 0..<400 {
      var options = CountingOptions()
      (options.sampleSize, options.seed) = (50, UInt64(seed))
      let units = try trainer.countWords(in: corpus, options).words.units
      for word in words where units[" " + word] != nil { times[word, default: 0] += 1 }
    }
    let all = words.map { times[$0] ?? 0 }
    #expect(all.reduce(0, +) == 400 * 50)
    #expect(all.allSatisfy { abs($0 - 100) < 44 })  // five standard deviations
    let squares = all.map { ($0 - 100) * ($0 - 100) }
    #expect((8000...24_000).contains(squares.reduce(0, +)))  // 200 times 75 are expected
  }

  /// Of two equal files with weights 1 and w, the second gives w/(1 + w) of a small sample.
  @Test(arguments: [0.25, 1, 3, 20])
  func weightsAreShares(weight: Double) throws {
    let one = try folder.write(String(repeating: "a\n", count: 100_000), to: "one")
    let two = try folder.write(String(repeating: "b\n", count: 100_000), to: "two")
    var options = CountingOptions()
    (options.sampleSize, options.jobs) = (2000, 2)
    let corpus = try TrainingCorpus([one, two], weights: [two: weight])
    let units = try trainer.countWords(in: corpus, options).words.units
    let drawn = units[" b"] ?? 0
    #expect(drawn + (units[" a"] ?? 0) == 2000)
    let share = Double(drawn) / 2000
    let expected = weight / (1 + weight)
    #expect(abs(share - expected) < 5 * (expected * (1 - expected) / 2000).squareRoot())
  }

  @Test func theLogarithmIsThatOfTheLibrary() {
    var chance = SeededGenerator(seed: 5)
    for power in -60...60 {
      for _ in 0..<50 {
        let number = Double.random(in: 0.5...1, using: &chance) * pow(2, Double(power))
        let exact = log(number)
        #expect(abs(naturalLogarithm(number) - exact) <= 4 * max(abs(exact).ulp, 0x1p-54))
      }
    }
    #expect(naturalLogarithm(1) == 0)
  }
}

extension WordCounts {
  /// The units and their counts, read out of the file format: entries in blocks behind a header.
  fileprivate var units: [String: Int] {
    var units: [String: Int] = [:]
    var bytes = serialized()[56...]
    func number(_ count: Int) -> Int {
      defer { bytes = bytes.dropFirst(count) }
      return bytes.prefix(count).reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    func varint() -> Int {
      let length = (bytes.firstIndex { $0 < 0x80 } ?? bytes.startIndex) - bytes.startIndex + 1
      defer { bytes = bytes.dropFirst(length) }
      return bytes.prefix(length).reversed().reduce(0) { $0 << 7 | Int($1 & 0x7f) }
    }
    while true {
      let length = number(8)
      if length == 0 { return units }
      let end = bytes.startIndex + length
      while bytes.startIndex < end {
        let count = varint()
        let unit = String(decoding: bytes.prefix(count), as: UTF8.self)
        bytes = bytes.dropFirst(count)
        units[unit] = varint()
      }
    }
  }
}
