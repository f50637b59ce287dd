public import Ground

/// Where a resolver may sort on disk, and how much memory it may fill before it does.
public struct SortSpace: Sendable {
  /// A folder for temporary files; they have no names, so that nothing is left behind when killed.
  public var folder: String
  /// Bytes; the result is the same for every budget.
  public var memory: Int

  public init(folder: String, memory: Int = 1 << 30) {
    self.folder = folder
    self.memory = memory
  }

  /// The space of one of several sorters that work at once.
  func divided(by parts: Int) -> SortSpace { SortSpace(folder: folder, memory: memory / parts) }
}

/// Sorts more records than fit into memory: sorted runs on disk, then one merge.
///
/// Memory stays within the budget while a run's share of it is at least 16 KiB, that is up to
/// `memory² / 16 KiB` bytes of records: 64 TiB for 1 GiB.
///
/// All that touches a record is inlinable: without, 2 M draws of `OrderUnit`, in another module,
/// take nine times as long.
public struct SortedRuns<Record: FixedRecord>: ~Copyable {
  @usableFromInline let space: SortSpace
  @usableFromInline let capacity: Int
  @usableFromInline var records: [Record] = []
  @usableFromInline var runs: [Range<Int>] = []  // records in the spill file
  @usableFromInline var spill: UnnamedFile?

  @inlinable
  public init(in space: SortSpace) {
    self.space = space
    let stride = MemoryLayout<Record>.stride
    precondition(stride == MemoryLayout<Record>.size, "a record has padding at its end")
    // Half of the budget, as sorting may need as much again.
    capacity = max(2, space.memory / 2 / stride)
  }

  @inlinable
  public mutating func add(_ record: Record) throws(Fault) {
    records.append(record)
    if records.count >= capacity { try flush() }
  }

  /// Hands over all records in ascending order.
  @inlinable
  public consuming func forEach(_ accept: (Record) throws -> Void) throws {
    guard spill != nil else {
      records.sort()
      for record in records { try accept(record) }
      return
    }
    try flush()
    records = []
    guard let spill else { return }
    let share = max(1 << 14, space.memory / runs.count)
    var heads = MergeHeap<Record>()
    for run in runs {
      var reader = RunReader<Record>(run: run, buffered: share / MemoryLayout<Record>.stride)
      if let first = try reader.next(from: spill) { heads.push(first, reader) }
    }
    while let record = try heads.pop(from: spill) { try accept(record) }
  }

  @inlinable
  mutating func flush() throws(Fault) {
    if records.isEmpty { return }
    records.sort()
    let file: UnnamedFile
    if let spill { file = spill } else { file = try UnnamedFile(in: space.folder) }
    spill = file
    let start = runs.last?.upperBound ?? 0
    try unsafe records.span.withUnsafeBytes { raw throws(Fault) in try unsafe file.append(raw) }
    runs.append(start..<start + records.count)
    records.removeAll(keepingCapacity: true)
  }
}

/// One run on its way through a merge.
@usableFromInline struct RunReader<Record: FixedRecord> {
  @usableFromInline var run: Range<Int>
  @usableFromInline let buffered: Int
  @usableFromInline var buffer: [Record] = []
  @usableFromInline var index = 0

  @inlinable
  init(run: Range<Int>, buffered: Int) {
    self.run = run
    self.buffered = max(1, buffered)
  }

  @inlinable
  mutating func next(from file: UnnamedFile) throws(Fault) -> Record? {
    if index == buffer.count {
      if run.isEmpty { return nil }
      let count = min(buffered, run.count)
      buffer = try file.records(run.lowerBound..<run.lowerBound + count)
      run = run.lowerBound + count..<run.upperBound
      index = 0
    }
    index += 1
    return buffer[index - 1]
  }
}

/// The runs' next records, the smallest on top.
@usableFromInline struct MergeHeap<Record: FixedRecord> {
  @usableFromInline var heads: [(record: Record, run: Int)] = []
  @usableFromInline var readers: [RunReader<Record>] = []

  @inlinable
  init() {}

  @inlinable
  mutating func push(_ record: Record, _ reader: RunReader<Record>) {
    readers.append(reader)
    heads.append((record, readers.count - 1))
    var child = heads.count - 1
    while child > 0, heads[child].record < heads[(child - 1) / 2].record {
      heads.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  @inlinable
  mutating func pop(from file: UnnamedFile) throws(Fault) -> Record? {
    guard let top = heads.first else { return nil }
    if let next = try readers[top.run].next(from: file) {
      heads[0].record = next
    } else {
      heads[0] = heads[heads.count - 1]
      heads.removeLast()
    }
    var parent = 0
    while true {
      var child = 2 * parent + 1
      if child >= heads.count { break }
      if child + 1 < heads.count, heads[child + 1].record < heads[child].record { child += 1 }
      if heads[parent].record <= heads[child].record { break }
      heads.swapAt(parent, child)
      parent = child
    }
    return top.record
  }
}
