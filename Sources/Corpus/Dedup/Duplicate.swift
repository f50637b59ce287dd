public import Ground

/// A document that another one stands for.
public struct Duplicate: Hashable, Sendable {
  public enum Kind: UInt64, Sendable {
    /// The same bytes.
    case exact = 0
    /// The same cluster of MinHash bands.
    case near = 1
    /// Nearly all of its shingles are the other's too.
    case contained = 2
  }

  public var id: Hash128
  /// The survivor.
  public var duplicateOf: Hash128
  /// Of the two texts, 0 to 1.
  ///
  /// 1 where exact; the estimated Jaccard similarity where near, low perhaps at the end of a chain;
  /// the containment where contained, in the book that decided.
  public var similarity: Double
  public var kind: Kind

  public init(id: Hash128, duplicateOf: Hash128, similarity: Double, kind: Kind) {
    self.id = id
    self.duplicateOf = duplicateOf
    self.similarity = similarity
    self.kind = kind
  }
}

/// A duplicate as it lies on disk, 48 bytes, sorted by `id`, then kind.
struct DuplicateRecord: FixedRecord {
  var idHigh, idLow, kind, ofHigh, ofLow, similarity: UInt64

  init(_ duplicate: Duplicate) {
    idHigh = duplicate.id.high
    idLow = duplicate.id.low
    kind = duplicate.kind.rawValue
    ofHigh = duplicate.duplicateOf.high
    ofLow = duplicate.duplicateOf.low
    similarity = duplicate.similarity.bitPattern
  }

  var duplicate: Duplicate {
    Duplicate(
      id: Hash128(high: idHigh, low: idLow), duplicateOf: Hash128(high: ofHigh, low: ofLow),
      similarity: Double(bitPattern: similarity), kind: Duplicate.Kind(rawValue: kind) ?? .exact)
  }

  static func < (left: Self, right: Self) -> Bool {
    (left.idHigh, left.idLow, left.kind, left.ofHigh, left.ofLow, left.similarity)
      < (right.idHigh, right.idLow, right.kind, right.ofHigh, right.ofLow, right.similarity)
  }
}

/// Writes a file of duplicates in the order of their ids; the first of an id wins.
struct DuplicateSorter: ~Copyable {
  private var runs: SortedRuns<DuplicateRecord>

  init(in space: SortSpace) { runs = SortedRuns(in: space) }

  mutating func add(_ duplicate: Duplicate) throws(Fault) {
    try runs.add(DuplicateRecord(duplicate))
  }

  /// Writes the file and says how many duplicates it holds.
  consuming func write(to path: String) throws -> Int {
    var file = try RecordWriter(path: path, .duplicates, setting: DuplicateFile.setting)
    var last: DuplicateRecord?
    var batch: [DuplicateRecord] = []
    var count = 0
    try runs.forEach { record in
      if let last, (last.idHigh, last.idLow) == (record.idHigh, record.idLow) { return }
      last = record
      count += 1
      batch.append(record)
      if batch.count == 1 << 10 {
        try file.write(batch)
        batch.removeAll(keepingCapacity: true)
      }
    }
    try file.write(batch)
    try file.commit()
    return count
  }
}

/// The duplicates that a resolver found, mapped, in the order of their ids.
///
/// See `Docs/Formats/duplicates.md`.
public struct DuplicateFile: Sendable {
  static let setting = UInt64(MemoryLayout<DuplicateRecord>.stride)
  private let file: RecordFile

  public init(path: String) throws(Fault) {
    file = try RecordFile(
      path: path, .duplicates, setting: Self.setting, recordSize: Int(Self.setting))
  }

  public var count: Int { file.count / Int(Self.setting) }

  public subscript(index: Int) -> Duplicate { record(index).duplicate }

  /// The entry of a document that another stands for; nil for a survivor.
  ///
  /// - Complexity: O(log n).
  public subscript(id: Hash128) -> Duplicate? {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      let found = record(middle)
      if (found.idHigh, found.idLow) == (id.high, id.low) { return found.duplicate }
      if (found.idHigh, found.idLow) < (id.high, id.low) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return nil
  }

  private func record(_ index: Int) -> DuplicateRecord {
    file.load(index * Int(Self.setting), as: DuplicateRecord.self)
  }
}

/// Merges files of duplicates into one: of two entries for a document, exact goes before near, and
/// near before contained.
///
/// Two methods may disagree about which of two documents survives, so that each stands for the
/// other: of such a ring the document with the smallest id stays after all.
///
/// - Returns: How many duplicates the file at `path` holds.
/// - Complexity: O(n · log n · length of chains), which are short.
@discardableResult
public func mergeDuplicates(
  _ files: [String], to path: String, in space: SortSpace
) throws -> Int {
  var sorter = DuplicateSorter(in: space)
  for path in files {
    let file = try DuplicateFile(path: path)
    for index in 0..<file.count { try sorter.add(file[index]) }
  }
  let count = try sorter.write(to: path)
  let merged = try DuplicateFile(path: path)
  let spared = (0..<count).filter { merged.isLeastOfRing(merged[$0].id) }
  if spared.isEmpty { return count }
  var rest = DuplicateSorter(in: space)
  var next = spared.startIndex
  for index in 0..<count {
    if next < spared.endIndex && spared[next] == index {
      next += 1
    } else {
      try rest.add(merged[index])
    }
  }
  return try rest.write(to: path)
}

extension DuplicateFile {
  /// True for a document that comes back to itself along those that stand for it, and is the
  /// smallest on the way.
  fileprivate func isLeastOfRing(_ id: Hash128) -> Bool {
    var seen: Set<Hash128> = []
    var place = id
    while let next = self[place]?.duplicateOf {
      if next == id { return true }
      if next < id || !seen.insert(next).inserted { return false }
      place = next
    }
    return false
  }
}
