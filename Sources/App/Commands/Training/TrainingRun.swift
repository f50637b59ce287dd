import CUDA
import Compute
import Glibc
import Ground
import Llama
import Ranks
import Trainer

/// Runs a training as this process's rank, shows how it goes, and saves when it is interrupted.
///
/// What cannot go well is refused before ranks are started, or take a GPU.
///
/// - Throws: What ended the training; `ExitCode` where ranks that were started failed.
func carryOut(
  _ training: Training, on device: DeviceOptions, launch: LaunchOptions, options: RunOptions,
  before: (_ ranks: Int) throws -> Void = { _ in }
) throws {
  if let ranks = try launch.ownRanks() {
    try training.check(ranks: ranks)
    try training.checkData()
    try device.check(localRanks: ranks)
  }
  try launch.run(jobs: options.jobs) { seat in
    try training.check(ranks: seat.channel.ranks)
    var training = training
    if seat.channel.rank == 0 { try before(seat.channel.ranks) }
    let stop = StopFlag()
    let signals = raiseOnSignals(stop)
    defer { signals.cancel() }
    let workers = WorkerPool(threads: seat.threads)
    let end = try withTrainProgress(
      steps: training.settings.steps, quiet: options.quiet || seat.channel.rank > 0
    ) { report in
      switch device.kind {
      case .cpu:
        try checkMemory(training, seat)
        let peak = training.settings.products.measuredPeak()
        training.peak = peak * Double(seat.threads * seat.channel.ranks)
        if training.settings.products == .bf16 && seat.channel.rank == 0 {
          let other = Products.f32.measuredPeak()
          if other > peak {
            options.say(
              "this processor multiplies f32 \(fixed(other / peak, 1)) times as fast as bf16: "
                + "products: f32 would be faster, and is another run\n")
          }
        }
        return try training.train(as: seat.channel, workers: workers, stop: stop, report: report)
      case .cuda:
        let gpu = try device.gpu(localRank: seat.localRank)
        try checkMemory(training, seat, on: gpu, isDeterministic: device.deterministic)
        training.peak = gpu.peak.map { $0 * Double(seat.channel.ranks) }
        let engine = try CUDAEngine(gpu, isDeterministic: device.deterministic)
        return try training.train(
          as: seat.channel, on: engine, NCCLCarrier(engine), workers: workers, stop: stop,
          report: report)
      }
    }
    if end == .stopped && seat.channel.rank == 0 {
      options.say("stopped; go on with --resume\n")
    }
  }
}

extension Training {
  /// What a rank would have in a GPU's memory and in the host's.
  func devicePlan(ranks: Int, isDeterministic: Bool) -> MemoryPlan {
    memoryPlan(
      of: CUDAEngine.self, ranks: ranks,
      scratch: CUDAEngine.scratchBytes(
        config.attentionShape(
          tokens: tokensAtATime(ranks: ranks), length: settings.context,
          ranks: parallelism.tensorRanks),
        positions: config.context, isDeterministic: isDeterministic))
  }
}

/// Refuses what this machine has not the memory for, before any is allocated.
private func checkMemory(_ training: Training, _ seat: Seat) throws(Fault) {
  let plan = training.memoryPlan(ranks: seat.channel.ranks, threads: seat.threads)
  try refuse(training, MemoryPlan.sum(plan), of: physicalMemory, "this machine has")
}

/// The same for a GPU and the host beside it.
private func checkMemory(
  _ training: Training, _ seat: Seat, on gpu: CUDADevice, isDeterministic: Bool
) throws(Fault) {
  let plan = training.devicePlan(ranks: seat.channel.ranks, isDeterministic: isDeterministic)
  try refuse(training, MemoryPlan.sum(plan.device), of: gpu.freeMemory, "\(gpu.name) has free")
  try refuse(training, MemoryPlan.sum(plan.host), of: physicalMemory, "the host has")
}

private func refuse(
  _ training: Training, _ needed: Int, of there: Int, _ who: String
) throws(Fault) {
  guard needed > there else { return }
  throw Fault(
    training.folder.path, at: 0,
    .unusable(
      "a rank needs \(inBytes(needed)) of memory, and \(who) \(inBytes(there)); "
        + "--plan says for what; more ranks, --zero 3, --recompute full or more parts need less"))
}

private var physicalMemory: Int {
  Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
}
