import GRDB

/// What happened, in `ledger.sqlite`: runs, inputs, finished units, counts, artifacts, failures.
///
/// Written by the one process that coordinates a build; readers may look at any time.
public final class CorpusLedger: Sendable {
  public let path: String
  let queue: DatabaseQueue

  /// Opens the ledger of a work directory, making it where there is none.
  public init(path: String) throws(LedgerError) {
    self.path = path
    do {
      var configuration = Configuration()
      configuration.busyMode = .timeout(30)
      configuration.prepareDatabase { database in
        try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
      }
      queue = try DatabaseQueue(path: path, configuration: configuration)
      try Self.migrations.migrate(queue)
    } catch { throw LedgerError(path, error) }
  }

  /// Runs `body` in one transaction: all of it lands, or none.
  func write<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
    do { return try queue.write(body) } catch { throw LedgerError(path, error) }
  }

  func read<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
    do { return try queue.read(body) } catch { throw LedgerError(path, error) }
  }

  /// Numbered and append-only: a released migration is never edited.
  private static var migrations: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { database in
      try database.execute(
        sql: """
          CREATE TABLE runs(
            id INTEGER PRIMARY KEY, manifest TEXT NOT NULL, command TEXT NOT NULL,
            started TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ')), ended TEXT, outcome TEXT);
          CREATE TABLE inputs(
            source TEXT NOT NULL, name TEXT NOT NULL, bytes INTEGER NOT NULL,
            modified INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY(source, name)) WITHOUT ROWID;
          CREATE TABLE units(
            key TEXT PRIMARY KEY, stage TEXT NOT NULL, source TEXT NOT NULL, input TEXT NOT NULL,
            isCurrent INTEGER NOT NULL DEFAULT 1) WITHOUT ROWID;
          CREATE TABLE counts(
            key TEXT NOT NULL REFERENCES units ON DELETE CASCADE, what TEXT NOT NULL,
            reason TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(key, what, reason)) WITHOUT ROWID;
          CREATE TABLE artifacts(
            path TEXT PRIMARY KEY, key TEXT NOT NULL REFERENCES units ON DELETE CASCADE,
            bytes INTEGER NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID;
          CREATE TABLE faults(
            key TEXT NOT NULL REFERENCES units ON DELETE CASCADE, fault TEXT NOT NULL);
          CREATE TABLE failures(
            run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE, stage TEXT NOT NULL,
            source TEXT NOT NULL, input TEXT NOT NULL, fault TEXT NOT NULL);
          CREATE INDEX faultsByKey ON faults(key);
          CREATE INDEX artifactsByKey ON artifacts(key);
          """)
    }
    return migrator
  }
}
