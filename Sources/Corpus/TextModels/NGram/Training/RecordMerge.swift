import Ground

/// Runs of sorted records, one behind the other in an unnamed file.
struct RecordRuns {
  let file: UnnamedFile
  /// 32-bit numbers that a record has.
  let width: Int
  let rule: MergeRule
  /// Where runs begin and end, in records.
  var runs: [Range<Int>] = []

  init(in folder: String, width: Int, rule: MergeRule) throws(Fault) {
    file = try UnnamedFile(in: folder)
    self.width = width
    self.rule = rule
  }

  var count: Int { file.size / (4 * width) }

  /// Ends a run with all that was written since the last.
  mutating func endRun() {
    let start = runs.last?.upperBound ?? 0
    if count > start { runs.append(start..<count) }
  }

  /// The runs merged until at most `most` are left.
  func reduced(to most: Int, memory: Int, folder: String) throws(Fault) -> RecordRuns {
    var runs = self
    while runs.runs.count > most {
      var fewer = try RecordRuns(in: folder, width: width, rule: rule)
      var first = 0
      while first < runs.runs.count {
        let last = min(first + most, runs.runs.count)
        let merge = RecordMerge(runs, first..<last, memory: memory)
        while let batch = try unsafe merge.next() {
          try unsafe fewer.file.append(UnsafeRawBufferPointer(batch))
        }
        fewer.endRun()
        first = last
      }
      runs = fewer
    }
    return runs
  }
}

/// How records are ordered, and what becomes of equal ones.
enum MergeRule {
  /// By this many numbers from the first on; the one behind them is a count, and counts of equal
  /// records are added.
  case counts(Int)
  /// By the first 64 bits; equal records stay.
  case keys
}

/// Merges sorted runs; gives records in batches.
@safe final class RecordMerge {
  @safe private struct Source {
    var next: UnsafeMutablePointer<UInt32>
    var end: UnsafeMutablePointer<UInt32>
    /// Records that are still in the file.
    var rest: Range<Int>
  }

  private let runs: RecordRuns
  private let width: Int
  private let rule: MergeRule
  private var sources: [Source]
  /// A heap of the numbers of sources that have records, the one with the least first.
  private var heap: [Int] = []
  private let rooms: Room<UInt32>
  /// Records that fit into the room of one source.
  private let size: Int
  private let output: Room<UInt32>
  private let outputSize: Int

  init(_ runs: RecordRuns, _ chosen: Range<Int>? = nil, memory: Int) {
    self.runs = runs
    width = runs.width
    rule = runs.rule
    let ranges = runs.runs[chosen ?? 0..<runs.runs.count]
    size = min(1 << 16, max(64, memory / (4 * runs.width * (ranges.count + 1))))
    outputSize = min(size, 1 << 14)
    rooms = Room(max(1, ranges.count) * size * runs.width)
    output = Room(outputSize * runs.width)
    sources = []
    for (index, range) in ranges.enumerated() {
      let start = unsafe rooms.start + index * size * width
      unsafe sources.append(Source(next: start, end: start, rest: range))
    }
  }

  /// The next records; nil after the last.
  ///
  /// They stay until the next call.
  func next() throws(Fault) -> UnsafeBufferPointer<UInt32>? {
    if sources.count == 1 {
      guard try fill(0) else { return nil }
      let batch = unsafe UnsafeBufferPointer(
        start: sources[0].next, count: sources[0].end - sources[0].next)
      unsafe sources[0].next = sources[0].end
      return unsafe batch
    }
    if heap.isEmpty { try start() }
    var made = 0
    while let first = heap.first {
      let record = unsafe sources[first].next
      if unsafe made > 0 && addsUp(output.start + (made - 1) * width, record) {
        // Counted with the record before it.
      } else {
        if made == outputSize { break }
        unsafe (output.start + made * width).update(from: record, count: width)
        made += 1
      }
      unsafe sources[first].next += width
      if unsafe sources[first].next == sources[first].end, !(try fill(first)) {
        if let last = heap.popLast(), !heap.isEmpty { heap[0] = last }
      }
      sink(0)
    }
    guard made > 0 else { return nil }
    return unsafe UnsafeBufferPointer(start: output.start, count: made * width)
  }

  private func start() throws(Fault) {
    for index in sources.indices where try fill(index) { heap.append(index) }
    for place in stride(from: heap.count / 2 - 1, through: 0, by: -1) { sink(place) }
  }

  /// Reads more of a source whose room is used up; false at its end.
  private func fill(_ index: Int) throws(Fault) -> Bool {
    let rest = sources[index].rest
    let count = min(size, rest.count)
    guard count > 0 else { return false }
    let start = unsafe rooms.start + index * size * width
    try unsafe runs.file.read(
      into: UnsafeMutableRawBufferPointer(start: start, count: 4 * width * count),
      at: 4 * width * rest.lowerBound)
    unsafe sources[index] = Source(
      next: start, end: start + count * width, rest: rest.lowerBound + count..<rest.upperBound)
    return true
  }

  private func sink(_ place: Int) {
    unsafe heap.withUnsafeMutableBufferPointer { heap in
      unsafe sources.withUnsafeBufferPointer { sources in
        var place = place
        while true {
          var least = place
          for child in 2 * place + 1..<2 * place + 3 where child < heap.count {
            if unsafe precedes(sources, heap[child], heap[least]) { least = child }
          }
          if least == place { return }
          unsafe heap.swapAt(place, least)
          place = least
        }
      }
    }
  }

  @inline(__always)
  private func precedes(_ sources: UnsafeBufferPointer<Source>, _ one: Int, _ two: Int) -> Bool {
    let left = unsafe sources[one].next
    let right = unsafe sources[two].next
    switch rule {
    case .counts(let words):
      for word in 0..<words where unsafe left[word] != right[word] {
        return unsafe left[word] < right[word]
      }
    case .keys:
      // The lower half comes first in memory.
      for half in [1, 0] where unsafe left[half] != right[half] {
        return unsafe left[half] < right[half]
      }
    }
    return one < two
  }

  /// Adds the count of `record` to that of `last` where they are equal.
  @inline(__always)
  private func addsUp(_ last: UnsafeMutablePointer<UInt32>, _ record: UnsafeMutablePointer<UInt32>)
    -> Bool
  {
    guard case .counts(let words) = rule else { return false }
    for word in 0..<words where unsafe last[word] != record[word] { return false }
    unsafe last[words] &+= record[words]
    return true
  }
}
