import Ground
import TestSupport
import Testing
import TextModels

/// Classifiers trained here: the same for any number of threads, and refused where they make no sense.
@Suite struct FastTextTrainingTests {
  static func trainer(
    _ loss: FastTextSettings.Loss = .softmax, dim: Int32 = 16, wordNgrams: Int32 = 1,
    maxn: Int32 = 3
  ) -> FastTextTrainer {
    var trainer = FastTextTrainer()
    trainer.settings.loss = loss
    trainer.settings.dim = dim
    trainer.settings.wordNgrams = wordNgrams
    trainer.settings.minn = maxn == 0 ? 0 : 2
    trainer.settings.maxn = maxn
    trainer.settings.bucket = 5000
    trainer.settings.epoch = 3
    trainer.lr = 0.5
    return trainer
  }

  static let shapes: [(FastTextSettings.Loss, Int32, Int32, Int32)] =
    FastTextSettings.Loss.allCases.map { ($0, 16, 1, 3) } + [
      (.softmax, 10, 3, 0), (.hierarchicalSoftmax, 100, 2, 0), (.oneVersusAll, 20, 2, 3),
      (.negativeSampling, 150, 1, 0), (.softmax, 40, 1, 2),
    ]

  @Test(arguments: shapes)
  func bytesDoNotDependOnThreadsOrTheProcessor(
    loss: FastTextSettings.Loss, dim: Int32, wordNgrams: Int32, maxn: Int32
  ) throws {
    let folder = try TemporaryFolder()
    let text = try folder.write(FastTextTexts.training(labels: 9, lines: 600), to: "text")
    var trainer = Self.trainer(loss, dim: dim, wordNgrams: wordNgrams, maxn: maxn)
    var models: [[UInt8]] = []
    for (jobs, level) in [(1, 2), (2, 2), (4, 2), (7, 2), (1, 0), (3, 1), (2, 0)] {
      trainer.jobs = jobs
      trainer.level = min(CInt(level), FastTextTrainer().level)
      let model = try trainer.train([text])
      try model.write(to: "\(folder.path)/model.bin")
      models.append(try FastTextProgram.bytes(of: "\(folder.path)/model.bin"))
      #expect(models[0].count == model.fileSize)
    }
    #expect(models.allSatisfy { $0 == models[0] })
    trainer.seed = 1
    try trainer.train([text]).write(to: "\(folder.path)/other.bin")
    #expect(try FastTextProgram.bytes(of: "\(folder.path)/other.bin") != models[0])
  }

  @Test(arguments: FastTextSettings.Loss.allCases)
  func labelsAreLearnt(loss: FastTextSettings.Loss) throws {
    let folder = try TemporaryFolder()
    let (training, held) = Self.lines(labels: 6, 1500)
    let text = try folder.write(training, to: "text")
    var trainer = Self.trainer(loss)
    trainer.settings.epoch = 10
    let path = "\(folder.path)/model.bin"
    try trainer.train([text]).write(to: path)
    #expect(try Self.accuracy(FastTextModel(path: path), held) > 0.97)
  }

  /// A text to learn from, and every fifth line, which is not in it.
  static func lines(labels: Int, _ count: Int) -> (training: [UInt8], held: [ArraySlice<UInt8>]) {
    let lines = FastTextTexts.training(labels: labels, lines: count).split(separator: 0x0a)
    let training = lines.indices.filter { $0 % 5 != 4 }.map { lines[$0] }
    let held = lines.indices.filter { $0 % 5 == 4 }.map { lines[$0] }
    return (Array(training.joined(separator: [0x0a])), held)
  }

  /// The part of labelled lines whose label a model finds.
  static func accuracy(_ model: FastTextModel, _ lines: [ArraySlice<UInt8>]) throws -> Double {
    var scratch = FastTextScratch()
    var right = 0
    for line in lines {
      let parts = line.split(separator: 0x20, maxSplits: 1)
      let text = Array(parts[1])
      let best = try model.predict(text.span, scratch: &scratch).first
      if let best, model.label(best.label) == String(decoding: parts[0], as: UTF8.self) {
        right += 1
      }
    }
    return Double(right) / Double(lines.count)
  }

  @Test func vocabularyIsTheProgramsWithTiesInTheirOrder() throws {
    let folder = try TemporaryFolder()
    let text = try folder.write(
      """
      __label__b c b a
      no label here b
      __label__a __label__b b a </s> __label__c d

      __label__c \u{e9}
      """, to: "text")
    var trainer = Self.trainer(maxn: 0)
    trainer.settings.minCount = 2
    let model = try trainer.train([text])
    #expect(model.textCounts.lines == 5)
    #expect(model.textCounts.tokens == 22 && model.tokens == 22)
    #expect(model.textCounts.unlabelledLines == 2)
    try model.write(to: "\(folder.path)/model.bin")
    let read = try FastTextModel(path: "\(folder.path)/model.bin")
    #expect(read.labels == ["__label__b", "__label__c", "__label__a"])
    #expect((0..<3).map { read.occurrences(ofLabel: $0) } == [2, 2, 1])
    #expect(read.wordCount == 3)  // </s> six times, b three times, a twice
    trainer.minCountLabel = 2
    #expect(try trainer.train([text]).labelCount == 2)
  }

  @Test func compressedAndSplitFilesTrainTheSame() throws {
    let folder = try TemporaryFolder()
    let bytes = FastTextTexts.training(labels: 4, lines: 200)
    let whole = try folder.write(bytes, to: "text")
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false)
    let first = try folder.write(Array(lines[..<90].joined(separator: [0x0a])), to: "1")
    let second = try folder.write(
      gzipMember(of: Array(lines[90...].joined(separator: [0x0a]))), to: "2.gz")
    let trainer = Self.trainer()
    try trainer.train([whole]).write(to: "\(folder.path)/a.bin")
    try trainer.train([first, second]).write(to: "\(folder.path)/b.bin")
    #expect(
      try FastTextProgram.bytes(of: "\(folder.path)/a.bin")
        == FastTextProgram.bytes(of: "\(folder.path)/b.bin"))
  }

  @Test func anythingMayBeInALine() throws {
    let folder = try TemporaryFolder()
    var text: [UInt8] = []
    for (index, line) in FastTextTexts.hostile().enumerated() {
      text += Array("__label__\(index % 3) ".utf8) + line + [0x0a]
    }
    let path = try folder.write(text, to: "text")
    let model = try Self.trainer(.hierarchicalSoftmax, wordNgrams: 2).train([path])
    try model.write(to: "\(folder.path)/model.bin")
    #expect(try FastTextModel(path: "\(folder.path)/model.bin").labelCount >= 3)
  }

  struct Stop: Error {}

  @Test(arguments: [1, 3])
  func aTrainingEndsWhereItsProgressThrows(jobs: Int) throws {
    let folder = try TemporaryFolder()
    let text = try folder.write(FastTextTexts.training(labels: 4, lines: 2000), to: "text")
    var trainer = Self.trainer()
    trainer.jobs = jobs
    trainer.settings.epoch = 1_000_000
    #expect(throws: Stop.self) { try trainer.train([text]) { _ in throw Stop() } }
    trainer.settings.epoch = 2
    var last: FastTextProgress?
    _ = try trainer.train([text]) { last = $0 }
    let end = try #require(last)
    #expect(end.fraction == 1 && end.rate == 0 && end.loss > 0 && end.tokensPerSecond > 0)
  }

  @Test func vectorsAreBegunWith() throws {
    let folder = try TemporaryFolder()
    let text = try folder.write("__label__a x y\n__label__b z\n", to: "text")
    let vectors = try folder.write("3 2\ny 1 2\nunseen 3 -4.5\n__label__b 5 6\n", to: "v.vec")
    var trainer = Self.trainer(dim: 2, maxn: 0)
    trainer.pretrainedVectors = vectors
    trainer.lr = 1e-30
    let path = "\(folder.path)/model.bin"
    try trainer.train([text]).write(to: path)
    let bytes = try FastTextProgram.bytes(of: path)
    let wanted: [Float] = [1, 2, 3, -4.5]
    for pair in [wanted[..<2], wanted[2...]] {
      let row = pair.flatMap { number in
        (0..<4).map { UInt8(truncatingIfNeeded: number.bitPattern >> (8 * $0)) }
      }
      #expect(bytes.indices.dropLast(8).contains { bytes[$0..<$0 + 8].elementsEqual(row) })
    }
    #expect(try FastTextModel(path: path).wordCount == 5)
    for (content, cause) in [
      ("", "no first line"), ("x y\n", "count and dimension"), ("1 3\na 1 2 3\n", "3 dimensions"),
      ("2 2\na 1 2\n", "ends before"), ("1 2\na 1\n", "1 numbers where 2"),
      ("1 2\na 1 nan\n", "other than numbers"),
    ] {
      trainer.pretrainedVectors = try folder.write(content, to: "bad.vec")
      let fault = #expect(throws: Fault.self) { try trainer.train([text]) }
      #expect(fault.map { "\($0)".contains(cause) } == true, "\(String(describing: fault))")
    }
  }
}
