/// How a corpus is counted.
public struct CountingOptions: Sendable {
  /// How many sentences to draw; 0 for all.
  public var sampleSize = 0
  /// What the sample depends on, beside the sentences.
  public var seed: UInt64 = 0
  /// Threads; no influence on what is counted.
  public var jobs = 1
  /// Bytes that counting and training may take.
  public var memory = Int.max
  /// The folder in which the state is kept for when the process is killed; nil for none.
  public var stateFolder: String?
  /// How many decoded bytes are read between two saves.
  public var saveInterval = 1_000_000_000

  public init() {}
}
