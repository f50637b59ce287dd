import Compute
import Glibc
import Ground
import Llama
import TestSupport
import Testing
import Tokenizer
import Trainer

/// Bytes as tokens: `<unk>`, `<s>`, `</s>`, then byte b as 3 + b, and words with pieces of their own.
func byteTokenizer(_ pieces: [String] = []) throws -> TokenEncoder {
  var settings = TrainerSettings.llama
  settings.addDummyPrefix = false
  var all = [TokenizerModel.Piece("<unk>", kind: .unknown)]
  all += [.init("<s>", kind: .control), .init("</s>", kind: .control)]
  for byte in 0...255 {
    let digits = String(byte, radix: 16, uppercase: true)
    all.append(.init("<0x\(byte < 16 ? "0" : "")\(digits)>", kind: .byte))
  }
  for (turn, piece) in pieces.enumerated() { all.append(.init(piece, score: -Float(turn))) }
  return try TokenEncoder(
    TokenizerModel(
      pieces: all, trainer: TrainerSpec(settings, vocabSize: all.count),
      normalizer: NormalizerSpec(addDummyPrefix: false)))
}

@Suite struct InstructionTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func reader(
    _ template: ConversationTemplate = .plain, start: Int32? = nil, context: Int = 64
  ) throws -> InstructionReader {
    try InstructionReader(
      encoder: try byteTokenizer(), template: template, start: start, context: context)
  }

  private func samples(
    _ text: String, _ reader: InstructionReader? = nil
  ) throws -> InstructionSamples {
    let file = try folder.write(text, to: "data.jsonl")
    return try InstructionSamples(files: [file], reader: try reader ?? self.reader())
  }

  /// The first sample, with bytes as characters, `^` for the start and `$` for the end.
  private func row(_ samples: InstructionSamples) throws -> (inputs: String, targets: String) {
    let batch = try samples.samples([0], context: 64, vocabulary: 259)
    func text(_ tokens: [Int32]) -> String {
      String(
        decoding: tokens.map { token in
          switch token {
          case -1: UInt8(ascii: "_")
          case 0: UInt8(ascii: "0")
          case 1: UInt8(ascii: "^")
          case 2: UInt8(ascii: "$")
          default: token == 3 + 0x0a ? UInt8(ascii: "/") : UInt8(token - 3)
          }
        }, as: UTF8.self
      ).replacing("▁", with: " ")  // three bytes, each a token
    }
    return (text(batch.inputs), text(batch.targets))
  }

  @Test func aPromptIsReadAndItsResponseIsLearnt() throws {
    let row = try row(try samples(#"{"prompt":"hello","response":"hi"}"#))
    // A row begins with the end token as documents in shards do, and is padded to a multiple of 16.
    #expect(row.inputs == "$hello/hi0000000")
    #expect(row.targets == "______hi$_______")
  }

  @Test func anInstructionMayHaveAnInput() throws {
    let with = try row(
      try samples(#"{"instruction":"add","input":"1 2","output":"3"}"#))
    #expect(with.inputs == "$add//1 2/3000")
    let without = try row(try samples(#"{"instruction":"add","input":"","output":"3"}"#))
    #expect(without.inputs == "$add/30000000000")
    #expect(without.targets == "____3$__________")
  }

  @Test func everyAnswerOfAConversationIsLearnt() throws {
    let row = try row(
      try samples(
        #"{"messages":[{"role":"system","content":"S"},{"role":"user","content":"a"},"#
          + #"{"role":"assistant","content":"b"},{"role":"user","content":"c"},"#
          + #"{"role":"assistant","content":"d"}]}"#))
    #expect(row.inputs == "$S//a/b$c/d00000")
    #expect(row.targets == "_____b$__d$_____")
  }

  @Test func theStartTokenIsTheCallers() throws {
    let samples = try samples(
      #"{"prompt":"a","response":"b"}"#, try reader(start: 1))
    #expect(try row(samples).inputs.hasPrefix("^a/b0"))
  }

  @Test func headingsStandBeforeTheAnswerAndAreNotLearnt() throws {
    let samples = try samples(
      #"{"instruction":"a","output":"b"}"#, try reader(.sections))
    let row = try row(samples)
    #expect(row.inputs.hasPrefix("$### Instruction:/a//### Response:/b0"))
    #expect(row.targets.filter { $0 != "_" } == "b$")
  }

  @Test func aTemplateOfTheUsers() throws {
    let path = try folder.write(
      #"{"user":"Q {text}","userWithInput":"Q {text}|{input}","assistant":" A {text}."}"#,
      to: "template.json")
    let template = try ConversationTemplate(path: path)
    let plain = try row(try samples(#"{"prompt":"x","response":"y"}"#, try reader(template)))
    #expect(plain.inputs.hasPrefix("$Q x A y.0"))
    #expect(plain.targets.filter { $0 != "_" } == "y.$")
    let input = try row(
      try samples(
        #"{"instruction":"{input}","input":"i","output":"y"}"#, try reader(template)))
    #expect(input.inputs.hasPrefix("$Q {input}|i A y.0"))
  }

  @Test(arguments: [
    ("{}", "the template has no string \"user\""),
    (#"{"user":"{text}","assistant":"x"}"#, "\"assistant\" has no {text}, or more than one"),
    ("[", "not JSON"),
  ])
  func aBadTemplateIsAFault(text: String, what: String) throws {
    let path = try folder.write(text, to: "template.json")
    let error = #expect(throws: Fault.self) { try ConversationTemplate(path: path) }
    let told = error?.description ?? ""
    #expect(told.hasPrefix("\(path): byte 0: \(what)"), "\(told)")
  }

  @Test func aTokenAcrossTheBoundaryIsLearnt() throws {
    let reader = try InstructionReader(
      encoder: try byteTokenizer(["ab", "q", "a", "b"]),
      template: ConversationTemplate(
        path: try folder.write(#"{"user":"{text}","assistant":"{text}"}"#, to: "t.json")),
      context: 64)
    let samples = try samples(#"{"prompt":"qa","response":"b"}"#, reader)
    let batch = try samples.samples([0], context: 64, vocabulary: 263)
    #expect(Array(batch.inputs[..<3]) == [2, 260, 259])
    #expect(Array(batch.targets[..<3]) == [-1, 259, 2])
  }

  @Test(arguments: [
    ("nonsense", "not JSON"),
    (#"{"text":"a"}"#, "the line has none of \"prompt\", \"instruction\" and \"messages\""),
    (#"{"prompt":"a"}"#, "the line has no string \"response\""),
    (#"{"prompt":"a","response":""}"#, "an answer is empty"),
    (#"{"messages":[{"role":"user","content":"a"}]}"#, "the last message is not the assistant's"),
    (#"{"messages":[{"role":"assistant","content":"a"}]}"#, "the first message is the assistant's"),
    (#"{"messages":[{"role":"robot","content":"a"}]}"#, "a message's \"role\" is none of"),
    (#"{"messages":[]}"#, "the last message is not the assistant's"),
  ])
  func aBadLineIsCountedLocatedAndSkipped(line: String, what: String) throws {
    let good = #"{"prompt":"a","response":"b"}"#
    let samples = try samples("\(good)\n\n\(line)\n\(good)\n")
    let report = samples.reports[0]
    #expect(report.lines == 3 && report.kept == 2 && report.bad == 1 && report.tooLong == 0)
    #expect(report.faults.count == 1)
    let told = report.faults.first?.description ?? ""
    #expect(told.contains("data.jsonl: byte 31: line 3: \(what)"), "\(told)")
    #expect(samples.sampleCount(context: 64) == 2)
    let origin = samples.origins(of: 1, context: 64).first
    #expect(origin?.document == 3)
  }

  @Test func aConversationLongerThanTheContextIsLeftOut() throws {
    // Start, `a`, line feed, `b`, end: four inputs.
    let text = #"{"prompt":"a","response":"b"}"# + "\n" + #"{"prompt":"aa","response":"b"}"#
    let samples = try samples(text, try reader(context: 4))
    #expect(samples.reports[0].tooLong == 1 && samples.reports[0].kept == 1)
    let batch = try samples.samples([0], context: 4, vocabulary: 259)
    #expect(batch.length == 4)
    let error = #expect(throws: Fault.self) { try self.samples(text, try self.reader(context: 3)) }
    #expect(
      error?.cause
        == .unusable(
          "all of its 2 conversations are longer than the context of 3 tokens; choose a longer "
            + "context"))
  }

  @Test func anEmptyFileIsAFault() throws {
    let error = #expect(throws: Fault.self) { try self.samples("\n \n") }
    #expect(error?.cause == .unusable("the file has no conversations"))
  }

  @Test func sizesAreThoseOfTheMasks() throws {
    let samples = try samples(
      ["ab", "c", "defg"].map { #"{"prompt":"x","response":"\#($0)"}"# }.joined(separator: "\n"))
    for numbers in [[0], [1, 2], [2, 0, 0]] {
      let batch = try samples.samples(numbers, context: 64, vocabulary: 259)
      let size = samples.size(of: numbers, context: 64)
      #expect(size.targets == batch.targets.count { $0 >= 0 })
      #expect(size.inputs == batch.inputs.count { $0 != 0 })
      #expect(batch.rows == numbers.count)
    }
  }

  @Test func theMarkTellsFilesTemplatesAndOrdersApart() throws {
    let one = #"{"prompt":"a","response":"b"}"#, two = #"{"prompt":"c","response":"d"}"#
    let mark = try samples("\(one)\n\(two)").marks
    #expect(mark.count == 1 && mark[0].name == "data.jsonl" && mark[0].tokens == 10)
    #expect(try samples("\(one)\n\(two)\n").marks == mark)
    #expect(try samples("\(two)\n\(one)").marks != mark)
    #expect(try samples("\(one)\n\(two)", try reader(start: 1)).marks != mark)
  }
}

@Suite struct FineTuningTests {
  let folder: TemporaryFolder
  let config = LlamaConfig(
    vocabularySize: 259, dim: 32, layers: 2, heads: 2, hiddenDim: 64, context: 32)

  init() throws { folder = try TemporaryFolder() }

  private func samples(_ pairs: [(String, String)]) throws -> InstructionSamples {
    let lines = pairs.map { #"{"prompt":"\#($0.0)","response":"\#($0.1)"}"# }
    let file = try folder.write(lines.joined(separator: "\n"), to: "data.jsonl")
    return try InstructionSamples(
      files: [file], reader: try InstructionReader(encoder: try byteTokenizer(), context: 32))
  }

  private func gradient(_ batch: SampleBatch) throws -> [Float] {
    let model = LlamaModel(
      config: config, maximumTokens: batch.inputs.count, workers: WorkerPool(threads: 1))
    model.initialize(seed: 3)
    model.zeroGradients()
    _ = try model.forwardBackward(
      tokens: batch.inputs, targets: batch.targets, batch: batch.rows, length: batch.length,
      lossScale: 1)
    return model.gradients.array
  }

  @Test func paddingAndNeighboursChangeNoAnswersGradient() throws {
    let samples = try samples([("a", "b"), ("cdefghijklmnop", "qrs")])
    // The first alone is padded to 16, beside the second to 32; the sum of both is that of the batch.
    let both = try gradient(samples.samples([0, 1], context: 32, vocabulary: 259))
    let first = try gradient(samples.samples([0], context: 32, vocabulary: 259))
    let second = try gradient(samples.samples([1], context: 32, vocabulary: 259))
    let worst = both.indices.map { abs(both[$0] - first[$0] - second[$0]) }.max() ?? 1
    #expect(worst < 1e-5, "\(worst)")
    #expect(both.contains { abs($0) > 1e-2 })
  }

  @Test func theLossIsThatOfTheAnswersAlone() throws {
    let samples = try samples([("ab", "c")])
    let batch = try samples.samples([0], context: 32, vocabulary: 259)
    let model = LlamaModel(config: config, maximumTokens: 32, workers: WorkerPool(threads: 1))
    model.initialize(seed: 3)
    let loss = try model.loss(
      tokens: batch.inputs, targets: batch.targets, batch: 1, length: batch.length)
    let logits = try model.logits(tokens: batch.inputs, batch: 1, length: batch.length)
    // Row 3 is the line feed, whose target is `c`; row 4 is `c`, whose target is the end.
    let expected = [(3, 3 + 99), (4, 2)].reduce(0.0) { sum, place in
      let row = logits[place.0 * 259..<(place.0 + 1) * 259].map(Double.init)
      let most = row.max() ?? 0
      return sum + most + log(row.reduce(0) { $0 + exp($1 - most) }) - row[place.1]
    }
    #expect(loss.count == 2)
    #expect(abs(loss.sum - expected) < 1e-5)
  }

  @Test(arguments: [1, 2])
  func aTinyModelLearnsAMapping(ranks: Int) throws {
    let pairs = [("one", "1"), ("two", "2"), ("three", "3"), ("four", "44")]
    let samples = try samples(pairs)
    var settings = TrainingSettings(steps: 120, batch: 4, context: 32, peakLearningRate: 1e-2)
    settings.warmUp = 5
    let run = RunFolder(path: "\(folder.path)/run\(ranks)")
    try Training(
      folder: run, config: config, settings: settings, data: TrainingData(train: samples)
    ).run(ranks: ranks)
    let (model, _) = try run.model(maximumTokens: 32, workers: WorkerPool(threads: 1))
    for (prompt, response) in pairs {
      let ids = [2] + Array("\(prompt)\n".utf8).map { 3 + Int32($0) }
      let written = Generator(model: model).write(after: ids, count: 8, end: 2)
      #expect(written == Array(response.utf8).map { 3 + Int32($0) }, "\(prompt)")
    }
  }

  @Test func stoppedAndResumedIsTheSameAsInOneGo() throws {
    let samples = try samples([("a", "b"), ("cdefghijklmnopqrst", "u"), ("v", "wx")])
    var settings = TrainingSettings(steps: 9, batch: 4, context: 32, peakLearningRate: 1e-2)
    settings.warmUp = 2
    settings.evaluateEvery = 3
    func training(_ name: String) -> Training {
      Training(
        folder: RunFolder(path: "\(folder.path)/\(name)"), config: config, settings: settings,
        data: TrainingData(train: samples, validation: samples))
    }
    try training("whole").run(ranks: 2)
    var part = training("part")
    part.lastStep = 4
    try part.run(ranks: 2)
    part.lastStep = nil
    part.resume = true
    try part.run(ranks: 2)
    let states = try ["whole", "part"].map { name in
      let (model, step) = try RunFolder(path: "\(folder.path)/\(name)").model(
        maximumTokens: 1, workers: WorkerPool(threads: 1))
      #expect(step == 9)
      return model.parameters.array
    }
    #expect(states[0] == states[1])
  }

  @Test(arguments: [1, 2])
  func firstWeightsMayBeGiven(ranks: Int) throws {
    let samples = try samples([("a", "b"), ("c", "d")])
    var settings = TrainingSettings(steps: 1, batch: 2, context: 32, peakLearningRate: 0)
    settings.warmUp = 0
    var training = Training(
      folder: RunFolder(path: "\(folder.path)/run"), config: config, settings: settings,
      data: TrainingData(train: samples))
    training.initial = { model throws(Fault) in
      for index in 0..<model.parameters.count { model.parameters[index] = Float(index % 7) / 50 }
    }
    try training.run(ranks: ranks)
    let (model, _) = try training.folder.model(maximumTokens: 1, workers: WorkerPool(threads: 1))
    #expect(model.parameters.array == (0..<model.parameters.count).map { Float($0 % 7) / 50 })
  }
}
