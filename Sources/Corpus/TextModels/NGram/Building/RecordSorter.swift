internal import CTextModels
import Glibc
import Ground

/// Sorts records of whole numbers in bounded memory: runs go to a file that has no name.
///
/// A record is `width` numbers, ordered by the first `key` of them.
@safe final class RecordSorter {
  let width: Int
  let key: Int
  private(set) var count = 0
  private let path: String
  private let buffer: UnsafeMutablePointer<UInt32>
  /// In records.
  private let capacity: Int
  private var filled = 0
  private var spilled: UnnamedFile?
  /// Records of the file, run by run.
  private var runs: [Range<Int>] = []

  /// There will be at most `count` records; `memory` bytes may be used for them, and what is beyond is
  /// kept beside `path`, the file that is being built.
  init(width: Int, key: Int, count: Int, memory: Int, beside path: String) {
    self.width = width
    self.key = key
    self.path = path
    capacity = max(1, min(count, memory / (4 * width)))
    unsafe buffer = .allocate(capacity: capacity * width)
  }

  deinit { unsafe buffer.deallocate() }

  /// Where the next record is to be written.
  func next() throws(Fault) -> UnsafeMutablePointer<UInt32> {
    if filled == capacity { try spill() }
    filled += 1
    count += 1
    return unsafe buffer + (filled - 1) * width
  }

  /// Adds a record unless it is the same as the last one.
  func addNew(_ words: UnsafePointer<UInt32>) throws(Fault) {
    if filled > 0, unsafe memcmp(buffer + (filled - 1) * width, words, 4 * width) == 0 { return }
    unsafe try next().update(from: words, count: width)
  }

  /// Sorts what is left; to be called once, after the last record.
  func finish() throws(Fault) {
    if runs.isEmpty {
      unsafe quipu_ngram_sort(buffer, filled, CInt(width), CInt(key))
    } else if filled > 0 {
      try spill()
    }
  }

  /// Reads all records in order.
  func reader() throws(Fault) -> RecordReader {
    runs.isEmpty
      ? unsafe RecordReader(self, memory: buffer, count: filled)
      : try RecordReader(self, spilled, runs)
  }

  private func spill() throws(Fault) {
    unsafe quipu_ngram_sort(buffer, filled, CInt(width), CInt(key))
    let file: UnnamedFile
    if let spilled { file = spilled } else { file = try UnnamedFile(in: folder(of: path)) }
    spilled = file
    let start = runs.last?.upperBound ?? 0
    try unsafe file.append(UnsafeRawBufferPointer(start: buffer, count: 4 * width * filled))
    runs.append(start..<start + filled)
    filled = 0
  }
}

/// Records in order, from memory or merged from runs.
@safe final class RecordReader {
  private let sorter: RecordSorter
  private let width: Int
  private let key: Int
  /// The current record; nil behind the last one.
  private(set) var record: UnsafePointer<UInt32>?

  private var rest = 0
  private var heads: [Run] = []
  /// Places of `heads`, as a heap: the least record first.
  private var heap: [Int] = []

  /// A run that is being read.
  private final class Run {
    var buffer: [UInt32] = []
    var place = 0
    var left: Range<Int>

    init(_ left: Range<Int>) { self.left = left }
  }

  private let spilled: UnnamedFile?
  private static let block = 1 << 14

  fileprivate init(_ sorter: RecordSorter, memory: UnsafePointer<UInt32>, count: Int) {
    self.sorter = sorter
    (width, key, spilled) = (sorter.width, sorter.key, nil)
    rest = count
    unsafe record = count > 0 ? memory : nil
  }

  fileprivate init(
    _ sorter: RecordSorter, _ spilled: UnnamedFile?, _ runs: [Range<Int>]
  ) throws(Fault) {
    self.sorter = sorter
    (width, key, self.spilled) = (sorter.width, sorter.key, spilled)
    for run in runs {
      let head = Run(run)
      try fill(head)
      heads.append(head)
      heap.append(heap.count)
      rise(heap.count - 1)
    }
    point()
  }

  /// Goes to the next record.
  func advance() throws(Fault) {
    guard !heads.isEmpty else {
      rest -= 1
      unsafe record = rest > 0 ? record.map { unsafe $0 + width } : nil
      return
    }
    let head = heads[heap[0]]
    head.place += width
    if head.place == head.buffer.count { try fill(head) }
    if head.buffer.isEmpty {
      heap[0] = heap[heap.count - 1]
      heap.removeLast()
    }
    if heap.count > 1 { sink() }
    point()
  }

  private func point() {
    guard let least = heap.first else {
      unsafe record = nil
      return
    }
    let head = heads[least]
    // A run's buffer stays where it is until the run is filled again.
    unsafe head.buffer.withUnsafeBufferPointer {
      unsafe record = $0.baseAddress.map { unsafe $0 + head.place }
    }
  }

  private func fill(_ head: Run) throws(Fault) {
    let count = min(Self.block, head.left.count)
    head.place = 0
    head.buffer = [UInt32](repeating: 0, count: count * width)
    let start = 4 * width * head.left.lowerBound
    let failure = unsafe head.buffer.withUnsafeMutableBytes { room -> Fault? in
      do throws(Fault) { try unsafe spilled?.read(into: room, at: start) } catch { return error }
      return nil
    }
    if let failure { throw failure }
    head.left = head.left.lowerBound + count..<head.left.upperBound
  }

  private func isLess(_ a: Int, _ b: Int) -> Bool {
    let (first, second) = (heads[a], heads[b])
    for number in 0..<key {
      let (x, y) = (first.buffer[first.place + number], second.buffer[second.place + number])
      if x != y { return x < y }
    }
    return a < b
  }

  private func rise(_ place: Int) {
    var place = place
    while place > 0, isLess(heap[place], heap[(place - 1) / 2]) {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private func sink() {
    var place = 0
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
        if isLess(heap[child], heap[least]) { least = child }
      }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}
