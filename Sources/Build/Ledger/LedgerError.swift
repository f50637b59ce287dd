import GRDB

/// What SQLite refused, in which database.
public struct LedgerError: Error, CustomStringConvertible {
  public let database: String
  public let cause: String
  /// What the user can do about it; nil where nothing general helps.
  public let remedy: String?

  public init(_ database: String, _ error: any Error) {
    self.database = database
    cause = (error as? DatabaseError).map { "\($0)" } ?? "\(error)"
    remedy =
      (error as? DatabaseError)?.resultCode == .SQLITE_FULL
      ? "The disk is full: free some space and run the same command again; it goes on where it stopped."
      : nil
  }

  public var description: String { "\(database): byte 0: \(cause)" }
}
