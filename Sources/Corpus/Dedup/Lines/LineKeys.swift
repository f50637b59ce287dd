public import Ground

/// Computes the keys by which CCNet compares lines; reuses its buffers, so one a worker.
///
/// A key is the first eight bytes of the SHA-1 of the folded line, little-endian.
///
/// - SeeAlso: cc_net `dedup.py`; arXiv:1911.00359, 3.1.
public struct LineKeys {
  private var folding = LineFolding()

  public init() {}

  /// The key of every line of `text`, in order; lines end with U+000A only.
  ///
  /// - Complexity: O(n).
  public mutating func keys(of text: [UInt8]) -> [UInt64] {
    var keys: [UInt64] = []
    let span = text.span
    for line in lines(of: span) {
      folding.fold(span, line)
      keys.append(folding.key)
    }
    return keys
  }

  /// The key of a line that is empty once folded, which counts as duplicated always.
  public static let empty = sha1Prefix([UInt8]().span)
}

/// The lines of a text without their ends, as Python's `split("\n")`: at least one.
func lines(of text: Span<UInt8>) -> [Range<Int>] {
  var lines: [Range<Int>] = []
  var start = 0
  for index in text.indices where text[index] == 0x0a {
    lines.append(start..<index)
    start = index + 1
  }
  lines.append(start..<text.count)
  return lines
}

/// Writes the keys of a unit's documents, 8 bytes a line, by which `resolveLines` finds lines of
/// two documents.
public struct LineKeyWriter: ~Copyable {
  private var file: RecordWriter

  public init(path: String) throws(Fault) {
    file = try RecordWriter(path: path, .lineKeys, setting: 8)
  }

  /// Takes the keys of one document; a key that it has twice counts once.
  public mutating func add(_ keys: [UInt64]) throws(Fault) {
    let sorted = keys.sorted()
    var distinct: [UInt64] = []
    distinct.reserveCapacity(sorted.count)
    for key in sorted where key != distinct.last { distinct.append(key) }
    try file.write(distinct)
  }

  public consuming func commit() throws(Fault) { try file.commit() }
}

/// Finds the keys of lines that two documents of a group share.
///
/// - Parameters:
///   - files: What `LineKeyWriter` wrote for the units of one group, in any order.
///   - path: Receives the duplicated keys, ascending, for `DuplicatedLines`.
///   - space: Where and how large to sort.
/// - Throws: `Fault` where a file is not what `LineKeyWriter` wrote, or cannot be read or written.
/// - Returns: How many keys there are.
@discardableResult
public func resolveLines(_ files: [String], to path: String, in space: SortSpace) throws -> Int {
  var runs = SortedRuns<UInt64>(in: space)
  for path in files {
    let file = try RecordFile(path: path, .lineKeys, setting: 8, recordSize: 8)
    for offset in stride(from: 0, to: file.count, by: 8) {
      try runs.add(file.load(offset, as: UInt64.self))
    }
  }
  var output = try RecordWriter(path: path, .duplicatedLines, setting: 8)
  var (last, isWritten, count): (UInt64?, Bool, Int) = (nil, false, 0)
  var batch: [UInt64] = []
  try runs.forEach { key in
    guard key == last else {
      last = key
      isWritten = false
      return
    }
    if isWritten { return }
    isWritten = true
    count += 1
    batch.append(key)
    if batch.count == 1 << 12 {
      try output.write(batch)
      batch.removeAll(keepingCapacity: true)
    }
  }
  try output.write(batch)
  try output.commit()
  return count
}
