import GRDB

extension CorpusLedger {
  /// The counts of a stage, summed over the current units of each source.
  public func counts(stage: String) throws(LedgerError) -> [String: [Commit.Count]] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT source, what, reason, SUM(count) AS count
          FROM units JOIN counts USING (key) WHERE stage = ? AND isCurrent
          GROUP BY source, what, reason ORDER BY source, what, count DESC, reason
          """,
        arguments: [stage])
      return rows.reduce(into: [:]) { sums, row in
        sums[row["source"], default: []]
          .append(Commit.Count(row["what"], reason: row["reason"], row["count"]))
      }
    }
  }

  /// All current units of a stage, by key.
  public func commits(stage: String) throws(LedgerError) -> [Commit] {
    try read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT * FROM units WHERE stage = ? AND isCurrent ORDER BY source, input, key",
        arguments: [stage]
      ).map { try Self.commit($0, in: database) }
    }
  }

  private static func commit(_ unit: Row, in database: Database) throws -> Commit {
    let key: String = unit["key"]
    var commit = Commit(
      stage: unit["stage"], key: key, source: unit["source"], input: unit["input"])
    commit.counts = try Row.fetchAll(
      database, sql: "SELECT * FROM counts WHERE key = ?", arguments: [key]
    ).map { Commit.Count($0["what"], reason: $0["reason"], $0["count"]) }
    commit.artifacts = try Row.fetchAll(
      database, sql: "SELECT * FROM artifacts WHERE key = ? ORDER BY path", arguments: [key]
    ).map { Commit.Artifact(path: $0["path"], bytes: $0["bytes"], digest: $0["digest"]) }
    commit.faults = try String.fetchAll(
      database, sql: "SELECT fault FROM faults WHERE key = ? ORDER BY rowid", arguments: [key])
    return commit
  }

  /// One run as a line of history.
  public struct Run: Equatable, Sendable {
    public var id: Int64
    public var manifest: String
    public var started: String
    /// Nil while it runs, and for ever where it was killed.
    public var ended: String?
    public var outcome: String?
  }

  public func runs() throws(LedgerError) -> [Run] {
    try read { database in
      try Row.fetchAll(database, sql: "SELECT * FROM runs ORDER BY id").map {
        Run(
          id: $0["id"], manifest: $0["manifest"], started: $0["started"], ended: $0["ended"],
          outcome: $0["outcome"])
      }
    }
  }

  /// The inputs that failed in a run: stage, source, input and fault.
  public func failures(
    run: Int64
  ) throws(LedgerError) -> [(stage: String, source: String, input: String, fault: String)] {
    try read { database in
      try Row.fetchAll(
        database, sql: "SELECT * FROM failures WHERE run = ? ORDER BY source, input",
        arguments: [run]
      ).map { ($0["stage"], $0["source"], $0["input"], $0["fault"]) }
    }
  }
}
