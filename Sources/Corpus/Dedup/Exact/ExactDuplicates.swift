public import Ground

/// The hash of a text with the id of its document, 40 bytes.
struct ExactRecord: FixedRecord {
  var hashHigh, hashLow, priority, idHigh, idLow: UInt64

  static func < (left: Self, right: Self) -> Bool {
    (left.hashHigh, left.hashLow, left.priority, left.idHigh, left.idLow)
      < (right.hashHigh, right.hashLow, right.priority, right.idHigh, right.idLow)
  }

  static let size = MemoryLayout<Self>.stride
}

/// Writes the fingerprints of a unit's documents, by which `resolveExact` finds equal texts.
public struct ExactWriter: ~Copyable {
  private var file: RecordWriter

  public init(path: String) throws(Fault) {
    file = try RecordWriter(path: path, .exact, setting: UInt64(ExactRecord.size))
  }

  /// Takes a document; the smallest (priority, id) of equal texts survives.
  public mutating func add(_ id: Hash128, text: [UInt8], priority: UInt64 = 0) throws(Fault) {
    let hash = xxh3Wide(text)
    try file.write([
      ExactRecord(
        hashHigh: hash.high, hashLow: hash.low, priority: priority, idHigh: id.high, idLow: id.low)
    ])
  }

  public consuming func commit() throws(Fault) { try file.commit() }
}

/// Finds documents with the same bytes: all but the smallest (priority, id) are duplicates.
///
/// - Parameters:
///   - files: What `ExactWriter` wrote, in any order.
///   - path: Receives a `DuplicateFile`.
///   - space: Where and how large to sort.
/// - Throws: `Fault` where a file is not what `ExactWriter` wrote, or cannot be read or written.
/// - Returns: How many duplicates there are.
@discardableResult
public func resolveExact(_ files: [String], to path: String, in space: SortSpace) throws -> Int {
  let space = space.divided(by: 2)
  var runs = SortedRuns<ExactRecord>(in: space)
  for path in files {
    let file = try RecordFile(
      path: path, .exact, setting: UInt64(ExactRecord.size), recordSize: ExactRecord.size)
    for offset in stride(from: 0, to: file.count, by: ExactRecord.size) {
      try runs.add(file.load(offset, as: ExactRecord.self))
    }
  }
  var duplicates = DuplicateSorter(in: space)
  var first: ExactRecord?
  try runs.forEach { record in
    guard let survivor = first,
      (survivor.hashHigh, survivor.hashLow) == (record.hashHigh, record.hashLow)
    else {
      first = record
      return
    }
    let (id, survivorID) = (
      Hash128(high: record.idHigh, low: record.idLow),
      Hash128(high: survivor.idHigh, low: survivor.idLow)
    )
    if id != survivorID {
      try duplicates.add(
        Duplicate(id: id, duplicateOf: survivorID, similarity: 1, kind: .exact))
    }
  }
  return try duplicates.write(to: path)
}
