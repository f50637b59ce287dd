import Ground
import TestSupport
import Testing
import TextModels

/// Models made small: how well they still know, and that threads do not show.
@Suite struct FastTextQuantizingTests {
  struct Plan: Sendable, CustomTestStringConvertible {
    var name: String
    /// The program's options.
    var options: [String]
    var change: @Sendable (inout FastTextQuantizer) -> Void
    var testDescription: String { name }
  }

  static let plans: [Plan] = [
    Plan(name: "plain", options: []) { _ in },
    Plan(name: "qnorm", options: ["-qnorm"]) { $0.qnorm = true },
    Plan(name: "dsub 5", options: ["-dsub", "5"]) { $0.dsub = 5 },
    Plan(name: "cutoff", options: ["-cutoff", "700"]) { $0.cutoff = 700 },
    Plan(name: "cutoff qnorm", options: ["-cutoff", "700", "-qnorm"]) {
      $0.cutoff = 700
      $0.qnorm = true
    },
    Plan(name: "retrain", options: ["-cutoff", "500", "-retrain", "-qnorm"]) {
      $0.cutoff = 500
      $0.qnorm = true
      var retrain = FastTextTrainer()
      retrain.lr = 0.05
      $0.retrain = retrain
    },
  ]

  @Test(arguments: plans)
  func quantisedModelsKnowAsMuch(plan: Plan) throws {
    let folder = try TemporaryFolder()
    let (training, held) = FastTextTrainingTests.lines(labels: 6, 1500)
    let text = try folder.write(training, to: "text")
    var trainer = FastTextTrainingTests.trainer(wordNgrams: 2)
    trainer.settings.epoch = 10
    let trained = try trainer.train([text])
    try trained.write(to: "\(folder.path)/m.bin")
    let read = try TrainedFastText(FastTextModel(path: "\(folder.path)/m.bin"))
    var files: [[UInt8]] = []
    for (jobs, model) in [(1, trained), (4, trained), (2, read)] {
      var quantizer = FastTextQuantizer()
      quantizer.jobs = jobs
      quantizer.retrainFiles = [text]
      plan.change(&quantizer)
      quantizer.retrain?.jobs = jobs
      let path = "\(folder.path)/m\(files.count).ftz"
      try quantizer.quantize(model).write(to: path)
      files.append(try FastTextProgram.bytes(of: path))
    }
    #expect(files[1] == files[0] && files[2] == files[0])
    let path = "\(folder.path)/m0.ftz"
    let accuracy = try FastTextTrainingTests.accuracy(FastTextModel(path: path), held)
    #expect(accuracy > 0.95)
    guard FastTextProgram.isHere else { return }
    let texts = held.map { Array($0.split(separator: 0x20, maxSplits: 1)[1]) }
    try FastTextParity.expectSame(path, texts, in: folder)
    try FastTextProgram.run(
      ["quantize", "-input", text, "-output", "\(folder.path)/m"] + plan.options)
    let theirs = try FastTextProgram.bytes(of: "\(folder.path)/m.ftz").count
    #expect(files[0].count == theirs)
  }

  @Test func manyLabelsAreQuantisedToo() throws {
    let folder = try TemporaryFolder()
    let text = try folder.write(FastTextTexts.training(labels: 300, lines: 2000), to: "text")
    let trained = try FastTextTrainingTests.trainer(.hierarchicalSoftmax).train([text])
    var quantizer = FastTextQuantizer()
    quantizer.qout = true
    let path = "\(folder.path)/m.ftz"
    try quantizer.quantize(trained).write(to: path)
    #expect(try FastTextModel(path: path).labelCount == 300)
    guard FastTextProgram.isHere else { return }
    try FastTextParity.expectSame(path, FastTextTexts.hostile(), in: folder)
  }

  @Test func whatCannotBeQuantised() throws {
    let folder = try TemporaryFolder()
    let text = try folder.write(FastTextTexts.training(labels: 3, lines: 100), to: "text")
    let few = try FastTextTrainingTests.trainer(maxn: 0).train([text])
    let many = try FastTextTrainingTests.trainer().train([text])
    let plans: [(TrainedFastText, String, (inout FastTextQuantizer) -> Void)] = [
      (few, "input matrix has", { _ in }), (many, "output matrix has", { $0.qout = true }),
      (many, "dsub is 0", { $0.dsub = 0 }), (many, "cutoff is 9,", { $0.cutoff = 9 }),
      (many, "cutoff is -1", { $0.cutoff = -1 }),
      (many, "with a cutoff only", { $0.retrain = FastTextTrainer() }),
      (
        many, "needs the text",
        {
          $0.retrain = FastTextTrainer()
          $0.cutoff = 1000
        }
      ),
      (many, "jobs is 0", { $0.jobs = 0 }),
    ]
    for (model, cause, change) in plans {
      var quantizer = FastTextQuantizer()
      change(&quantizer)
      let fault = #expect(throws: Fault.self) { try quantizer.quantize(model) }
      #expect(fault.map { "\($0)".contains(cause) } == true, "\(String(describing: fault))")
    }
    let path = "\(folder.path)/m.ftz"
    try FastTextQuantizer().quantize(many).write(to: path)
    #expect(throws: Fault.self) { try TrainedFastText(FastTextModel(path: path)) }
  }
}
