import Synchronization

/// Counts finished work from any thread; whoever owns the terminal samples it.
public final class Meter: Sendable {
  private let documents = Atomic<Int>(0)
  private let bytes = Atomic<Int>(0)
  private let start = ContinuousClock.now

  public init() {}

  public func add(documents: Int, bytes: Int) {
    self.documents.add(documents, ordering: .relaxed)
    self.bytes.add(bytes, ordering: .relaxed)
  }

  public var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  /// One status line, such as `1204 documents, 18 MB, 9 MB/s`; MB is 10⁶ bytes.
  public var line: String {
    let megabytes = Double(bytes.load(ordering: .relaxed)) / 1e6
    let rate = megabytes / max(seconds, 1e-3)
    let count = documents.load(ordering: .relaxed)
    return "\(count) documents, \(Int(megabytes)) MB, \(Int(rate)) MB/s"
  }
}
