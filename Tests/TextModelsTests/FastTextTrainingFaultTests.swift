import Ground
import TestSupport
import Testing
import TextModels

/// Each way to ask for what cannot be trained, and the sentence that says so.
@Suite struct FastTextTrainingFaultTests {
  static let settings: [(String, @Sendable (inout FastTextTrainer) -> Void)] = [
    ("dim is 0", { $0.settings.dim = 0 }),
    ("dim is 70000", { $0.settings.dim = 70_000 }),
    ("lr is nan", { $0.lr = .nan }),
    ("lr is inf", { $0.lr = .infinity }),
    ("lr is 0.0", { $0.lr = 0 }),
    ("epoch is 0", { $0.settings.epoch = 0 }),
    ("bucket is 0", { $0.settings.bucket = 0 }),
    ("bucket is -5", { $0.settings.bucket = -5 }),
    ("wordNgrams is 0", { $0.settings.wordNgrams = 0 }),
    ("minn is 4, more than maxn", { $0.settings.minn = 4 }),
    ("minn and maxn are 2 and 65", { $0.settings.maxn = 65 }),
    ("minCount is -1", { $0.settings.minCount = -1 }),
    ("minCountLabel is -1", { $0.minCountLabel = -1 }),
    ("jobs is 0", { $0.jobs = 0 }),
    ("the label prefix is empty", { $0.labelPrefix = "" }),
    (
      "neg must be at least 1",
      {
        $0.settings.loss = .negativeSampling
        $0.settings.neg = 0
      }
    ),
    ("only supervised", { $0.settings.kind = .skipGram }),
    (
      "training needs",
      {
        $0.settings.bucket = 2_000_000_000
        $0.settings.dim = 65_536
        $0.memory = 1 << 34
      }
    ),
    ("training may use", { $0.memory = 1000 }),
    ("minCountLabel", { $0.minCountLabel = 10_000 }),
    (
      "lower minCount",
      {
        $0.settings.minCount = 10_000
        $0.settings.maxn = 0
        $0.settings.minn = 0
      }
    ),
    ("lower the learning rate", { $0.lr = 1e38 }),
  ]

  @Test(arguments: settings.indices)
  func settingsThatMakeNoSense(index: Int) throws {
    let folder = try TemporaryFolder()
    let text = try folder.write(FastTextTexts.training(labels: 3, lines: 100), to: "text")
    var trainer = FastTextTrainingTests.trainer()
    Self.settings[index].1(&trainer)
    let fault = #expect(throws: Fault.self) { try trainer.train([text]) }
    #expect(
      fault.map { "\($0)".contains(Self.settings[index].0) } == true,
      "\(String(describing: fault))")
  }

  static let texts: [(String, String)] = [
    ("", "there is no text"), ("just words\n", "no line has a label"),
    ("__label__a x\n__label__a y\n", "one label only"),
  ]

  @Test(arguments: texts)
  func textsThatTeachNothing(text: String, cause: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(text, to: "text")
    let fault = #expect(throws: Fault.self) {
      try FastTextTrainingTests.trainer().train([path])
    }
    #expect(fault.map { "\($0)".contains(cause) } == true, "\(String(describing: fault))")
    #expect(throws: Fault.self) {
      try FastTextTrainingTests.trainer().train(["\(folder.path)/missing"])
    }
  }
}
