public import ArgumentParser
public import Llama
public import Trainer

/// How ranks share the work of training; no option changes what is learned beyond the last bits.
struct ParallelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Ranks that share every layer and its sequences: tensor and sequence parallelism.",
      valueName: "ranks"))
  var tensorParallel = 1

  @Option(
    help: ArgumentHelp(
      "What the other ranks share: 1 AdamW's moments, 3 also gradients and parameters.",
      valueName: "stage"))
  var zero = Sharding.moments

  @Option(
    help: ArgumentHelp(
      "What the backward pass computes again to save memory: none, cheap or full.",
      valueName: "policy"))
  var recompute = Recompute.cheap

  @Option(
    help: "In how many parts a rank takes its share of a batch; more parts need less memory.")
  var accumulation = 1

  func validate() throws {
    guard tensorParallel > 0, accumulation > 0 else {
      throw ValidationError("--tensor-parallel and --accumulation must be at least 1.")
    }
  }

  var parallelism: Parallelism {
    var parallelism = Parallelism()
    parallelism.tensorRanks = tensorParallel
    parallelism.sharding = zero
    parallelism.recompute = recompute
    return parallelism
  }
}

extension Sharding: ExpressibleByArgument {
  public init?(argument: String) {
    guard let stage = Int(argument) else { return nil }
    self.init(rawValue: stage)
  }

  public var defaultValueDescription: String { "\(rawValue)" }
  public static var allValueStrings: [String] { allCases.map { "\($0.rawValue)" } }
}

extension Recompute: ExpressibleByArgument {}
