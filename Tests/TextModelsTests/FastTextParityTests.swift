import Ground
import TestSupport
import Testing
import TextModels

/// Every kind of classifier, trained by the program `fasttext`, against that program's answers.
@Suite(.enabled(if: FastTextProgram.isHere, Comment(rawValue: FastTextProgram.absence)))
struct FastTextParityTests {
  static let losses = ["hs", "ns", "softmax", "ova"]
  static let grams = [
    "", "-minn 2 -maxn 4 -bucket 900", "-wordNgrams 2 -bucket 700",
    "-minn 1 -maxn 3 -wordNgrams 4 -bucket 1100",
  ]
  /// Ways to quantise; every second model takes one of them.
  static let quantisers = [
    "", "-cutoff 300", "-qnorm -dsub 3", "-cutoff 400 -qnorm", "-dsub 4",
    "-qnorm -cutoff 256 -dsub 1",
    "-dsub 20",
  ]

  @Test(arguments: losses, grams)
  func answersAreTheProgramsOwn(loss: String, grams: String) throws {
    let folder = try TemporaryFolder()
    let input = try folder.write(
      FastTextTexts.training(labels: 30, lines: 700) + Self.rareWords, to: "train")
    try train(folder, input, "-dim 10 -loss \(loss) \(grams)")
    let texts = FastTextTexts.hostile()
    try compare("\(folder.path)/model.bin", texts, folder)
    let first = Self.losses.firstIndex(of: loss) ?? 0
    let second = Self.grams.firstIndex(of: grams) ?? 0
    guard (first + second) % 2 == 0 else { return }
    let choice = (2 * first + second / 2) % Self.quantisers.count
    try quantise(folder, input, Self.quantisers[choice])
    let model = try compare("\(folder.path)/model.ftz", texts, folder)
    #expect(model.isQuantised)
  }

  /// Three hundred labels, for a quantised output matrix needs 256, and more columns than a register.
  @Test(arguments: losses) func manyLabelsAreAnsweredAlike(loss: String) throws {
    let folder = try TemporaryFolder()
    let input = try folder.write(FastTextTexts.training(labels: 300, lines: 600), to: "train")
    try train(folder, input, "-dim 19 -lr 0.5 -loss \(loss)")
    let texts = FastTextTexts.hostile()
    try compare("\(folder.path)/model.bin", texts, folder)
    let isPruned = loss == "ova" || loss == "hs"
    try quantise(folder, input, isPruned ? "-qout -qnorm -cutoff 500 -dsub 5" : "-qout")
    let model = try compare("\(folder.path)/model.ftz", texts, folder)
    #expect(model.summary.isOutputQuantised)
  }

  /// So many labels that their rows are read where they lie, and a tree is walked row by row.
  @Test(arguments: ["hs", "softmax"]) func rowsInTheFileAreReadAlike(loss: String) throws {
    let folder = try TemporaryFolder()
    let input = try folder.write(FastTextTexts.training(labels: 1500, lines: 1600), to: "train")
    try train(folder, input, "-dim 17 -lr 1 -loss \(loss)")
    let texts = Array(FastTextTexts.hostile().prefix(70))
    try compare("\(folder.path)/model.bin", texts, folder)
    try quantise(folder, input, loss == "hs" ? "-qout -qnorm -cutoff 300" : "-qout -cutoff 300")
    let model = try compare("\(folder.path)/model.ftz", texts, folder)
    #expect(model.summary.indexBytes < 150_000)
  }

  /// One label, with which a hierarchical softmax has no node; the program does not end where it looks
  /// for labels that are not it.
  @Test(arguments: losses.filter { $0 != "ns" }) func oneLabelIsAnsweredAlike(loss: String) throws {
    let folder = try TemporaryFolder()
    let input = try folder.write(FastTextTexts.training(labels: 1, lines: 50), to: "train")
    try train(folder, input, "-dim 3 -loss \(loss)")
    try compare("\(folder.path)/model.bin", FastTextTexts.hostile(), folder)
  }

  @Test(
    .enabled(if: Samples.areHere, Comment(rawValue: Samples.absence)), arguments: losses)
  func everyLanguageIsAnsweredAlike(loss: String) throws {
    let folder = try TemporaryFolder()
    let samples = FastTextTexts.samples()
    let input = try folder.write(samples.training, to: "train")
    try train(folder, input, "-dim 16 -minn 2 -maxn 4 -bucket 4000 -loss \(loss)")
    let model = try compare("\(folder.path)/model.bin", samples.texts, folder)
    #expect(model.labelCount >= 37)
  }

  /// A model of the version before, made by changing the number: its character n-grams do not count.
  @Test func versionElevenHasNoCharacterGrams() throws {
    let folder = try TemporaryFolder()
    let input = try folder.write(FastTextTexts.training(labels: 30, lines: 700), to: "train")
    try train(folder, input, "-dim 10 -minn 2 -maxn 4 -bucket 900")
    var bytes = try FastTextProgram.bytes(of: "\(folder.path)/model.bin")
    bytes[4] = 11
    let model = try compare(
      try folder.write(bytes, to: "old.bin"), FastTextTexts.hostile(), folder)
    #expect(model.version == 11 && model.settings.maxn == 0 && model.settings.minn == 2)
  }

  @Test func wordVectorsAreInspectedAndNotAsked() throws {
    let folder = try TemporaryFolder()
    let input = try folder.write(FastTextTexts.training(labels: 30, lines: 700), to: "train")
    for command in ["cbow", "skipgram"] {
      try train(folder, input, "-dim 10 -minCount 1 -bucket 900", command: command)
      let model = try FastTextModel(path: "\(folder.path)/model.bin")
      #expect(model.settings.kind == (command == "cbow" ? .continuousBagOfWords : .skipGram))
      #expect(model.summary.words > 100 && model.summary.inputRows == model.summary.words + 900)
      var scratch = FastTextScratch()
      #expect(throws: Fault.self) {
        try model.answer("a", &scratch)
      }
    }
  }

  /// Words that are seen once, so that there are more than 256 rows without n-grams too.
  private static let rareWords = Array(
    (0..<400).map { "__label__\($0 % 30) mid\(1000 + $0)\n" }.joined().utf8)

  private func train(
    _ folder: TemporaryFolder, _ input: String, _ options: String, command: String = "supervised"
  ) throws {
    try FastTextProgram.run(
      [command, "-input", input, "-output", "\(folder.path)/model", "-thread", "1", "-epoch", "4"]
        + options.split(separator: " ").map(String.init))
  }

  private func quantise(_ folder: TemporaryFolder, _ input: String, _ options: String) throws {
    try FastTextProgram.run(
      ["quantize", "-input", input, "-output", "\(folder.path)/model", "-thread", "1"]
        + options.split(separator: " ").map(String.init))
  }

  /// All labels, then few of them above a threshold, of all texts.
  @discardableResult
  private func compare(
    _ path: String, _ texts: [[UInt8]], _ folder: TemporaryFolder
  ) throws -> FastTextModel {
    let model = try FastTextModel(path: path)
    var scratch = FastTextScratch()
    for (k, threshold) in [(1000, 0), (3, 0.05)] as [(Int, Float)] {
      let answers = try FastTextProgram.answers(
        path, texts, top: k, threshold: threshold, in: folder)
      for (text, answer) in zip(texts, answers) {
        let found = try model.predict(text.span, top: k, threshold: threshold, scratch: &scratch)
        let shown =
          "\(path.suffix(9)), \(model.settings), \(String(decoding: text.prefix(40), as: UTF8.self))"
        #expect(found.map { model.label($0.label) } == answer.map(\.label), "\(shown)")
        for (one, other) in zip(found, answer) where abs(one.probability - other.probability) > 1e-6
        {
          Issue.record("\(shown): \(one.probability), not \(other.probability)")
        }
      }
    }
    return model
  }
}
