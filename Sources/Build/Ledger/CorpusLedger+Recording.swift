import GRDB

extension CorpusLedger {
  /// Begins a run; gives its number.
  public func beginRun(manifest: String, command: String) throws(LedgerError) -> Int64 {
    try write { database in
      try database.execute(
        sql: "INSERT INTO runs(manifest, command) VALUES (?, ?)", arguments: [manifest, command])
      return database.lastInsertedRowID
    }
  }

  /// Ends a run with an outcome such as `done` or `2 inputs failed`.
  public func endRun(_ run: Int64, outcome: String) throws(LedgerError) {
    try write { database in
      try database.execute(
        sql: """
          UPDATE runs SET ended = strftime('%Y-%m-%dT%H:%M:%SZ'), outcome = ? WHERE id = ?
          """,
        arguments: [outcome, run])
    }
  }

  /// Writes down a finished unit; the same commit twice changes nothing.
  public func record(_ commit: Commit) throws(LedgerError) {
    try write { database in
      try database.execute(sql: "DELETE FROM units WHERE key = ?", arguments: [commit.key])
      try database.execute(
        sql: "INSERT INTO units(key, stage, source, input) VALUES (?, ?, ?, ?)",
        arguments: [commit.key, commit.stage, commit.source, commit.input])
      for count in commit.counts {
        try database.execute(
          sql: "INSERT INTO counts VALUES (?, ?, ?, ?)",
          arguments: [commit.key, count.what, count.reason, count.count])
      }
      for artifact in commit.artifacts {
        try database.execute(
          sql: "INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?, ?)",
          arguments: [artifact.path, commit.key, artifact.bytes, artifact.digest])
      }
      for fault in commit.faults {
        try database.execute(
          sql: "INSERT INTO faults VALUES (?, ?)", arguments: [commit.key, fault])
      }
    }
  }

  /// Marks the units that the last build used; all others are left over from other manifests.
  public func setCurrent(_ keys: [String]) throws(LedgerError) {
    try write { database in
      try database.execute(sql: "UPDATE units SET isCurrent = 0")
      for key in keys {
        try database.execute(sql: "UPDATE units SET isCurrent = 1 WHERE key = ?", arguments: [key])
      }
    }
  }

  /// Writes down an input that failed as a whole, to be filled in by a later run.
  public func recordFailure(
    run: Int64, stage: String, source: String, input: String, fault: String
  ) throws(LedgerError) {
    try write { database in
      try database.execute(
        sql: "INSERT INTO failures VALUES (?, ?, ?, ?, ?)",
        arguments: [run, stage, source, input, fault])
    }
  }

  /// The digest of an input that has not changed since it was taken; nil where it must be taken anew.
  public func digest(
    source: String, input: String, bytes: Int, modified: Int
  ) throws(LedgerError) -> String? {
    try read { database in
      try String.fetchOne(
        database,
        sql: """
          SELECT digest FROM inputs
          WHERE source = ? AND name = ? AND bytes = ? AND modified = ?
          """,
        arguments: [source, input, bytes, modified])
    }
  }

  public func recordInput(
    source: String, input: String, bytes: Int, modified: Int, digest: String
  ) throws(LedgerError) {
    try write { database in
      try database.execute(
        sql: "INSERT OR REPLACE INTO inputs VALUES (?, ?, ?, ?, ?)",
        arguments: [source, input, bytes, modified, digest])
    }
  }
}
