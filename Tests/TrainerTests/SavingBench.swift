import Compute
import Ground
import Llama
import Ranks
import Synchronization
import TestSupport
import Trainer

/// A folder that ranks, which are threads, save to and read from.
final class SavingBench: Sendable {
  let folder: TemporaryFolder
  var run: RunFolder { RunFolder(path: folder.path) }

  init() throws { folder = try TemporaryFolder() }

  static let identity = RunIdentity(
    settings: tinySettings(steps: 2), config: tiny,
    shards: [ShardMark(name: "00000", tokens: 7, fingerprint: "f")])

  /// Every rank makes a writer for its pieces and hands it to `body`.
  func withWriters(
    _ cut: [[TensorPiece]], keep: Int = 9, keepEvery: Int = 0, inBackground: Bool = true,
    saved: @Sendable @escaping (Int) -> Void = { _ in },
    _ body: @Sendable @escaping (CheckpointWriter, Int) throws -> Void
  ) throws {
    _ = try onRanks(cut.count) { [run] channel in
      let writer = CheckpointWriter(
        run, channel, pieces: cut[channel.rank], run: Self.identity,
        policy: CheckpointPolicy(keep: keep, keepEvery: keepEvery), inBackground: inBackground,
        saved: saved)
      try body(writer, channel.rank)
    }
  }

  func save(_ cut: [[TensorPiece]], step: Int, inBackground: Bool = true) throws {
    try withWriters(cut, inBackground: inBackground) { writer, _ in
      try writer.save(.at(step))
      try writer.finish()
    }
  }

  /// Fills the pieces of every rank; gives the step and what was said about damage.
  @discardableResult
  func load(
    _ wanted: [[TensorPiece]], notAfter last: Int = .max
  ) throws -> (step: Int?, messages: [String]) {
    let messages = Mutex<[String]>([])
    let steps = try onRanks(wanted.count) { [run] channel in
      let found = try run.newestCheckpoint(channel, notAfter: last) { message in
        messages.withLock { $0.append(message) }
      }
      try found?.reader().read(wanted[channel.rank])
      return found?.state.step
    }
    precondition(Set(steps).count == 1, "ranks found \(steps)")
    return (steps[0], messages.withLock { $0 })
  }

  func files() throws -> [String] { try names(in: folder.path) }

  func bytes(_ name: String) throws -> [UInt8] {
    let file = try MappedFile(path: "\(folder.path)/\(name)")
    return unsafe file.withBytes { unsafe Array($0) }
  }
}

/// Runs `body` on every rank of a group, as a run does; a rank that fails ends the others.
func onRanks<Result: Sendable>(
  _ ranks: Int, _ body: @Sendable @escaping (MemoryCommunicator<Float>) throws -> Result
) throws -> [Result] {
  let group = MemoryGroup<Float>(ranks: ranks)
  let next = Mutex(0)
  var results: [Result] = []
  try orderedMap(
    jobs: ranks,
    next: {
      next.withLock { next in
        defer { next += 1 }
        return next < ranks ? next : nil
      }
    },
    transform: { rank in
      let channel = group.communicator(rank: rank)
      do { return try body(channel) } catch {
        if let fault = error as? Fault { channel.abort(fault) }
        throw error
      }
    },
    accept: { results.append($0) })
  return results
}

extension TrainingState {
  static func at(_ step: Int) -> TrainingState {
    var state = TrainingState()
    state.step = step
    state.tokens = 64 * step
    return state
  }
}

/// A tensor whose every element has its own bits.
struct Numbered: Sendable {
  var name: String
  var shape: [Int]
  var first: Int

  static let some = [
    Numbered(name: "a.weight", shape: [13, 7], first: 1_000),
    Numbered(name: "b.weight", shape: [29], first: 2_000),
    Numbered(name: "first_moment.a.weight", shape: [13, 7], first: 3_000),
    Numbered(name: "c", shape: [1, 1], first: 4_000),
  ]

  var count: Int { shape.reduce(1, *) }

  /// A piece with its own memory, filled with what it should hold or with nothing.
  func piece(
    rows: Range<Int>? = nil, columns: Range<Int>? = nil, elements: Range<Int>? = nil,
    isFilled: Bool = true
  ) -> TensorPiece {
    let region = TensorRegion(shape: shape, rows: rows, columns: columns, elements: elements)
    let piece = TensorPiece(
      name: name, region: region, values: Arena<Float>(count: region.count).all)
    if isFilled { piece.values.copy(from: expected(region)) }
    return piece
  }

  /// The elements of a region, one by one.
  func expected(_ region: TensorRegion) -> [Float] {
    let width = shape.count == 2 ? shape[1] : 1
    return region.elements.map { element in
      let row = region.rows.lowerBound + element / region.columns.count
      let column = region.columns.lowerBound + element % region.columns.count
      return Float(bitPattern: 0x7f80_0000 &+ UInt32(first + row * width + column))
    }
  }
}

extension [[TensorPiece]] {
  /// The same pieces with nothing in them.
  var empty: [[TensorPiece]] {
    map {
      $0.map { piece in
        TensorPiece(
          name: piece.name, region: piece.region,
          values: Arena<Float>(count: piece.values.count).all)
      }
    }
  }

  /// True where every piece holds what its tensor has there, bit by bit.
  var areAsNumbered: Bool {
    allSatisfy {
      $0.allSatisfy { piece in
        let tensor = Numbered.some.first { $0.name == piece.name }
        return tensor.map {
          $0.expected(piece.region).map(\.bitPattern) == piece.values.array.map(\.bitPattern)
        } ?? false
      }
    }
  }
}

/// Every tensor cut into blocks and these into runs, dealt out to the ranks.
func randomCut(
  ranks: Int, isFilled: Bool, using generator: inout SeededGenerator
) -> [[TensorPiece]] {
  /// A range in pieces, some of them empty.
  func parts(_ count: Int, _ most: Int) -> [Range<Int>] {
    let cuts = (0..<Int.random(in: 0..<most, using: &generator)).map { _ in
      Int.random(in: 0...count, using: &generator)
    }
    let ends = ([0] + cuts + [count]).sorted()
    return zip(ends, ends.dropFirst()).map { $0..<$1 }
  }
  var pieces = [[TensorPiece]](repeating: [], count: ranks)
  for tensor in Numbered.some {
    for rows in parts(tensor.shape[0], 4) {
      for columns in parts(tensor.shape.count == 2 ? tensor.shape[1] : 1, 3) {
        for elements in parts(rows.count * columns.count, 3) where !elements.isEmpty {
          let piece = tensor.piece(
            rows: rows, columns: columns, elements: elements, isFilled: isFilled)
          pieces[Int.random(in: 0..<ranks, using: &generator)].append(piece)
        }
      }
    }
  }
  return pieces
}

extension Bench {
  /// The same run, from its newest checkpoint on.
  func resumed(_ name: String, _ settings: TrainingSettings) -> Training {
    var training = training(name, settings)
    training.resume = true
    return training
  }

  func stopped(_ name: String, _ settings: TrainingSettings, at step: Int) -> Training {
    var training = training(name, settings)
    training.lastStep = step
    return training
  }
}
