import ArgumentParser
import Compute
import Ground
import Llama
import Manifest

/// What the machine can do, and how much of it we use.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Measure speed and memory.",
    subcommands: [
      BenchTokenizerCommand.self, BenchModelsCommand.self, BenchTrainCommand.self,
    ])
}

struct BenchTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Measure training steps, the large matrix products, and the processor's peak.",
    discussion: """
      Without a manifest: 21 million parameters, as Scripts/bench-train.py builds them in PyTorch.
      Rates a CPU-second count the processor time of all threads, which other programs do not spoil.

        quipu bench train --threads 1 --products bf16
        quipu bench train --model Manifests/models/tiny.yaml --json
      """)

  @Option(help: "The model's manifest.")
  var model: String?

  @Option(help: "Sequences of a step.")
  var batch: Int?

  @Option(help: "How many threads work at once.")
  var threads = WorkerPool.processors

  enum Precision: String, CaseIterable, ExpressibleByArgument {
    case f32, bf16
    var products: Products { self == .bf16 ? .bf16 : .f32 }
  }

  @Option(name: .customLong("products"), help: "How products round what they multiply.")
  var precision = Precision.f32

  @Option(help: "Training steps to measure, after one that warms up; 0 measures products alone.")
  var steps = 5

  @Flag(help: "Leave the products alone.")
  var stepsOnly = false

  @OptionGroup var result: ResultOptions

  private var products: Products { precision.products }

  func validate() throws {
    guard threads > 0 else { throw ValidationError("--threads must be at least 1.") }
    guard steps >= 0 else { throw ValidationError("--steps must not be negative.") }
    guard batch ?? 1 > 0 else { throw ValidationError("--batch must be at least 1.") }
    guard products.isHere else {
      throw ValidationError("This processor has no \(products) products.")
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
    let bench = TrainBench(
      config: config, batch: batch ?? sequences, workers: WorkerPool(threads: threads),
      products: products)
    let peak = products.measuredPeak()
    let figures = try figures(of: bench, peak: peak)
    if stepsOnly {
      try result.print(figures)
    } else {
      try result.print(figures, rates(of: bench, peak: peak))
    }
  }

  private func rates(of bench: TrainBench, peak: Double) -> Table {
    var rates = Table("product", "sizes", "GFLOP a CPU-second", "share of peak", "GFLOP a second")
    for product in bench.largeProducts {
      let rate = bench.rate(of: product)
      rates.add(
        product.name, "\(product.T) x \(product.I) x \(product.O)", fixed(rate.cpu / 1e9, 0),
        percent(rate.cpu / peak), fixed(rate.wall / 1e9, 0))
    }
    return rates
  }

  private func figures(of bench: TrainBench, peak: Double) throws -> Table {
    var figures = Table("figure", "value")
    figures.add("peak of a thread, GFLOP a CPU-second", fixed(peak / 1e9, 0))
    guard steps > 0 else { return figures }
    let outcome = try bench.train(steps: steps)
    let operations = bench.config.operationsPerToken(length: bench.config.context)
    figures.add("tokens a second", fixed(outcome.rate.wall, 0))
    figures.add("tokens a CPU-second", fixed(outcome.rate.cpu, 0))
    figures.add("slowest step, tokens a CPU-second", fixed(outcome.slowest, 0))
    figures.add("fastest step, tokens a CPU-second", fixed(outcome.fastest, 0))
    figures.add("GFLOP a CPU-second", fixed(outcome.rate.cpu * operations / 1e9, 0))
    figures.add("share of peak", percent(outcome.rate.cpu * operations / peak))
    figures.add("loss of the last step", fixed(outcome.loss, 4))
    for use in outcome.memory { figures.add("planned MB: \(use.purpose)", inMegabytes(use.bytes)) }
    figures.add("planned MB in all", inMegabytes(outcome.memory.reduce(0) { $0 + $1.bytes }))
    figures.add("peak resident MB", inMegabytes(outcome.residentBytes))
    return figures
  }

  private func inMegabytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1e6, 0) }

  private func percent(_ share: Double) -> String { "\(fixed(100 * share, 0)) %" }
}
