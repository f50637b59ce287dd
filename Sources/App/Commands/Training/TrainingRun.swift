import Compute
import Glibc
import Ground
import Llama
import Ranks
import Trainer

/// Runs a training as this process's rank, shows how it goes, and saves when it is interrupted.
///
/// - Throws: What ended the training; `ExitCode` where ranks that were started failed.
func carryOut(
  _ training: Training, launch: LaunchOptions, options: RunOptions,
  before: (_ ranks: Int) throws -> Void = { _ in }
) throws {
  try launch.run(jobs: options.jobs) { channel, threads in
    var training = training
    if channel.rank == 0 { try before(channel.ranks) }
    try checkMemory(training, ranks: channel.ranks, threads: threads)
    training.peak =
      training.settings.products.measuredPeak() * Double(threads * channel.ranks)
    let stop = StopFlag()
    let signals = raiseOnSignals(stop)
    defer { signals.cancel() }
    let end = try withTrainProgress(
      steps: training.settings.steps, quiet: options.quiet || channel.rank > 0
    ) { report in
      try training.train(
        as: channel, workers: WorkerPool(threads: threads), stop: stop, report: report)
    }
    if end == .stopped && channel.rank == 0 { options.say("stopped; go on with --resume\n") }
  }
}

/// Refuses what this machine has not the memory for, before any is allocated.
private func checkMemory(_ training: Training, ranks: Int, threads: Int) throws(Fault) {
  // A wrong cut is reported by the training itself.
  guard training.parallelism.tensorRanks > 0, ranks % training.parallelism.tensorRanks == 0 else {
    return
  }
  let physicalMemory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
  let needed = training.memoryPlan(ranks: ranks, threads: threads).reduce(0) { $0 + $1.bytes }
  guard needed > physicalMemory else { return }
  throw Fault(
    training.folder.path, at: 0,
    .unusable(
      "a rank needs \(inBytes(needed)) of memory, and this machine has \(inBytes(physicalMemory)); "
        + "--plan says for what; more ranks, --zero 3, --recompute full or more parts need less"))
}
