import ArgumentParser
import Compute
import Ground
import Llama
import Tokenizer
import Trainer

struct FineTuneCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "finetune",
    abstract: "Teach a trained model to answer, from instructions in JSON Lines.",
    discussion: """
        quipu finetune run --data alpaca.jsonl --output tuned
        quipu finetune llama/7B --data chat.jsonl.zst --template sections --epochs 2 --output tuned

      The loss is on the answers only. Lines are {"prompt","response"}, {"instruction","input",
      "output"} or {"messages":[{"role","content"}]}; see Docs/Formats/instructions.md.
      """)

  @Argument(help: "The folder of a model: a training run, Hugging Face's layout or Meta's.")
  var model: String

  @Option(parsing: .upToNextOption, help: "Files of instructions.")
  var data: [String]

  @Option(parsing: .upToNextOption, help: "Files of instructions that the model is judged by.")
  var validation: [String] = []

  @Option(help: "The run's folder: metrics and checkpoints.")
  var output: String

  @Option(help: "How turns become text: plain, sections, or the file of a template.")
  var template = "plain"

  @Option(help: "Passes over the data.")
  var epochs = 3.0

  @Option(help: "Steps, instead of passes.")
  var steps: Int?

  @Option(help: "Conversations a step.")
  var batch = 16

  @Option(help: "The highest learning rate.")
  var learningRate = 2e-5

  @Option(help: "Steps of linear growth up to it; 3 % of all by default.")
  var warmUp: Int?

  @Option(help: "AdamW's weight decay.")
  var weightDecay = 0.0

  @Option(
    help: "The most tokens of a conversation; longer ones are left out. The model's by default.")
  var context: Int?

  @Option(help: "Of the order of conversations.")
  var seed: UInt64 = 1

  @Option(help: "Steps between checkpoints.")
  var checkpointEvery = 1000

  @Option(help: "Steps between looks at the validation files; a pass by default.")
  var evaluateEvery: Int?

  @Flag(help: "Go on from the newest checkpoint.")
  var resume = false

  @Option(
    help: ArgumentHelp(
      "The token before a conversation: end for a run, where the text before ended; else begin.",
      valueName: "token"))
  var start: TextStart?

  @Option(
    help: ArgumentHelp(
      "SentencePiece's tokenizer.model; found in the model's folder by default.", valueName: "file")
  )
  var tokenizer: String?

  @OptionGroup(title: "Device") var device: DeviceOptions
  @OptionGroup(title: "Ranks") var launch: LaunchOptions
  @OptionGroup(title: "Ranks") var parallel: ParallelOptions
  @OptionGroup var options: RunOptions

  func validate() throws {
    guard batch > 0 else { throw ValidationError("--batch is \(batch); it must be at least 1.") }
    guard epochs > 0, epochs < 1e6 else {
      throw ValidationError("--epochs is \(epochs); it must be above 0.")
    }
    if let steps, steps < 1 { throw ValidationError("--steps is \(steps); it must be at least 1.") }
  }

  func run() throws {
    let any = try AnyModel(path: model)
    let context = context ?? any.config.context
    guard context > 0, context <= any.config.context else {
      throw Fault(
        model, at: 0,
        .unusable("--context is \(context); the model's own is \(any.config.context)"))
    }
    let (tokenizer, tokenizerPath) = try any.tokenizer(tokenizer)
    let encoder = try TokenEncoder(tokenizer, file: tokenizerPath)
    let reader = try InstructionReader(
      encoder: encoder, template: try chosenTemplate, start: any.start(start, encoder),
      context: context, file: tokenizerPath)
    let train = try samples(data, reader)
    let judged = validation.isEmpty ? nil : try samples(validation, reader)
    let count = train.sampleCount(context: context)
    let pass = max(1, count / batch)
    let steps = steps ?? max(1, Int((epochs * Double(count) / Double(batch)).rounded(.up)))
    var settings = TrainingSettings(
      steps: steps, batch: batch, context: context, peakLearningRate: learningRate)
    settings.warmUp = warmUp ?? min(max(1, steps * 3 / 100), steps - 1)
    settings.weightDecay = weightDecay
    settings.accumulation = parallel.accumulation
    settings.seed = seed
    settings.checkpointEvery = checkpointEvery
    settings.evaluateEvery = judged == nil ? 0 : evaluateEvery ?? pass
    settings.evaluationSequences = judged?.sampleCount(context: context) ?? 1
    var training = Training(
      folder: RunFolder(path: output), config: any.config, settings: settings,
      data: TrainingData(train: train, validation: judged), tokenizer: tokenizerPath)
    training.resume = resume
    training.parallelism = parallel.parallelism
    let workers = WorkerPool(threads: options.jobs)
    training.initial = { target throws(Fault) in
      let (source, _) = try any.model(maximumTokens: 1, workers: workers)
      target.parameters.copy(from: source.parameters)
    }
    if device.kind == .cuda { training.settings.products = .bf16 }
    try carryOut(training, on: device, launch: launch, options: options) { _ in
      options.say(
        "\(grouped(count)) conversations, \(grouped(train.count)) tokens, "
          + "\(grouped(train.size(of: Array(0..<count), context: context).targets)) of answers; "
          + "\(grouped(steps)) steps of \(batch)\n")
    }
  }

  private var chosenTemplate: ConversationTemplate {
    get throws {
      if let known = ConversationTemplate.named.first(where: { $0.name == template }) {
        return known.template
      }
      guard fileKind(template) == .file else {
        let names = ConversationTemplate.named.map(\.name).joined(separator: ", ")
        throw Fault(
          template, at: 0,
          .unusable("no such template: give one of \(names), or the file of another"))
      }
      return try ConversationTemplate(path: template)
    }
  }

  /// Reads files and says what was left out.
  private func samples(
    _ files: [String], _ reader: InstructionReader
  ) throws -> InstructionSamples {
    let samples = try InstructionSamples(files: files, reader: reader)
    for report in samples.reports {
      for fault in report.faults { options.say("skipped: \(fault)\n") }
      if report.bad + report.tooLong > 0 {
        options.say(
          "\(report.file): \(grouped(report.kept)) of \(grouped(report.lines)) lines kept, "
            + "\(grouped(report.bad)) bad, \(grouped(report.tooLong)) longer than "
            + "\(reader.context) tokens\n")
      }
    }
    return samples
  }
}
