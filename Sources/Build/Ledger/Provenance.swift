public import Ground
import GRDB

/// One raw record of a unit, kept or dropped: where it lies and what was decided.
public struct ProvenanceRow: Equatable, Sendable {
  public var id: Hash128
  public var path: String
  public var offset: Int
  public var skip: Int
  public var length: Int
  public var member: String?
  public var url: String?
  public var title: String?
  /// `kept`, or why it was dropped, such as `gopher.word_count`.
  public var verdict: String
  /// The line of the unit's documents file, from 0; nil for what was dropped.
  public var line: Int?
  /// The measured signals as a JSON object.
  public var signals: String

  public init(
    id: Hash128, path: String, offset: Int, skip: Int, length: Int, member: String? = nil,
    url: String? = nil, title: String? = nil, verdict: String, line: Int? = nil, signals: String
  ) {
    self.id = id
    self.path = path
    self.offset = offset
    self.skip = skip
    self.length = length
    self.member = member
    self.url = url
    self.title = title
    self.verdict = verdict
    self.line = line
    self.signals = signals
  }
}

/// A database that is built under a temporary name and then published whole, never changed again.
struct SealedDatabase {
  let path: String
  let temporary: String
  let queue: DatabaseQueue

  init(path: String, schema: String) throws {
    self.path = path
    temporary = temporaryName(for: path)
    // Nobody sees the file before it is synced and renamed, so a journal would protect nothing.
    var configuration = Configuration()
    configuration.prepareDatabase { database in
      try database.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
    }
    queue = try DatabaseQueue(path: temporary, configuration: configuration)
    try queue.write { try $0.execute(sql: schema) }
  }

  func publish(indexes: String) throws {
    try queue.write { try $0.execute(sql: indexes) }
    try queue.close()
    try syncAndPublish(temporary, as: path)
  }

  /// Opens a published database for reading alone.
  static func open(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    return try DatabaseQueue(path: path, configuration: configuration)
  }
}

/// Writes the provenance of one unit: a row a record, in the order of the file.
public struct ProvenanceWriter {
  private let database: SealedDatabase
  private var rows: [ProvenanceRow] = []

  public init(path: String) throws(LedgerError) {
    do {
      database = try SealedDatabase(
        path: path,
        schema: """
          CREATE TABLE documents(
            id BLOB NOT NULL, path TEXT NOT NULL, offset INTEGER NOT NULL, skip INTEGER NOT NULL,
            length INTEGER NOT NULL, member TEXT, url TEXT, title TEXT, verdict TEXT NOT NULL,
            line INTEGER, signals TEXT NOT NULL)
          """)
    } catch { throw LedgerError(path, error) }
  }

  /// Rows are kept back and written a thousand at a time.
  public mutating func add(_ row: ProvenanceRow) throws(LedgerError) {
    rows.append(row)
    if rows.count == 1000 { try flush() }
  }

  public mutating func commit() throws(LedgerError) {
    try flush()
    do {
      try database.publish(
        indexes: "CREATE INDEX byID ON documents(id); CREATE INDEX byURL ON documents(url)")
    } catch { throw LedgerError(database.path, error) }
  }

  private mutating func flush() throws(LedgerError) {
    do {
      try database.queue.write { store in
        let insert = try store.cachedStatement(
          sql: "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for row in rows {
          try insert.execute(arguments: [
            row.id.blob, row.path, row.offset, row.skip, row.length, row.member, row.url, row.title,
            row.verdict, row.line, row.signals,
          ])
        }
      }
    } catch { throw LedgerError(database.path, error) }
    rows.removeAll(keepingCapacity: true)
  }
}

/// Reads the provenance of one unit.
public struct ProvenanceReader {
  private let path: String
  private let queue: DatabaseQueue

  public init(path: String) throws(LedgerError) {
    self.path = path
    do { queue = try SealedDatabase.open(path) } catch { throw LedgerError(path, error) }
  }

  public func row(id: Hash128) throws(LedgerError) -> ProvenanceRow? {
    try rows("id = ?", [id.blob]).first
  }

  /// All records of a URL, in the order of the file.
  public func rows(url: String) throws(LedgerError) -> [ProvenanceRow] {
    try rows("url = ?", [url])
  }

  /// All records, in the order of the file.
  public func allRows() throws(LedgerError) -> [ProvenanceRow] { try rows("1", []) }

  private func rows(
    _ condition: String, _ arguments: StatementArguments
  ) throws(LedgerError) -> [ProvenanceRow] {
    do {
      return try queue.read { database in
        try Row.fetchAll(
          database, sql: "SELECT * FROM documents WHERE \(condition) ORDER BY rowid",
          arguments: arguments
        ).map { row in
          ProvenanceRow(
            id: Hash128(blob: row["id"]), path: row["path"], offset: row["offset"],
            skip: row["skip"], length: row["length"], member: row["member"], url: row["url"],
            title: row["title"], verdict: row["verdict"], line: row["line"],
            signals: row["signals"])
        }
      }
    } catch { throw LedgerError(path, error) }
  }
}
