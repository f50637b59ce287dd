public import Ground
public import Ledger

/// Counts what became of the raw records of one unit, so that no source or filter can forget to.
public struct Tally: Sendable {
  public private(set) var records = 0
  public private(set) var kept = 0
  public private(set) var dropped: [String: Int] = [:]
  public private(set) var errors = 0
  /// Bytes of the kept texts.
  public private(set) var bytes = 0
  /// The first faults, as they print.
  public private(set) var faults: [String] = []

  /// More faults than these are counted only.
  static let faultLimit = 100

  public init() {}

  public mutating func keep(bytes: Int) {
    records += 1
    kept += 1
    self.bytes += bytes
  }

  public mutating func drop(_ reason: String) {
    records += 1
    dropped[reason, default: 0] += 1
  }

  public mutating func fail(_ fault: Fault) {
    records += 1
    errors += 1
    if faults.count < Self.faultLimit { faults.append("\(fault)") }
  }

  /// Adds the counts of another unit.
  public mutating func add(_ other: Tally) {
    records += other.records
    kept += other.kept
    errors += other.errors
    bytes += other.bytes
    dropped.merge(other.dropped, uniquingKeysWith: +)
    faults += other.faults.prefix(max(0, Self.faultLimit - faults.count))
  }

  /// The reasons with their counts, most frequent first, then by name.
  public var reasons: [(reason: String, count: Int)] {
    dropped.map { ($0.key, $0.value) }
      .sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
  }

  public var counts: [Commit.Count] {
    [
      .init("records", records), .init("kept", kept), .init("errors", errors),
      .init("bytes", bytes),
    ]
      + reasons.map { .init("dropped", reason: $0.reason, $0.count) }
  }
}
