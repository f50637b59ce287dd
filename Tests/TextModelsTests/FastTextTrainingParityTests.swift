import Ground
import TestSupport
import Testing
import TextModels

/// Models trained here, in the hands of the program.
@Suite(.enabled(if: FastTextProgram.isHere, Comment(rawValue: FastTextProgram.absence)))
struct FastTextTrainingParityTests {
  @Test(arguments: FastTextTrainingTests.shapes)
  func theProgramReadsTheSamePredictions(
    loss: FastTextSettings.Loss, dim: Int32, wordNgrams: Int32, maxn: Int32
  ) throws {
    let folder = try TemporaryFolder()
    let text = try folder.write(FastTextTexts.training(labels: 9, lines: 600), to: "text")
    let trainer = FastTextTrainingTests.trainer(
      loss, dim: dim, wordNgrams: wordNgrams, maxn: maxn)
    let path = "\(folder.path)/model.bin"
    try trainer.train([text]).write(to: path)
    try FastTextParity.expectSame(path, FastTextTexts.hostile(), in: folder)
  }

  @Test(arguments: FastTextSettings.Loss.allCases)
  func accuracyIsTheProgramsOrBetter(loss: FastTextSettings.Loss) throws {
    let folder = try TemporaryFolder()
    let (training, held) = FastTextTrainingTests.lines(labels: 30, 4000)
    let text = try folder.write(training, to: "text")
    var trainer = FastTextTrainingTests.trainer(loss)
    trainer.settings.epoch = 2
    trainer.lr = 0.2
    trainer.shuffles = false  // as the program, so that the two see the same
    let ours = "\(folder.path)/ours.bin"
    try trainer.train([text]).write(to: ours)
    let program = loss == .oneVersusAll ? "one-vs-all" : loss.name
    try FastTextProgram.run([
      "supervised", "-input", text, "-output", "\(folder.path)/theirs", "-dim", "16", "-minn", "2",
      "-maxn", "3", "-bucket", "5000", "-epoch", "2", "-lr", "0.2", "-loss", program, "-thread",
      "1",
    ])
    let mine = try FastTextTrainingTests.accuracy(FastTextModel(path: ours), held)
    let theirs = try FastTextTrainingTests.accuracy(
      FastTextModel(path: "\(folder.path)/theirs.bin"), held)
    #expect(mine > theirs - 0.02, "\(mine) and \(theirs)")
  }
}

enum FastTextParity {
  /// Expects that the program and this library say the same of texts.
  static func expectSame(_ model: String, _ texts: [[UInt8]], in folder: TemporaryFolder) throws {
    let answers = try FastTextProgram.answers(model, texts, top: 2, in: folder)
    let read = try FastTextModel(path: model)
    var scratch = FastTextScratch()
    for (text, answer) in zip(texts, answers) {
      let found = try read.predict(text.span, top: 2, scratch: &scratch)
      #expect(found.count == answer.count)
      for (one, other) in zip(found, answer) {
        #expect(abs(one.probability - other.probability) <= 1e-5)
        // Labels as good as equal may change places.
        if abs(found[0].probability - (found.last?.probability ?? 0)) > 2e-5 {
          #expect(read.label(one.label) == other.label)
        }
      }
    }
  }
}
