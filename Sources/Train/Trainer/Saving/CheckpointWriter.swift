public import Compute
public import Ground
public import Ranks
import Synchronization

/// Which checkpoints stay when newer ones are whole.
public struct CheckpointPolicy: Hashable, Sendable {
  /// The newest ones.
  public var keep: Int
  /// Those of steps that this divides stay for ever; 0 for none.
  public var keepEvery: Int

  public init(keep: Int, keepEvery: Int = 0) {
    precondition(keep > 0 && keepEvery >= 0, "\(keep) to keep, and every \(keepEvery)th")
    self.keep = keep
    self.keepEvery = keepEvery
  }

  /// The steps that go, of those that have a checkpoint.
  public func dropped(of steps: [Int]) -> [Int] {
    steps.sorted().dropLast(keep).filter { keepEvery == 0 || $0 % keepEvery != 0 }
  }
}

/// Saves a run, a file a rank; every rank makes the same calls in the same order.
///
/// `save` copies the pieces and returns, or leaves the copying from a device to a thread; a thread of
/// each rank writes them, syncs them and reads them back while training goes on. The record that makes the checkpoint count is written by rank 0 at the
/// first `advance`, `save` or `finish` after all ranks are done. Where a rank fails, that call throws
/// on every rank, no record is written, and the older checkpoints stay.
public final class CheckpointWriter {
  private let folder: RunFolder
  private let channel: any Communicator
  private let pieces: [TensorPiece]
  private let run: RunIdentity
  private let policy: CheckpointPolicy
  private let workers: WorkerPool
  private let saved: (Int) -> Void
  /// Copies of the pieces; nil where saving is not in the background.
  private let staged: [TensorPiece]?
  private let fetch: (@Sendable () -> Void)?
  private var pending: PendingSave?

  /// Allocates all that saving needs.
  ///
  /// - Parameters:
  ///   - folder: Seen by all ranks.
  ///   - channel: This rank's end.
  ///   - pieces: What this rank answers for: all ranks together have each element once.
  ///   - run: Goes into the record; only rank 0's is used.
  ///   - policy: Which older checkpoints stay.
  ///   - workers: Copy the pieces.
  ///   - fetch: Fills the pieces from a device, on the thread that writes them; nil where they are
  ///     what is trained.
  ///   - inBackground: Without it, nothing is copied and `save` returns when all is done.
  ///   - saved: Is told on rank 0 the step of each checkpoint that has its record.
  public init(
    _ folder: RunFolder, _ channel: any Communicator, pieces: [TensorPiece], run: RunIdentity,
    policy: CheckpointPolicy, workers: WorkerPool = WorkerPool(threads: 1),
    fetch: (@Sendable () -> Void)? = nil, inBackground: Bool = true,
    saved: @escaping (Int) -> Void = { _ in }
  ) {
    self.folder = folder
    self.channel = channel
    self.pieces = pieces.filter { $0.values.count > 0 }
    self.run = run
    self.policy = policy
    self.workers = workers
    self.saved = saved
    self.fetch = fetch
    staged =
      !inBackground ? nil : fetch == nil ? Self.staging(for: self.pieces) : self.pieces
  }

  deinit { pending?.thread?.join() }

  /// The bytes that saving these pieces in the background needs beside them.
  public static func stagingBytes(for pieces: [TensorPiece]) -> Int {
    pieces.reduce(0) { $0 + $1.values.count } * MemoryLayout<Float>.size
  }

  private static func staging(for pieces: [TensorPiece]) -> [TensorPiece] {
    let arena = Arena<Float>(count: pieces.reduce(0) { $0 + $1.values.count })
    var offset = 0
    return pieces.map { piece in
      defer { offset += piece.values.count }
      return TensorPiece(
        name: piece.name, region: piece.region, values: arena.view(offset, piece.values.count))
    }
  }

  /// Begins a checkpoint; waits for the one before.
  ///
  /// - Throws: `Fault` where this one or the one before cannot be written, on every rank.
  public func save(_ state: TrainingState) throws(Fault) {
    try complete()
    // One that is written again counts no more until it is whole again.
    if channel.rank == 0 {
      try shared { () throws(Fault) in try folder.removeCheckpoint(state.step) }
    }
    var holders = [Double](repeating: 0, count: channel.ranks)
    holders[channel.rank] = pieces.isEmpty ? 0 : 1
    holders = try channel.sum(holders)
    let parts = Int(holders.reduce(0, +))
    let number = Int(holders[..<channel.rank].reduce(0, +))
    let path = folder.partPath(state.step, number, of: parts)
    var save = PendingSave(state: state, number: pieces.isEmpty ? nil : number, parts: parts)
    let outcome = save.outcome
    if pieces.isEmpty {
      outcome.set(.success(nil))
    } else if let staged {
      let (fetch, copying) = (fetch, save.copying)
      if fetch == nil { copyPieces(to: staged) } else { copying.begin() }
      save.thread = Thread {
        fetch?()
        copying.end()
        outcome.set(write(staged, to: path))
      }
    } else {
      fetch?()
      outcome.set(write(pieces, to: path))
    }
    pending = save
    if staged == nil { try complete() }
  }

  /// Waits until what was saved may change again.
  public func finishCopying() { pending?.copying.wait() }

  private func copyPieces(to staged: [TensorPiece]) {
    let block = 1 << 20
    let blocks = pieces.indices.flatMap { number in
      stride(from: 0, to: pieces[number].values.count, by: block).map { (number, $0) }
    }
    workers.run(blocks.count) { [pieces] task, _ in
      let (number, first) = blocks[task]
      let values = pieces[number].values
      let part = first..<min(first + block, values.count)
      staged[number].values.part(part).copy(from: values.part(part))
    }
  }

  /// Makes a checkpoint count once all ranks have written it.
  ///
  /// To be called now and then, as after each step. Does not wait for the disk.
  ///
  /// - Throws: `Fault` where a rank could not write, on every rank.
  public func advance() throws(Fault) {
    guard let pending else { return }
    let isBusy = pending.outcome.value == nil
    if try channel.sum([isBusy ? 1 : 0])[0] == 0 { try complete() }
  }

  /// Waits until all that was begun is saved.
  public func finish() throws(Fault) { try complete() }

  private func complete() throws(Fault) {
    guard let save = pending else { return }
    pending = nil
    save.thread?.join()
    let mark = try shared { () throws(Fault) in try save.outcome.value?.get() ?? nil }
    let width = PartMark.numberCount
    var numbers = [Double](repeating: 0, count: save.parts * width)
    if let mark, let number = save.number {
      numbers.replaceSubrange(number * width..<(number + 1) * width, with: mark.numbers)
    }
    numbers = try channel.sum(numbers)
    if channel.rank == 0 {
      let step = save.state.step
      let parts = (0..<save.parts).map { number in
        PartMark(
          name: fileName(of: folder.partPath(step, number, of: save.parts)),
          numbers: numbers[number * width..<(number + 1) * width])
      }
      try shared { () throws(Fault) in
        try record(CheckpointRecord(state: save.state, parts: parts))
      }
      saved(step)
    }
    try channel.barrier()  // a failure on rank 0 ends the others here
  }

  /// Makes a checkpoint whose parts are written count, then removes those that policy drops.
  private func record(_ record: CheckpointRecord) throws(Fault) {
    let checkpoint = WholeCheckpoint(folder: folder, record: record)
    try checkpoint.reader().checkCoverage()
    try writeAtomically(record.json(run), to: folder.recordPath(record.state.step))
    for step in policy.dropped(of: try folder.checkpoints()) where step != record.state.step {
      try folder.removeCheckpoint(step)
    }
  }

  /// Does what may fail on this rank alone; a failure reaches the others.
  private func shared<Result>(_ body: () throws(Fault) -> Result) throws(Fault) -> Result {
    do throws(Fault) { return try body() } catch {
      channel.abort(error)
      throw error
    }
  }
}

/// A checkpoint that has no record yet.
private struct PendingSave {
  let state: TrainingState
  /// Of this rank's part; nil where it has none.
  let number: Int?
  let parts: Int
  let outcome = Outcome()
  let copying = Copying()
  var thread: Thread?
}

/// Whether a device's memory is still being copied.
private final class Copying: @unchecked Sendable {
  private let changed = Condition()
  private var isGoingOn = false

  func begin() { changed.signal { isGoingOn = true } }
  func end() { changed.signal { isGoingOn = false } }
  func wait() { changed.wait { isGoingOn ? nil : () } }
}

/// What became of this rank's part; nil while it is being written.
private final class Outcome: Sendable {
  private let state = Mutex<Result<PartMark?, Fault>?>(nil)

  var value: Result<PartMark?, Fault>? { state.withLock { $0 } }

  func set(_ value: Result<PartMark?, Fault>) { state.withLock { $0 = value } }
}

private func write(_ pieces: [TensorPiece], to path: String) -> Result<PartMark?, Fault> {
  do throws(Fault) { return .success(try writePart(pieces, to: path)) } catch {
    return .failure(error)
  }
}
