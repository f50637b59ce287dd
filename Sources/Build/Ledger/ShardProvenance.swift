public import Ground
import GRDB

/// One document's tokens in a shard.
public struct TokenRange: Equatable, Sendable {
  /// The first token, counted from the start of the shard.
  public var start: Int
  public var count: Int
  public var id: Hash128
  public var source: String
  /// The key of the unit that the document came from.
  public var unit: String
  /// Which copy of the document this is, from 0.
  public var epoch: Int

  public init(start: Int, count: Int, id: Hash128, source: String, unit: String, epoch: Int) {
    self.start = start
    self.count = count
    self.id = id
    self.source = source
    self.unit = unit
    self.epoch = epoch
  }
}

/// The database beside a shard that says which document each token came from.
public enum ShardProvenance {
  /// Writes the ranges of one shard, whole or not at all.
  public static func write(_ ranges: [TokenRange], to path: String) throws(LedgerError) {
    do {
      let database = try SealedDatabase(
        path: path,
        schema: """
          CREATE TABLE ranges(
            start INTEGER PRIMARY KEY, count INTEGER NOT NULL, id BLOB NOT NULL,
            source TEXT NOT NULL, unit TEXT NOT NULL, epoch INTEGER NOT NULL)
          """)
      try database.queue.write { store in
        let insert = try store.cachedStatement(sql: "INSERT INTO ranges VALUES (?, ?, ?, ?, ?, ?)")
        for range in ranges {
          try insert.execute(arguments: [
            range.start, range.count, range.id.blob, range.source, range.unit, range.epoch,
          ])
        }
      }
      try database.publish(indexes: "CREATE INDEX byID ON ranges(id)")
    } catch { throw LedgerError(path, error) }
  }

  /// The document that the token at `index` belongs to; nil outside the shard.
  public static func range(at index: Int, in path: String) throws(LedgerError) -> TokenRange? {
    try ranges(
      "start = (SELECT MAX(start) FROM ranges WHERE start <= ?) AND ? < start + count",
      [index, index], in: path
    ).first
  }

  /// The places of a document in one shard.
  public static func ranges(of id: Hash128, in path: String) throws(LedgerError) -> [TokenRange] {
    try ranges("id = ?", [id.blob], in: path)
  }

  /// All ranges, in the order of the tokens.
  public static func allRanges(in path: String) throws(LedgerError) -> [TokenRange] {
    try ranges("1", [], in: path)
  }

  private static func ranges(
    _ condition: String, _ arguments: StatementArguments, in path: String
  ) throws(LedgerError) -> [TokenRange] {
    do {
      return try SealedDatabase.open(path).read { database in
        try Row.fetchAll(
          database, sql: "SELECT * FROM ranges WHERE \(condition) ORDER BY start",
          arguments: arguments
        ).map { row in
          TokenRange(
            start: row["start"], count: row["count"], id: Hash128(blob: row["id"]),
            source: row["source"], unit: row["unit"], epoch: row["epoch"])
        }
      }
    } catch { throw LedgerError(path, error) }
  }
}
