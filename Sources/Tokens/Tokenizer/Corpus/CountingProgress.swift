import Synchronization

/// How far training has come; written by the one who works, read by the one who prints.
public final class CountingProgress: Sendable {
  private struct State {
    var step = "reading"
    /// Stored bytes of the files before each one, and of all.
    var starts: [UInt64] = []
    var size: UInt64 = 0
    /// Of all files, as far as they have been read.
    var stored: UInt64 = 0
    var decoded = 0
    /// Made, and wanted; nil before training.
    var merges: (Int, Int)?
  }

  private let start = ContinuousClock.now
  private let state = Mutex(State())

  public init() {}

  func begin(_ step: String, _ corpus: TrainingCorpus) {
    state.withLock {
      $0.step = step
      $0.starts = []
      $0.size = 0
      $0.stored = 0
      for input in corpus.inputs {
        $0.starts.append($0.size)
        $0.size += input.size
      }
    }
  }

  func add(_ batch: CorpusBatch) {
    state.withLock {
      $0.decoded += batch.bytes.count
      $0.stored = max($0.stored, $0.starts[batch.input] + batch.stored)
    }
  }

  /// Tells that the text has been counted, and how many merges of the vocabulary are made.
  public func train(_ merges: Int, of wanted: Int) {
    state.withLock {
      $0.step = "merging"
      $0.merges = (merges, wanted)
    }
  }

  public var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// One status line, such as `counting: 41 %, 1204 MB, 180 MB/s`; MB is 10⁶ decoded bytes.
  public var line: String {
    let state = self.state.withLock { $0 }
    if let (made, wanted) = state.merges { return "\(state.step): \(made) of \(wanted)" }
    guard state.size > 0 else { return "\(state.step), \(Int(seconds)) s" }
    let share = 100 * Double(state.stored) / Double(state.size)
    let megabytes = Double(state.decoded) / 1e6
    let rate = megabytes / max(seconds, 1e-3)
    return "\(state.step): \(Int(min(share, 100))) %, \(Int(megabytes)) MB, \(Int(rate)) MB/s"
  }
}
