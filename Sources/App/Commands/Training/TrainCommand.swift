import ArgumentParser
import Compute
import Ground
import Llama
import Manifest
import Ranks
import Shards
import Trainer

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a LLaMA model on token shards, on the CPU or on NVIDIA's GPUs.",
    discussion: """
      Interrupted, it saves; --resume goes on, bit for bit as if nothing had happened.

        quipu train Manifests/models/tiny.yaml --data work/shards --output run --steps 100
        quipu train Manifests/models/7b.yaml --data work/shards --output run --plan --nproc 8
        quipu train model.yaml --data work/shards --output run --nproc 4 --tensor-parallel 2 --zero 3
        quipu train --device cuda --check
        quipu train Manifests/models/7b.yaml --data work/shards --output run --device cuda --nproc 8

      On many machines, let torchrun or srun start it, one process a rank, without --nproc.
      """)

  @Argument(help: "The model's manifest.")
  var model: String?

  @Option(help: "The folder with train/ and validation/ shards.")
  var data: String?

  @Option(help: "The run's folder: metrics and checkpoints.")
  var output: String?

  @Option(help: "Stop after this step; the schedule stays the manifest's.")
  var steps: Int?

  @Flag(help: "Go on from the newest checkpoint.")
  var resume = false

  @Flag(help: "Print what a rank's memory will hold, and end.")
  var plan = false

  @Flag(help: "Say what of CUDA is found here, and whether a GPU can train, and end.")
  var check = false

  @Option(
    name: .customLong("init"),
    help: ArgumentHelp(
      "Begin with the weights of a model: a run, Hugging Face's layout or Meta's.",
      valueName: "folder"))
  var initial: String?

  @Option(help: "Steps between checkpoints.")
  var checkpointEvery = 1000

  @Option(help: "How many of the newest checkpoints stay.")
  var keep = 2

  @Option(help: "Checkpoints of steps that this divides stay for ever; 0 for none.")
  var keepEvery = 0

  @Option(help: "Steps between looks at the validation shards; 0 for none.")
  var evaluateEvery = 0

  @Flag(help: "Write the metrics for TensorBoard as well.")
  var tensorboard = false

  @Option(help: "The tokenizer that made the shards; found beside them by default.")
  var tokenizer: String?

  @OptionGroup(title: "Device") var device: DeviceOptions
  @OptionGroup(title: "Device") var profile: ProfileOptions
  @OptionGroup(title: "Ranks") var launch: LaunchOptions
  @OptionGroup(title: "Ranks") var parallel: ParallelOptions
  @OptionGroup var result: ResultOptions
  @OptionGroup var options: RunOptions

  func validate() throws {
    if let steps, steps < 1 { throw ValidationError("--steps is \(steps); it must be at least 1.") }
    guard checkpointEvery > 0, keep > 0, keepEvery >= 0, evaluateEvery >= 0 else {
      throw ValidationError("Steps between checkpoints, and how many stay, must be at least 1.")
    }
    if check { return }
    for (name, value) in [("MODEL", model), ("--data", data), ("--output", output)]
    where value == nil { throw ValidationError("\(name) is missing.") }
  }

  func run() throws {
    if check { return try result.print(device.found()) }
    guard let model, let data, let output else { throw CleanExit.helpRequest(self) }
    let manifest = try ModelManifest(path: model)
    let settings = settings(manifest)
    if device.kind == .cpu { try checkNumbers(settings) }
    let config = LlamaConfig(manifest.shape)
    var training = Training(
      folder: RunFolder(path: output), config: config, settings: settings,
      data: try TrainingData(folder: data), tokenizer: tokenizerFile(beside: data))
    training.parallelism = parallel.parallelism
    training.resume = resume
    training.lastStep = steps
    training.tensorBoard = tensorboard
    training.profile = profile.request
    if plan { return try printPlan(training) }
    if evaluateEvery > 0, let stream = (training.data.validation as? TokenSamples)?.stream {
      training.validationSources = try shardSources(of: stream)
    }
    if let initial { training.initial = try weights(of: initial, for: config) }
    try carryOut(training, on: device, launch: launch, options: options) { ranks in
      options.say(
        "\(manifest.name): \(grouped(config.parameterCount)) parameters, "
          + "\(grouped(training.data.train.count)) training tokens, \(settings.steps) steps of "
          + "\(settings.batch) × \(settings.context) tokens"
          + (ranks > 1 ? ", \(ranks) ranks\n" : "\n"))
    }
  }

  /// Refuses numbers that this processor does not compute with.
  private func checkNumbers(_ settings: TrainingSettings) throws(Fault) {
    if !settings.products.isHere {
      throw Fault(
        model ?? "", at: 0, .unusable("this processor cannot multiply bf16; set products to f32"))
    }
    if !settings.keepsMaster {
      throw Fault(
        model ?? "", at: 0,
        .unusable("a CPU does not round its weights; set weights to f32, or use --device cuda"))
    }
  }

  /// What each of the ranks would have in memory.
  private func printPlan(_ training: Training) throws {
    let ranks = launch.nproc
    try training.check(ranks: ranks)
    let besides = [
      MemoryUse(purpose: "mapped shards", bytes: mappedBytes(training.data)),
      MemoryUse(purpose: "program", bytes: mostResidentMemory() + Self.smallThings),
    ]
    switch device.kind {
    case .cpu:
      let plan = training.memoryPlan(ranks: ranks, threads: max(1, options.jobs / ranks))
      try result.print(table("memory of a rank", plan + besides))
    case .cuda:
      let plan = training.devicePlan(ranks: ranks, isDeterministic: device.deterministic)
      try result.print(
        table("memory of a GPU", plan.device),
        table("of the host, for each rank", plan.host + plan.mapped + besides))
    }
  }

  private func table(_ title: String, _ uses: [MemoryUse]) -> Table {
    var table = Table(title, "bytes", "size")
    for use in uses { table.add(use.purpose, grouped(use.bytes), inBytes(use.bytes)) }
    let sum = MemoryPlan.sum(uses)
    table.add("all", grouped(sum), inBytes(sum))
    return table
  }

  /// Stacks, messages between ranks, what a step allocates and lets go: 16 MiB.
  private static let smallThings = 1 << 24

  /// Pages of shards, which the system takes back when it needs them.
  private func mappedBytes(_ data: TrainingData) -> Int {
    [data.train, data.validation].reduce(0) { sum, source in
      let shards = (source as? TokenSamples)?.stream.shards ?? []
      return sum
        + shards.reduce(0) { $0 + $1.tokenCount * $1.width.rawValue + 20 * $1.documentCount }
    }
  }

  /// Copies the parameters of another model of the same sizes.
  private func weights(
    of folder: String, for config: LlamaConfig
  ) throws -> @Sendable (LlamaModel) throws(Fault) -> Void {
    let any = try AnyModel(path: folder)
    var theirs = any.config
    theirs.context = config.context
    guard theirs == config else {
      throw Fault(
        folder, at: 0,
        .unusable(
          "the model in this folder has other sizes than \(model ?? ""); give one that fits"))
    }
    let workers = WorkerPool(threads: options.jobs)
    return { target throws(Fault) in
      let (source, _) = try any.model(maximumTokens: 1, workers: workers)
      target.parameters.copy(from: source.parameters)
    }
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
    // A GPU multiplies bf16, whatever it is asked for.
    settings.products = recipe.products == .bf16 || device.kind == .cuda ? .bf16 : .f32
    settings.keepsMaster = recipe.weights == .f32
    settings.spikes =
      switch recipe.spikes {
      case .none: .none
      case .skip: .skip
      case .rewind: .rewind
      }
    settings.accumulation = parallel.accumulation
    settings.checkpointEvery = checkpointEvery
    settings.keep = keep
    settings.keepEvery = keepEvery
    settings.evaluateEvery = evaluateEvery
    return settings
  }

  /// A build leaves the tokenizer in a folder beside its shards.
  private func tokenizerFile(beside data: String) -> String? {
    if let tokenizer { return tokenizer }
    let beside = "\(folder(of: data))/tokenizer/tokenizer.model"
    return fileKind(beside) == .file ? beside : nil
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
