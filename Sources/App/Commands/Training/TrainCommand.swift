import ArgumentParser
import Compute
import Glibc
import Ground
import Llama
import Manifest
import Shards
import Synchronization
import Trainer

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a LLaMA model on token shards, on the CPU.",
    discussion: """
      Interrupted, it saves; --resume goes on, bit for bit as if nothing had happened.

        quipu train Manifests/models/tiny.yaml --data work/shards --output run --steps 100
      """)

  enum Device: String, CaseIterable, ExpressibleByArgument { case cpu }

  @Argument(help: "The model's manifest.")
  var model: String

  @Option(help: "The folder with train/ and validation/ shards.")
  var data: String

  @Option(help: "The run's folder: metrics and checkpoints.")
  var output: String

  @Option(help: "Where to compute.")
  var device = Device.cpu

  @Option(help: "Stop after this step; the schedule stays the manifest's.")
  var steps: Int?

  @Flag(help: "Go on from the newest checkpoint.")
  var resume = false

  @Option(help: "Copies of the model that share each batch, as threads of this process.")
  var nproc = 1

  @Option(help: "Steps between checkpoints.")
  var checkpointEvery = 1000

  @Option(help: "Steps between looks at the validation shards; 0 for none.")
  var evaluateEvery = 0

  @Option(help: "The tokenizer that made the shards; found beside them by default.")
  var tokenizer: String?

  @OptionGroup var options: RunOptions

  func validate() throws {
    guard nproc > 0 else { throw ValidationError("--nproc is \(nproc); it must be at least 1.") }
    if let steps, steps < 1 { throw ValidationError("--steps is \(steps); it must be at least 1.") }
  }

  func run() throws {
    let manifest = try ModelManifest(path: model)
    var training = Training(
      folder: RunFolder(path: output), config: LlamaConfig(manifest.shape),
      settings: settings(manifest), data: try TrainingData(folder: data), tokenizer: tokenizerFile)
    try checkMemory(for: training.config)
    training.resume = resume
    training.lastStep = steps
    options.say(
      "\(manifest.name): \(grouped(training.config.parameterCount)) parameters, "
        + "\(grouped(training.data.train.count)) training tokens, \(training.settings.steps) steps of "
        + "\(manifest.training.batchSequences) × \(manifest.shape.context) tokens\n")
    let stop = StopFlag()
    let signals = raiseOnSignals(stop)
    defer { signals.cancel() }
    let report = options.quiet ? { @Sendable _ in } : progress(of: training.settings.steps)
    let end = try training.run(ranks: nproc, threads: options.jobs, stop: stop, report: report)
    if end == .stopped { options.say("stopped; go on with --resume\n") }
  }

  /// Parameters, gradients and two moments alone take 16 bytes a parameter and rank.
  private func checkMemory(for config: LlamaConfig) throws(Fault) {
    let needed = 16 * config.parameterCount * nproc
    let here = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    guard needed > here else { return }
    throw Fault(
      model, at: 0,
      .unusable(
        "training needs more than \(inBytes(needed)) of memory; this machine has \(inBytes(here))"))
  }

  private func settings(_ manifest: ModelManifest) -> TrainingSettings {
    let recipe = manifest.training
    var settings = TrainingSettings(
      steps: recipe.steps, batch: recipe.batchSequences, context: manifest.shape.context,
      peakLearningRate: recipe.learningRate)
    settings.warmUp = recipe.warmUp
    settings.minimumRatio = recipe.finalLearningRate
    settings.beta1 = recipe.beta1
    settings.beta2 = recipe.beta2
    settings.epsilon = recipe.epsilon
    settings.weightDecay = recipe.weightDecay
    settings.clip = recipe.clip
    settings.seed = recipe.seed
    settings.initialDeviation = recipe.initialDeviation
    settings.checkpointEvery = checkpointEvery
    settings.evaluateEvery = evaluateEvery
    return settings
  }

  /// A build leaves the tokenizer in a folder beside its shards.
  private var tokenizerFile: String? {
    if let tokenizer { return tokenizer }
    let beside = "\(folder(of: data))/tokenizer/tokenizer.model"
    return fileKind(beside) == .file ? beside : nil
  }

  /// Prints a line now and then: every step where they are few, else about twenty lines in all.
  private func progress(of steps: Int) -> @Sendable (TrainingEvent) -> Void {
    let interval = max(1, steps / 20)
    return { event in
      switch event {
      case .step(let report):
        if report.step % interval == 0 || report.step == 1 || report.step == report.steps
          || report.isSkipped
        {
          tellUser(report.line + "\n")
        }
      case .saved(let step): tellUser("checkpoint of step \(step) saved\n")
      case .message(let text): tellUser(text + "\n")
      }
    }
  }
}

extension LlamaConfig {
  init(_ shape: ModelShape) {
    self.init(
      vocabularySize: shape.vocabularySize, dim: shape.dim, layers: shape.layers,
      heads: shape.heads, keyValueHeads: shape.keyValueHeads, hiddenDim: shape.hidden,
      context: shape.context, normEpsilon: shape.normEpsilon, ropeTheta: shape.ropeTheta)
  }
}
