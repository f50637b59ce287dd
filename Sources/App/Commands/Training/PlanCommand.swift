public import ArgumentParser
import CUDA
import Ground
import Llama
import Manifest
public import Planning
import Trainer

struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Say how a model is best spread over GPUs, and what its training takes.",
    discussion: """
      Memory, speed and days come from a written model of compute, memory and network; nothing is
      measured, and no GPU is needed.

        quipu plan --train Manifests/models/7b.yaml --gpus 8 --gpu h100
        quipu plan --train Manifests/models/65b.yaml --gpus 2048 --gpu a100 --tensor-parallel 8
        quipu plan --train Manifests/models/65b.yaml --gpus 2048 --launcher slurm > train.sbatch

      What is not given of a layout is chosen: the fastest that fits a GPU's memory.
      """)

  @Argument(help: .hidden)
  var corpus: String?

  @Option(help: ArgumentHelp("The manifest of the model to train.", valueName: "model"))
  var train: String?

  @Option(help: "How many GPUs.")
  var gpus = 1

  @Option(help: "Their kind.")
  var gpu = Accelerator.h100

  @Option(help: "GPUs of a node, which NVLink joins.")
  var perNode = 8

  @Option(
    help: ArgumentHelp(
      "GPUs that share every layer and its sequences; chosen where it is not given.",
      valueName: "ranks"))
  var tensorParallel: Int?

  @Option(
    help: ArgumentHelp(
      "What the others share: 1 AdamW's state, 3 also gradients and parameters.",
      valueName: "stage"))
  var zero: Sharding?

  @Option(
    help: ArgumentHelp("What the backward pass computes again to save memory.", valueName: "policy")
  )
  var recompute: Recompute?

  @Option(help: "In how many parts a GPU takes its share of a batch.")
  var accumulation: Int?

  @Option(
    help: "Print what starts the run instead: a batch script, a script for every node, a command.")
  var launcher: Launcher?

  @OptionGroup var result: ResultOptions

  func validate() throws {
    guard train != nil else {
      throw ValidationError(
        "a corpus cannot be planned yet; name a model's manifest with --train.")
    }
    guard corpus == nil else {
      throw ValidationError("a model's manifest follows --train, and nothing else is looked at.")
    }
    for (name, number) in [
      ("--gpus", gpus), ("--per-node", perNode), ("--tensor-parallel", tensorParallel ?? 1),
      ("--accumulation", accumulation ?? 1),
    ] where number < 1 || number > 1 << 16 {
      throw ValidationError("\(name) is \(number); it must be 1 to 65536.")
    }
    if launcher == Launcher.none && gpus > perNode {
      throw ValidationError("Without a launcher, a run has one node; choose slurm or torchrun.")
    }
  }

  func run() throws {
    let path = train ?? ""
    let manifest = try ModelManifest(path: path)
    let config = LlamaConfig(manifest.shape)
    try config.validate()
    let workload = Workload(
      config: config, batch: manifest.training.batchSequences, context: config.context,
      steps: manifest.training.steps)
    let cluster = Cluster(gpu, gpus: gpus, perNode: perNode)
    let plan = try Planner(workload, engine: CUDAEngine.self).plan(
      for: cluster,
      LayoutChoice(
        tensorRanks: tensorParallel, zero: zero.flatMap { ZeROStage(rawValue: $0.rawValue) },
        recompute: recompute, accumulation: accumulation))
    let script = LaunchScript(
      model: path, name: manifest.name, layout: plan.layout, cluster: cluster)
    var output = StandardOutput()
    if let launcher {
      try output.write(script.text(for: launcher))
    } else {
      let report = PlanReport(
        name: manifest.name, workload: workload, cluster: cluster, plan: plan, script: script)
      try output.write(result.json ? report.json : Array(report.text.utf8))
    }
    try output.flush()
  }
}

extension Launcher: ExpressibleByArgument {}

extension Accelerator: ExpressibleByArgument {
  public init?(argument: String) {
    guard let found = Self.all.first(where: { $0.name == argument }) else { return nil }
    self = found
  }

  public var defaultValueDescription: String { name }
  public static var allValueStrings: [String] { all.map(\.name) }
}
