public import Ground

/// Writes the signatures of a unit's documents, by which `resolveNear` finds near duplicates.
public struct SignatureWriter: ~Copyable {
  private var file: RecordWriter
  private let settings: MinHash

  public init(path: String, _ settings: MinHash = MinHash()) throws(Fault) {
    file = try RecordWriter(path: path, .signatures, setting: settings.digest)
    self.settings = settings
  }

  /// Takes a document's signature, from a `MinHashSigner` with the same settings.
  ///
  /// The smallest (priority, id) of a cluster survives.
  public mutating func add(_ id: Hash128, _ signature: [UInt32], priority: UInt64 = 0)
    throws(Fault)
  {
    precondition(signature.count == settings.count, "\(signature.count) numbers in a signature")
    try file.write([id.high, id.low, priority])
    try file.write(signature)
  }

  public consuming func commit() throws(Fault) { try file.commit() }
}

/// Finds clusters of near duplicates: all but the smallest (priority, id) of each are duplicates.
///
/// Documents that share a band belong together, and so do theirs. Memory: the budget and 8 bytes a
/// document; signatures are read through the page cache.
///
/// - Parameters:
///   - files: What `SignatureWriter` wrote, in any order.
///   - settings: Those of the signatures.
///   - minimum: Joins two documents of a band only where their signatures agree in this share: each
///     with the smallest (priority, id) of the band and with its neighbour in that order.
///   - path: Receives a `DuplicateFile`.
///   - space: Where and how large to sort.
/// - Throws: `Fault` where a file is none of these signatures, or cannot be read or written.
/// - Returns: How many duplicates there are.
@discardableResult
public func resolveNear(
  _ files: [String], _ settings: MinHash = MinHash(), minimum: Double? = nil, to path: String,
  in space: SortSpace
) throws -> Int {
  let signatures = try SignatureFiles(files, settings)
  var bands = SortedRuns<BandRecord>(in: space)
  for number in 0..<signatures.count {
    for key in settings.keys(of: signatures.signature(number)) {
      try bands.add(BandRecord(key: key, document: UInt64(number)))
    }
  }
  var clusters = Clusters(count: signatures.count)
  var band: [Int] = []
  var last: UInt64?
  func join() {
    guard band.count > 1 else { return }
    guard let minimum else {
      for member in band.dropFirst() { clusters.join(band[0], member) }
      return
    }
    band.sort { signatures.rank($0) < signatures.rank($1) }
    let first = signatures.signature(band[0])
    var previous = first
    for (left, right) in zip(band, band.dropFirst()) {
      let signature = signatures.signature(right)
      if MinHash.similarity(first, signature) >= minimum { clusters.join(band[0], right) }
      if MinHash.similarity(previous, signature) >= minimum { clusters.join(left, right) }
      previous = signature
    }
  }
  try bands.forEach { record in
    if record.key != last {
      join()
      band.removeAll(keepingCapacity: true)
      last = record.key
    }
    band.append(Int(record.document))
  }
  join()
  return try write(&clusters, of: signatures, to: path, in: space)
}

private func write(
  _ clusters: inout Clusters, of signatures: SignatureFiles, to path: String, in space: SortSpace
) throws -> Int {
  var survivors = [UInt32](repeating: .max, count: signatures.count)
  for number in 0..<signatures.count {
    let root = clusters.root(of: number)
    let best = survivors[root]
    if best == .max || signatures.rank(number) < signatures.rank(Int(best)) {
      survivors[root] = UInt32(number)
    }
  }
  var duplicates = DuplicateSorter(in: space)
  for number in 0..<signatures.count {
    let survivor = Int(survivors[clusters.root(of: number)])
    let (id, survivorID) = (signatures.rank(number).id, signatures.rank(survivor).id)
    if id == survivorID { continue }
    let similarity = MinHash.similarity(
      signatures.signature(number), signatures.signature(survivor))
    try duplicates.add(
      Duplicate(id: id, duplicateOf: survivorID, similarity: similarity, kind: .near))
  }
  return try duplicates.write(to: path)
}

/// A band of a document.
private struct BandRecord: FixedRecord {
  var key, document: UInt64

  static func < (left: Self, right: Self) -> Bool {
    (left.key, left.document) < (right.key, right.document)
  }
}

/// Who survives: the smallest.
struct Rank: Comparable {
  var priority: UInt64
  var id: Hash128

  static func < (left: Self, right: Self) -> Bool {
    (left.priority, left.id) < (right.priority, right.id)
  }
}

/// Signature files seen as one list of documents.
private struct SignatureFiles {
  private let files: [RecordFile]
  private let starts: [Int]
  private let size: Int
  private let numbers: Int
  let count: Int

  init(_ paths: [String], _ settings: MinHash) throws(Fault) {
    numbers = settings.count
    size = 24 + 4 * settings.count
    var files: [RecordFile] = []
    var starts: [Int] = []
    var count = 0
    for path in paths {
      let file = try RecordFile(
        path: path, .signatures, setting: settings.digest, recordSize: size)
      files.append(file)
      starts.append(count)
      count += file.count / size
      guard count < UInt32.max else {
        throw Fault(path, at: 0, .unusable("more than \(UInt32.max - 1) documents at once"))
      }
    }
    (self.files, self.starts, self.count) = (files, starts, count)
  }

  func rank(_ number: Int) -> Rank {
    let (file, offset) = place(number)
    return Rank(
      priority: file.load(offset + 16, as: UInt64.self),
      id: Hash128(
        high: file.load(offset, as: UInt64.self), low: file.load(offset + 8, as: UInt64.self)))
  }

  func signature(_ number: Int) -> [UInt32] {
    let (file, offset) = place(number)
    return (0..<numbers).map { file.load(offset + 24 + 4 * $0, as: UInt32.self) }
  }

  private func place(_ number: Int) -> (RecordFile, Int) {
    var (low, high) = (0, starts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= number { low = middle } else { high = middle }
    }
    return (files[low], (number - starts[low]) * size)
  }
}
