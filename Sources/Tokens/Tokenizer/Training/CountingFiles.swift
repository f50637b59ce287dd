internal import Ground
internal import Synchronization

extension BPETrainer {
  /// Counts the lines of text files, compressed or not, on `jobs` threads.
  ///
  /// The counts are the same for any number of threads.
  ///
  /// - Throws: `Fault` where a file cannot be read.
  public func countWords(in paths: [String], jobs: Int) throws -> WordCounts {
    let batches = Batches(paths)
    let idle = Mutex<[WordCounts]>([])
    try orderedMap(
      jobs: jobs, next: { try batches.next() },
      transform: { batch in
        var counts = idle.withLock { $0.popLast() } ?? self.counts()
        counts.add(batch)
        idle.withLock { $0.append(counts) }
      }, accept: { _ in })
    return idle.withLock { all in
      var total = all.popLast() ?? counts()
      for counts in all { total.merge(counts) }
      return total
    }
  }
}

/// The files cut after lines into batches of about a mebibyte.
///
/// `orderedMap` never asks from two threads at once, hence `@unchecked`.
private final class Batches: @unchecked Sendable {
  private var paths: ArraySlice<String>
  private var reader: BufferedReader?

  init(_ paths: [String]) { self.paths = paths[...] }

  func next() throws(Fault) -> [UInt8]? {
    while true {
      if let reader, let batch = try next(of: reader) { return batch }
      guard let path = paths.popFirst() else { return nil }
      reader = try openDecoded(path)
    }
  }

  private func next(of reader: BufferedReader) throws(Fault) -> [UInt8]? {
    var batch: [UInt8] = []
    try reader.read(1 << 20, into: &batch)
    guard let last = batch.last else { return nil }
    if last == 0x0a { return batch }
    var rest: [UInt8] = []
    if try reader.readLine(into: &rest) != nil { batch.append(contentsOf: rest) }
    return batch
  }
}
