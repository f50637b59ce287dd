import Compute
import Ground
import Llama
import Shards
import TestSupport
import Testing
import Trainer

@Suite struct TrainingTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  @Test func theLossFallsOnARepeatedText() throws {
    #expect(try bench.training("a", tinySettings(steps: 120)).run(report: bench.note) == .finished)
    let losses = bench.taken().losses
    #expect(losses.count == 120)
    #expect(abs(losses[0] - 4.16) < 0.1)  // the logarithm of 64
    #expect(losses[119] < 1.5)
  }

  @Test func rerunsAreBitwiseEqual() throws {
    for name in ["a", "b"] { try bench.training(name, tinySettings(steps: 20)).run() }
    #expect(try bench.checkpoint("a", 20) == bench.checkpoint("b", 20))
    #expect(try bench.metrics("a") == bench.metrics("b"))
  }

  @Test func threadsChangeNothing() throws {
    try bench.training("a", tinySettings(steps: 10)).run(threads: 1)
    try bench.training("b", tinySettings(steps: 10)).run(threads: 3)
    #expect(try bench.checkpoint("a", 10) == bench.checkpoint("b", 10))
  }

  @Test(arguments: [2, 4])
  func ranksGiveTheSameLosses(ranks: Int) throws {
    try bench.training("one", tinySettings(steps: 50)).run(report: bench.note)
    let one = bench.taken().losses
    for name in ["many", "again"] {
      try bench.training(name, tinySettings(steps: 50)).run(ranks: ranks, report: bench.note)
    }
    let both = bench.taken().losses
    #expect(both.count == 100)
    let worst = zip(one, both[..<50]).map { abs($0 - $1) / $0 }.max() ?? 1
    // f32 sums in another order; the tolerance is of the trainer's design.
    #expect(worst < 1e-6, "\(worst)")
    #expect(Array(both[..<50]) == Array(both[50...]))
    #expect(try bench.checkpoint("many", 50) == bench.checkpoint("again", 50))
  }

  @Test func partsOfABatchGiveTheSameLosses() throws {
    try bench.training("one", tinySettings(steps: 30)).run(report: bench.note)
    let one = bench.taken().losses
    var settings = tinySettings(steps: 30)
    settings.accumulation = 4
    try bench.training("four", settings).run(report: bench.note)
    let worst = zip(one, bench.taken().losses).map { abs($0 - $1) / $0 }.max() ?? 1
    #expect(worst < 1e-6, "\(worst)")
  }

  @Test func validationIsSeenAndChangesNothing() throws {
    try bench.training("a", tinySettings(steps: 12)).run(report: bench.note)
    #expect(bench.taken().steps.allSatisfy { $0.validationLoss == nil })
    var settings = tinySettings(steps: 12)
    settings.evaluateEvery = 5
    try bench.training("b", settings).run(ranks: 2, report: bench.note)
    let steps = bench.taken().steps
    #expect(steps.filter { $0.validationLoss != nil }.map(\.step) == [5, 10, 12])
    #expect(steps.compactMap(\.validationLoss).allSatisfy { $0 > 0 && $0 < 5 })
    try bench.training("c", settings).run(report: bench.note)
    #expect(
      try bench.bytes("a/checkpoint-000012.safetensors")
        == bench.bytes("c/checkpoint-000012.safetensors"))
  }

  @Test(arguments: [1, 2])
  func validationIsToldBySource(ranks: Int) throws {
    var settings = tinySettings(steps: 6)
    settings.evaluateEvery = 3
    settings.evaluationSequences = 9
    var training = bench.training("a", settings)
    let stream = try TokenStream(folder: bench.folder.path + "/data/validation")
    training.validationSources = try ShardSources([["wiki", "books", "wiki", "books"]], of: stream)
    try training.run(ranks: ranks, report: bench.note)
    let steps = bench.taken().steps.filter { !$0.validationBySource.isEmpty }
    #expect(steps.map(\.step) == [3, 6])
    for step in steps {
      #expect(step.validationBySource.map(\.source) == ["books", "wiki"])
      // Nine sequences have the targets 1 to 144: documents of 50 tokens, the first without its first.
      let (books, wiki) = (step.validationBySource[0].loss, step.validationBySource[1].loss)
      let whole = (50 + 0) * books + (49 + 45) * wiki
      #expect(abs(whole / 144 - (step.validationLoss ?? 0)) < 1e-9)
      #expect(books != wiki)
    }
    let line = try bench.metrics("a")[2]
    #expect(
      line.contains("\"validation\":{\"books\":\(steps[0].validationBySource[0].loss),\"wiki\":"))
    try bench.training("plain", settings).run(ranks: ranks, report: bench.note)
    let plain = bench.taken().steps.compactMap(\.validationLoss)
    for (one, other) in zip(plain, steps.compactMap(\.validationLoss)) {
      #expect(abs(one - other) < 1e-9)
    }
  }

  @Test func metricsAreALineAStep() throws {
    try bench.training("a", tinySettings(steps: 2)).run(report: bench.note)
    let steps = bench.taken().steps
    let lines = try bench.metrics("a")
    #expect(lines.count == 2)
    #expect(
      lines[1]
        == """
        {"step":2,"tokens":128,"loss":\(steps[1].loss),"learningRate":0.001,\
        "gradientNorm":\(steps[1].gradientNorm)
        """)
    #expect(steps[1].line.hasPrefix("step 2 of 2, loss 3."))
  }

  @Test(arguments: [1, 5])
  func aLastLineThatWasCutShortIsWrittenAgain(bytes: Int) throws {
    try bench.training("whole", tinySettings(steps: 4)).run()
    var part = bench.training("part", tinySettings(steps: 4))
    part.lastStep = 2
    try part.run()
    // As if the line of step 3 had not been written to its end.
    let more = Array("\(try bench.lines("whole")[2])\n".utf8).dropLast(bytes)
    _ = try bench.folder.write(
      try bench.bytes("part/metrics.jsonl") + more, to: "part/metrics.jsonl")
    part.resume = true
    part.lastStep = nil
    try part.run()
    #expect(try bench.metrics("part") == bench.metrics("whole"))
    #expect(
      try bench.lines("part").count { $0.contains("\"event\":\"resume\",\"resumes\":1") } == 1)
  }

  @Test func theFolderIsEnoughToUseTheModel() throws {
    var training = bench.training("a", tinySettings(steps: 8))
    training.tokenizer = try bench.folder.write("pieces", to: "some.model")
    try training.run()
    let run = bench.run("a")
    #expect(try run.config() == tiny)
    #expect(run.tokenizerPath == "\(run.path)/tokenizer.model")
    let (model, step) = try run.model(maximumTokens: 16, workers: WorkerPool(threads: 1))
    #expect(step == 8)
    let file = try SafetensorsFile(path: run.path + "/checkpoint-000008.safetensors")
    #expect(file.tensors.count == 3 * model.tensors.count)
    for tensor in model.tensors {
      let stored = Arena<Float>(count: tensor.count).all
      try file.read(tensor.name, shape: tensor.shape, into: stored)
      #expect(stored.array == model.parameters.part(tensor.range).array)
    }
  }
}

@Suite struct BadDataTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func cause(_ training: Training) -> String? {
    do {
      try training.run()
      return nil
    } catch let fault as Fault { return "\(fault.cause)" } catch { return "\(error)" }
  }

  @Test func dataThatIsNotThereIsAFault() throws {
    let error = #expect(throws: Fault.self) {
      try TrainingData(folder: bench.folder.path + "/nothing")
    }
    let what = error?.description ?? ""
    #expect(what.contains("no such folder of token shards"))
  }

  @Test func theFolderItselfMayHaveTheShards() throws {
    let data = try TrainingData(folder: bench.folder.path + "/data/train")
    #expect(data.train.count == 2000)
    #expect(data.validation == nil)
    #expect(bench.data.validation?.count == 200)
  }

  @Test func aVocabularyLargerThanTheModelsIsAFault() {
    var training = bench.training("a", tinySettings(steps: 3))
    training.config.vocabularySize = 50
    #expect(
      cause(training)
        == """
        document 0 has token 51, and the model's vocabulary is 50: the shards were made with \
        another tokenizer; set the model's vocabulary-size to that of the tokenizer
        """)
  }

  @Test func aContextLongerThanTheDataIsAFault() {
    var training = bench.training("a", tinySettings(steps: 3))
    training.config.context = 4096
    training.settings.context = 2000
    #expect(
      cause(training)
        == """
        the training data has 2000 tokens, and one sequence needs 2001; \
        choose a shorter context or build a larger corpus
        """)
    training.settings.context = 200
    training.settings.evaluateEvery = 1
    #expect(cause(training)?.hasPrefix("the validation data has 200 tokens") == true)
  }

  @Test func aContextLongerThanTheModelsIsAFault() {
    var training = bench.training("a", tinySettings(steps: 3))
    training.settings.context = 17
    #expect(
      cause(training) == "sequences of 17 tokens do not fit the model's context of 16")
  }

  @Test(arguments: [1, 2])
  func aFaultEndsAllRanks(ranks: Int) {
    var training = bench.training("a", tinySettings(steps: 3))
    training.folder = RunFolder(path: "/proc/nothing/run")
    #expect(throws: Fault.self) { try training.run(ranks: ranks) }
  }
}
