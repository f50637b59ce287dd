import GRDB

/// What SQLite refused, in which database.
public struct LedgerError: Error, CustomStringConvertible {
  public let database: String
  public let cause: String

  public init(_ database: String, _ error: any Error) {
    self.database = database
    cause = (error as? DatabaseError).map { "\($0)" } ?? "\(error)"
  }

  public var description: String { "\(database): byte 0: \(cause)" }
}
