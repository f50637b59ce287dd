import Foundation
import Ground
import TestSupport
import Testing
import TextModels

@Suite struct KneserNeyTests {
  /// The text of the golden files, and what `lmplz` made of it.
  @Test func modelsAreThoseOfTheProgram() throws {
    let text = try golden("kneser-ney.txt")
    let models: [(String, (inout KneserNeySettings) -> Void)] = [
      ("kneser-ney-2", { $0.order = 2 }),
      (
        "kneser-ney-3",
        {
          $0.order = 3
          $0.discountFallback = KneserNeySettings.standardFallback
        }
      ),
      (
        "kneser-ney-4-pruned",
        {
          $0.order = 4
          $0.discountFallback = [0.4, 0.8]
          $0.prune = [0, 0, 1]
        }
      ),
      (
        "kneser-ney-1",
        {
          $0.order = 1
          $0.interpolateUnigrams = false
        }
      ),
    ]
    for (name, change) in models {
      let (model, _) = try trained(text, change)
      #expect(
        String(decoding: model, as: UTF8.self).isEqual(to: try golden("\(name).arpa")), "\(name)")
    }
  }

  @Test(.enabled(if: LMPLZ.path != nil, Comment(rawValue: LMPLZ.absence)))
  func anyTextGivesTheModelOfTheProgram() throws {
    let texts = [
      try golden("kneser-ney.txt"), wordsByRank(lines: 4000, types: 3000, seed: 1),
      Array("a b\n\n\nc\n".utf8), [0xff, 0x20, 0xfe, 0x00, 0x80, 0x0d, 0x0c, 0x0b, 0x0a],
    ]
    for (number, text) in texts.enumerated() {
      for order in number < 2 ? 1...6 : 4...4 {
        for prune in [[], [0, 0, 1], [0, 1, 1, 2]] as [[UInt32]] where prune.count <= order {
          let options = prune.isEmpty ? [] : ["--prune"] + prune.map(String.init)
          let expected = try LMPLZ.model(
            text, ["-o", "\(order)", "--discount_fallback"] + options)
          #expect(!expected.isEmpty)
          let (model, _) = try trained(text) {
            $0.order = order
            $0.prune = prune
            $0.discountFallback = KneserNeySettings.standardFallback
          }
          #expect(model == expected, "text \(number), order \(order), prune \(prune)")
        }
      }
    }
  }

  /// Dictionaries and doubles say the same, to what single precision can hold.
  @Test func probabilitiesAreThoseOfTheFormulas() throws {
    let texts = [
      try golden("kneser-ney.txt"), wordsByRank(lines: 300, types: 60, seed: 2),
      Array("a b c\nc b a\n\nx\n".utf8),
    ]
    var compared = 0
    for text in texts {
      let sentences = text.split(separator: 0x0a, omittingEmptySubsequences: false).dropLast().map {
        $0.split { [0x20, 0x09, 0x0d].contains($0) }.map { String(decoding: $0, as: UTF8.self) }
      }
      let allowed = Set(sentences.joined().filter { $0 != "knots" && $0 != "w3" })
      for order in 1...5 {
        for (prune, isLimited) in [([], false), ([0, 0, 1], false), ([0, 1], true)]
          as [([UInt32], Bool)]
        where prune.count <= order {
          let folder = try TemporaryFolder()
          let list = try folder.write(allowed.sorted().joined(separator: " "), to: "words")
          let reference = KneserNeyReference(
            sentences, order: order, fallback: [0.5, 1, 1.5], prune: prune.map(Int.init),
            allowed: isLimited ? allowed : nil)
          let (model, report) = try trained(text) {
            $0.order = order
            $0.prune = prune
            $0.limitVocabFile = isLimited ? list : nil
            $0.discountFallback = KneserNeySettings.standardFallback
          }
          #expect(report.orders.map(\.kept) == reference.kept)
          let entries = try entries(of: model)
          #expect(entries.count == reference.entries.count)
          for (gram, entry) in reference.entries {
            let found = try #require(entries[gram], "\(gram)")
            let worst = max(
              abs(found.probability - entry.probability),
              abs((found.backoff ?? 0) - (entry.backoff ?? 0)))
            #expect(worst < 3e-6 && (found.backoff == nil) == (entry.backoff == nil), "\(gram)")
            compared += 1
          }
        }
      }
    }
    #expect(compared > 10_000)
  }

  /// What follows a context adds up to one, `<unk>` included.
  @Test func probabilitiesAddUpToOne() throws {
    for prune in [[], [0, 0, 1]] as [[UInt32]] {
      let (model, _) = try trained(wordsByRank(lines: 300, types: 60, seed: 3)) {
        $0.order = 3
        $0.discountFallback = KneserNeySettings.standardFallback
        $0.prune = prune
      }
      let entries = try entries(of: model)
      func probability(_ gram: [String]) -> Double {
        if let entry = entries[gram] { return pow(10, entry.probability) }
        let backoff = entries[Array(gram.dropLast())]?.backoff ?? 0
        return pow(10, backoff) * probability(Array(gram.dropFirst()))
      }
      let words = entries.keys.filter { $0.count == 1 && $0 != ["<s>"] }.map { $0[0] }
      for context in [[], ["<s>"], ["w1", "w1"], ["<s>", "w2"], ["w7"], ["w2", "</s>"]] {
        let sum = words.reduce(0) { $0 + probability(context + [$1]) }
        #expect(abs(sum - 1) < 1e-4, "\(context)")
      }
    }
  }

  /// In memory or in many runs that are merged in several rounds, with any number of threads.
  @Test func modelsDoNotDependOnMemoryOrThreads() throws {
    let text = wordsByRank(lines: 50_000, types: 20_000, seed: 4)
    let (expected, whole) = try trained(text) { $0.order = 4 }
    #expect(whole.runs == 1)
    for (memory, jobs, most) in [
      (64 << 20, 4, 512), (4 << 20, 1, 512), (4 << 20, 2, 2), (6 << 20, 3, 3),
    ] {
      let (model, report) = try trained(text) {
        $0.order = 4
        $0.memory = memory
        $0.jobs = jobs
        $0.mostRuns = most
      }
      #expect(model == expected, "\(memory) bytes, \(jobs) jobs")
      #expect(report.runs > 2 || memory > 8 << 20)
      #expect(report.orders == whole.orders)
    }
  }

  @Test func sentencesAndFilesGiveTheSame() throws {
    let text = try golden("kneser-ney.txt")
    let fallback: (inout KneserNeySettings) -> Void = {
      $0.order = 3
      $0.discountFallback = KneserNeySettings.standardFallback
    }
    let (expected, report) = try trained(text, fallback)
    #expect(report.sentences == 21 && report.tokens == 119 && report.types == 56)

    let folder = try TemporaryFolder()
    var settings = KneserNeySettings()
    settings.temporaryFolder = folder.path
    fallback(&settings)
    var trainer = try KneserNeyTrainer(settings)
    for line in text.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false) {
      try trainer.add(sentence: Array(line).span)
    }
    _ = try trainer.finish(writing: "\(folder.path)/model")
    #expect(try bytes(of: "\(folder.path)/model") == expected)
    trainer = try KneserNeyTrainer(settings)
    for line in text.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false) {
      for word in line.split(whereSeparator: { [0x20, 0x09, 0x0d].contains($0) }) {
        try trainer.add(word: Array(word).span)
      }
      try trainer.endSentence()
    }
    _ = try trainer.finish(writing: "\(folder.path)/model")
    #expect(try bytes(of: "\(folder.path)/model") == expected)
    // The last line needs no line feed, and white space at its end makes no other line.
    #expect(try trained(Array(text.dropLast()), fallback).model == expected)
    #expect(try trained(text.dropLast() + [0x20, 0x20], fallback).model == expected)
    #expect(try trained(try gzipped(text), named: "text.gz", fallback).model == expected)
  }

  private func gzipped(_ text: [UInt8]) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-9", try folder.write(text, to: "text")]
    try process.run()
    process.waitUntilExit()
    return try bytes(of: "\(folder.path)/text.gz")
  }

  private func entries(of model: [UInt8]) throws -> [[String]: (
    probability: Double, backoff: Double?
  )] {
    var entries: [[String]: (probability: Double, backoff: Double?)] = [:]
    for line in String(decoding: model, as: UTF8.self).split(separator: "\n") {
      let fields = line.split(separator: "\t")
      guard fields.count > 1 else { continue }
      entries[fields[1].split(separator: " ").map(String.init)] = (
        try #require(Double(fields[0])), fields.count > 2 ? Double(fields[2]) : nil
      )
    }
    return entries
  }
}

extension String {
  fileprivate func isEqual(to bytes: [UInt8]) -> Bool { Array(utf8) == bytes }
}
