import CUDA
import CUDACheck
import Compute
import Glibc
import Llama

// The checks of this machine's GPU, one a process: a crash in one spoils no other.
//   gpu-check          names the checks
//   gpu-check NAME     carries one out; rows begin with ROW and have tabs between fields
//   gpu-check train 1b|7b SEQUENCES LENGTH STEPS none|cheap|full
let arguments = Array(CommandLine.arguments.dropFirst())
let device = [
  "discover", "compile", "driver", "attention", "unfused", "graph", "collective", "ranks", "model",
]
guard let name = arguments.first else {
  say((device + OperationChecks.all.map(\.name)).joined(separator: "\n"))
  exit(0)
}

/// Prints a line at once: what was said before a crash is not lost.
func say(_ line: String) {
  var text = line + "\n"
  text.withUTF8 { unsafe _ = write(STDOUT_FILENO, $0.baseAddress, $0.count) }
}

/// Trains on random tokens, as the arguments say, and prints what was measured.
func train(_ engine: CUDAEngine) throws {
  guard arguments.count == 6, let sequences = Int(arguments[2]), let length = Int(arguments[3]),
    let steps = Int(arguments[4]), let recompute = Recompute(rawValue: arguments[5])
  else {
    say("gpu-check train 1b|7b SEQUENCES LENGTH STEPS none|cheap|full")
    exit(2)
  }
  var config = LlamaConfig.llama7B
  config.context = max(config.context, length)
  if arguments[1] == "1b" { config = TrainingSpeed.llama1B(context: config.context) }
  let speed = try TrainingSpeed.measure(
    engine, config, sequences: sequences, length: length, warmUp: 2, steps: max(1, steps - 2),
    profiled: 2, recompute: recompute)
  let peak = engine.device.peak ?? .nan
  let fields = [
    "TRAIN", arguments[1], "\(config.parameterCount) parameters", "B\(sequences) S\(length)",
    "recompute \(recompute.rawValue)", "\(Int(speed.tokensPerSecond)) tokens/s",
    "MFU \(percent(speed.operationsPerSecond / peak))",
    "MFU with whole attention \(percent(speed.operationsWithWholeAttention / peak))",
    "\((engine.device.memory - speed.taken.after) >> 20) MiB free", speed.profile?.line ?? "",
    "losses \(speed.losses.map { "\((1000 * $0).rounded() / 1000)" }.joined(separator: " "))",
  ]
  say(fields.joined(separator: "\t"))
}

func percent(_ share: Double) -> String { "\((1000 * share).rounded() / 10) %" }

do {
  let libraries = CUDALibraries()
  switch name {
  case "discover":
    say(libraries.report)
    say(libraries.verdict)
  case "compile": try CompilerChecks.run(libraries) { say($0.line) }
  case "ranks":
    try RankChecks.run(min(8, try CUDADevice.count(libraries))) { rank in
      try CUDAEngine(try CUDADevice(libraries, ordinal: rank))
    } report: {
      say($0.line)
    }
  default:
    let engine = try CUDAEngine(try CUDADevice(libraries), isFused: name != "unfused")
    if name == "train" {
      try train(engine)
      exit(0)
    }
    let bench = CheckBench(engine, threads: WorkerPool.processors) { say($0.line) }
    switch name {
    case "driver": try DeviceChecks.driver(bench)
    case "attention": try AttentionChecks.run(bench, isFused: true)
    case "unfused": try AttentionChecks.run(bench, isFused: false)
    case "graph": try DeviceChecks.graph(bench)
    case "collective": try DeviceChecks.collective(bench)
    case "model":
      for recompute in Recompute.allCases { try ModelChecks.run(bench, recompute: recompute) }
    default:
      guard let check = OperationChecks.all.first(where: { $0.name == name }) else {
        say("no check is called \(name)")
        exit(2)
      }
      try check.run(bench, true)
    }
  }
} catch {
  say("ERROR\t\(name)\t\(error)")
  exit(1)
}
