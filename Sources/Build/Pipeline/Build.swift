import Ground
import Ledger
public import Manifest

/// Makes a corpus: raw inputs → documents → duplicates → tokenizer → tokens → shards.
///
/// Killed at any moment and run again, it goes on with what is left and gives the same bytes.
public struct Build: Sendable {
  public enum Stage: String, CaseIterable, Sendable {
    case documents, duplicates, tokenizer, tokens, shards
  }

  public var manifest: CorpusManifest
  public var plans: [SourcePlan]
  public var work: WorkFolder
  /// The folder that relative inputs start from.
  public var inputs: String
  public var jobs: Int
  /// Bytes that a sorting stage may use before it sorts on disk.
  public var memory: Int
  public var quiet: Bool

  public init(
    manifest: CorpusManifest, plans: [SourcePlan], work: WorkFolder, inputs: String, jobs: Int,
    memory: Int, quiet: Bool
  ) {
    self.manifest = manifest
    // Whatever order the manifest has, the corpus is the same.
    self.plans = plans.sorted { $0.name < $1.name }
    self.work = work
    self.inputs = inputs
    self.jobs = jobs
    self.memory = memory
    self.quiet = quiet
  }

  /// Runs all stages up to `last`.
  ///
  /// - Returns: The inputs that failed; they are tried again by the next run.
  /// - Throws: `Fault` or `LedgerError` for what stops the run as a whole.
  public func run(through last: Stage = .shards) throws -> [Failure] {
    try makeFolder(work.path)
    let lock = try FolderLock(work.path, for: "building into this work directory")
    defer { withExtendedLifetime(lock) {} }
    try sweepLeftovers(under: work.path)
    let ledger = try CorpusLedger(path: work.ledger)
    let run = try ledger.beginRun(manifest: manifest.name, command: "build")
    let coordinator = Coordinator(
      work: work, ledger: ledger, run: run, jobs: jobs, quiet: quiet)
    do {
      try stages(through: last, coordinator)
    } catch {
      try ledger.endRun(run, outcome: "stopped: \(error)")
      throw error
    }
    try ledger.setCurrent(coordinator.keys)
    let failures = coordinator.failures
    try ledger.endRun(
      run, outcome: failures.isEmpty ? "done" : "done, \(failures.count) failed")
    return failures
  }

  private func stages(through last: Stage, _ coordinator: Coordinator) throws {
    let documents = try documentsStage(coordinator)
    if last == .documents { return }
    let kept = try duplicatesStage(documents, coordinator)
    if last == .duplicates { return }
    let tokenizer = try tokenizerStage(kept, coordinator)
    if last == .tokenizer { return }
    let pools = try tokensStage(kept, tokenizer, coordinator)
    if last == .tokens { return }
    try shardsStage(pools, tokenizer, coordinator)
  }
}
