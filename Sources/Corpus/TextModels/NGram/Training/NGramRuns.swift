import Ground

/// The sorted n-grams of the blocks of a text, last word first, with how often each came.
@safe final class NGramRuns {
  private var runs: RecordRuns
  private let room: Room<UInt32>
  private static let size = 1 << 13

  init(order: Int, folder: String) throws(Fault) {
    runs = try RecordRuns(in: folder, width: order + 1, rule: .counts(order))
    room = Room(Self.size * (order + 1))
  }

  var count: Int { runs.runs.count }
  /// n-grams in all runs; what is in several counts several times.
  var total: Int { runs.count }

  /// Has a run written: `body` fills the room, which has so many records, and calls `write`.
  func append(_ body: (UnsafeMutablePointer<UInt32>, Int) throws(Fault) -> Void) throws(Fault) {
    try unsafe body(room.start, Self.size)
    runs.endRun()
  }

  /// Writes the first `count` records of the room.
  func write(_ count: Int) throws(Fault) {
    try unsafe runs.file.append(
      UnsafeRawBufferPointer(start: room.start, count: 4 * runs.width * count))
  }

  /// All n-grams, each once.
  func merged(_ settings: KneserNeySettings, memory: Int) throws(Fault) -> RecordMerge {
    let most = max(2, min(settings.mostRuns, memory / (1 << 16)))
    let runs = try self.runs.reduced(to: most, memory: memory, folder: settings.temporaryFolder)
    return RecordMerge(runs, memory: memory)
  }
}
