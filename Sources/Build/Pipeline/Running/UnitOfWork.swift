import Ledger

/// One piece of a stage: done when its outputs are in place and its commit record exists.
///
/// What it writes is a function of its key; running it again gives the same bytes.
protocol UnitOfWork: Sendable {
  var stage: String { get }
  var key: String { get }
  var source: String { get }
  var input: String { get }

  /// Does the work and says what came of it; the caller writes the commit record.
  func run(in work: WorkFolder) throws -> Commit
}

extension UnitOfWork {
  /// A commit with nothing counted yet.
  var begunCommit: Commit { Commit(stage: stage, key: key, source: source, input: input) }
}

/// An input that failed as a whole; the others went on without it.
public struct Failure: Equatable, Sendable {
  public var stage: String
  public var source: String
  public var input: String
  public var fault: String
}
