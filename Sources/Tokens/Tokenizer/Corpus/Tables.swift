import Synchronization

/// Tables that threads fill, each one of its own at a time, and that are put together afterwards.
final class Tables<Table: Sendable>: Sendable {
  private let empty: Table
  private let idle = Mutex<[Table]>([])

  init(_ empty: Table) { self.empty = empty }

  /// Lends `body` a table that no other thread has.
  func with(_ body: (inout Table) throws -> Void) rethrows {
    var table = idle.withLock { $0.popLast() } ?? empty
    try body(&table)
    idle.withLock { $0.append(table) }
  }

  /// The sum of `size` over the tables that no thread has now.
  func sum(_ size: (Table) -> Int) -> Int {
    idle.withLock { $0.reduce(0) { $0 + size($1) } }
  }

  /// Takes the tables that no thread has now, in no order.
  func drain() -> [Table] {
    idle.withLock { tables in
      defer { tables = [] }
      return tables
    }
  }
}
