import ArgumentParser
import CUDA
import Compute
import Ground
import Llama
import Manifest
import Trainer

struct BenchTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Measure training steps, what they spend their time on, and the machine's peak.",
    discussion: """
      Without a manifest: 21 million parameters, as Scripts/bench-train.py builds them in PyTorch.
      On a CPU, the large matrix products are measured alone as well, and rates a CPU-second count the
      processor time of all threads, which other programs do not spoil.

        quipu bench train --threads 1 --products bf16
        quipu bench train --model Manifests/models/tiny.yaml --json
        quipu bench train --device cuda --model Manifests/models/7b.yaml --batch 2 --profile 7b.json
      """)

  @Option(help: "The model's manifest.")
  var model: String?

  @Option(help: "Sequences of a step.")
  var batch: Int?

  @Option(
    help: ArgumentHelp(
      "What the backward pass computes again to save memory: none, cheap or full.",
      valueName: "policy"))
  var recompute = Recompute.cheap

  @Option(help: "How many threads work at once.")
  var threads = WorkerPool.processors

  enum Precision: String, CaseIterable, ExpressibleByArgument {
    case f32, bf16
    var products: Products { self == .bf16 ? .bf16 : .f32 }
  }

  @Option(
    name: .customLong("products"),
    help: "How a CPU's products round what they multiply; a GPU's have bf16.")
  var precision = Precision.f32

  @Option(
    help: "Training steps to measure, after those that warm up; 0 measures a CPU's products alone.")
  var steps = 5

  @Flag(help: "Leave the products alone.")
  var stepsOnly = false

  @OptionGroup(title: "Device") var device: DeviceOptions
  @OptionGroup var profile: ProfileOptions
  @OptionGroup var result: ResultOptions

  private var products: Products { precision.products }

  func validate() throws {
    guard threads > 0 else { throw ValidationError("--threads must be at least 1.") }
    guard steps >= 0 else { throw ValidationError("--steps must not be negative.") }
    guard batch ?? 1 > 0 else { throw ValidationError("--batch must be at least 1.") }
    guard device.kind == .cuda || products.isHere else {
      throw ValidationError("This processor has no \(products) products.")
    }
    guard device.kind == .cpu || steps > 0 else {
      throw ValidationError("On a GPU, --steps must be at least 1.")
    }
    guard profile.path == nil || steps > 0 else {
      throw ValidationError("With --steps 0 there is nothing for --profile to write.")
    }
  }

  func run() throws {
    var config = LlamaConfig(dim: 256, layers: 6, heads: 8, hiddenDim: 688, context: 256)
    var sequences = 8
    if let model {
      let manifest = try ModelManifest(path: model)
      config = LlamaConfig(manifest.shape)
      sequences = manifest.training.batchSequences
    }
    try config.validate()
    switch device.kind {
    case .cpu: try runOnCPU(config, sequences: batch ?? sequences)
    case .cuda: try runOnGPU(config, sequences: batch ?? sequences)
    }
  }

  private func runOnCPU(_ config: LlamaConfig, sequences: Int) throws {
    let peak = products.measuredPeak()
    var tables = [Table("figure", "value")]
    tables[0].add("peak of a thread, GFLOP a CPU-second", fixed(peak / 1e9, 0))
    let engine = Processor<Float>(
      config: config, workers: WorkerPool(threads: threads), products: products)
    if steps > 0 {
      let speed = try measure(engine, config, sequences: sequences, warmUp: 1)
      tables[0].add(cpu: speed, peakOfThread: peak, threads: threads)
      tables[0].add(
        memory: speed.planned + [MemoryUse(purpose: "scratch", bytes: engine.bytes)])
      tables[0].add("peak resident MB", inMegabytes(mostResidentMemory()))
      tables += try operations(of: speed)
    }
    if !stepsOnly {
      let bench = ProductBench(
        config: config, tokens: sequences * config.context, engine: engine)
      tables.append(rates(of: bench, peak: peak))
    }
    try result.print(tables)
  }

  private func runOnGPU(_ config: LlamaConfig, sequences: Int) throws {
    let gpu = try device.gpu(localRank: 0)
    let engine = try CUDAEngine(gpu, isDeterministic: device.deterministic)
    let needed = MemoryPlan.sum(
      OptimizedModel<CUDAEngine>.memory(
        config, maximumTokens: sequences * config.context, recompute: recompute))
    guard needed <= gpu.freeMemory else {
      throw Fault(
        model ?? "the model", at: 0,
        .unusable(
          "\(sequences) sequences need \(inBytes(needed)), and \(gpu.name) has "
            + "\(inBytes(gpu.freeMemory)) free; a smaller --batch or --recompute full need less"))
    }
    let speed = try measure(engine, config, sequences: sequences, warmUp: 2)
    var figures = Table("figure", "value")
    figures.add("device", gpu.description)
    figures.add(speed, peak: gpu.peak)
    let shape = config.attentionShape(
      tokens: sequences * config.context, length: config.context, ranks: 1)
    let scratch = CUDAEngine.scratchBytes(
      shape, positions: config.context, isDeterministic: device.deterministic)
    figures.add(memory: speed.planned + [MemoryUse(purpose: "scratch", bytes: scratch)])
    figures.add("taken MB before there was a model", inMegabytes(speed.taken.before))
    figures.add("taken MB in all", inMegabytes(speed.taken.after))
    try result.print([figures] + operations(of: speed))
  }

  private func measure<Engine: TimedBackend>(
    _ engine: Engine, _ config: LlamaConfig, sequences: Int, warmUp: Int
  ) throws(Fault) -> TrainingSpeed {
    try TrainingSpeed.measure(
      engine, config, sequences: sequences, length: config.context, warmUp: warmUp, steps: steps,
      profiled: profile.steps, recompute: recompute)
  }

  /// What the profiled steps spent their time on; the trace is written where one was asked for.
  private func operations(of speed: TrainingSpeed) throws(Fault) -> [Table] {
    guard let profile = speed.profile else { return [] }
    if let path = self.profile.path {
      let first = speed.losses.count - profile.steps.count + 1
      try ChromeTrace(profile, firstStep: first).write(to: path)
    }
    return [classTable(of: profile)]
  }

  private func rates(of bench: ProductBench, peak: Double) -> Table {
    var rates = Table("product", "sizes", "GFLOP a CPU-second", "share of peak", "GFLOP a second")
    for product in bench.largeProducts {
      let rate = bench.rate(of: product)
      rates.add(
        product.name, "\(product.T) x \(product.I) x \(product.O)", fixed(rate.cpu / 1e9, 0),
        percent(rate.cpu / peak), fixed(rate.wall / 1e9, 0))
    }
    return rates
  }
}
