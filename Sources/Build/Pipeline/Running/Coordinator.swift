import Ground
import Ledger
import Synchronization

/// Runs units of work on a bounded number of threads, skips those that are done, and writes down
/// what came of each.
final class Coordinator: Sendable {
  let work: WorkFolder
  let ledger: CorpusLedger
  let jobs: Int
  private let quiet: Bool
  private let run: Int64
  private let state = Mutex(State())

  private struct State {
    var failures: [Failure] = []
    var keys: [String] = []
  }

  init(work: WorkFolder, ledger: CorpusLedger, run: Int64, jobs: Int, quiet: Bool) {
    self.work = work
    self.ledger = ledger
    self.run = run
    self.jobs = jobs
    self.quiet = quiet
  }

  /// What failed so far.
  var failures: [Failure] { state.withLock { $0.failures } }
  /// The keys of all units that this build is made of.
  var keys: [String] { state.withLock { $0.keys } }

  /// Runs `units`, in any order and at most `jobs` at once; gives their commits in order, nil for
  /// those that failed.
  ///
  /// - Throws: What stops the run as a whole: a full disk, a ledger that cannot be written.
  func run<Work: UnitOfWork>(_ units: [Work], title: String) throws -> [Commit?] {
    let done = Atomic<Int>(0)
    let next = Atomic<Int>(0)
    var commits: [Commit?] = []
    let line: @Sendable () -> String = {
      "\(title): \(done.load(ordering: .relaxed)) of \(units.count)"
    }
    try withProgress(quiet: quiet, line: line) {
      try orderedMap(
        jobs: jobs,
        next: {
          let index = next.add(1, ordering: .relaxed).oldValue
          return index < units.count ? units[index] : nil
        },
        transform: { unit in
          defer { done.add(1, ordering: .relaxed) }
          return try self.outcome(of: unit)
        },
        accept: { outcome in commits.append(try self.record(outcome)) })
    }
    if !quiet {
      let new = units.count - commits.count { $0 == nil }
      tellUser("\(title): \(new) of \(units.count) done\n")
    }
    return commits
  }

  private enum Outcome: Sendable {
    case done(Commit)
    case failed(Failure)
  }

  private func outcome<Work: UnitOfWork>(of unit: Work) throws -> Outcome {
    let record = work(WorkFolder.commit(unit.stage, unit.key))
    if fileKind(record) == .file {
      let commit = try Commit(json: openDecoded(record).readToEnd(), path: record)
      if isInPlace(commit) { return .done(commit) }
    }
    do {
      let commit = try unit.run(in: work)
      guard commit.isBalanced else {
        throw Fault(
          unit.input, at: 0,
          .malformed("the counts of unit \(unit.key) do not balance: \(commit.counts)"))
      }
      try writeAtomically(
        commit.json, to: work.prepared(WorkFolder.commit(unit.stage, unit.key)))
      return .done(commit)
    } catch let fault as Fault where !fault.stopsTheRun {
      return .failed(
        Failure(stage: unit.stage, source: unit.source, input: unit.input, fault: "\(fault)"))
    }
  }

  /// False where a file of a finished unit has been removed or cut since.
  private func isInPlace(_ commit: Commit) -> Bool {
    commit.artifacts.allSatisfy {
      let size = try? fileSize(work($0.path))
      return size == UInt64($0.bytes)
    }
  }

  private func record(_ outcome: Outcome) throws -> Commit? {
    switch outcome {
    case .done(let commit):
      try ledger.record(commit)
      state.withLock { $0.keys.append(commit.key) }
      return commit
    case .failed(let failure):
      try fail(failure)
      return nil
    }
  }

  /// Writes down an input that cannot be used.
  func fail(_ failure: Failure) throws {
    tellUser("error: \(failure.fault)\n")
    try ledger.recordFailure(
      run: run, stage: failure.stage, source: failure.source, input: failure.input,
      fault: failure.fault)
    state.withLock { $0.failures.append(failure) }
  }
}
