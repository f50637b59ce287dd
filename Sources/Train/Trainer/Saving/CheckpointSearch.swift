public import Ground
public import Ranks

/// A checkpoint whose files are all there and as they were saved.
public struct WholeCheckpoint: Sendable {
  let folder: RunFolder
  let record: CheckpointRecord

  public var state: TrainingState { record.state }

  /// Opens the parts for reading.
  public func reader() throws(Fault) -> CheckpointReader {
    try CheckpointReader(parts: record.parts.map { "\(folder.path)/\($0.name)" })
  }

  /// Throws where the run of the checkpoint differs in a setting, the model or the data.
  public func check(_ run: RunIdentity) throws(Fault) {
    try CheckpointRecord.check(folder.recordPath(state.step), run)
  }

  /// Removes the later checkpoints, which are damaged or rewound: left in place, they would be
  /// taken for the newest ones to keep.
  public func removeLater() throws(Fault) {
    for step in try folder.checkpoints() where step > state.step {
      try folder.removeCheckpoint(step)
    }
  }
}

extension RunFolder {
  /// The newest checkpoint that is whole; called by all ranks, which share the work of checking.
  ///
  /// - Parameters:
  ///   - channel: Ranks that all see the folder; rank 0 says which checkpoints there are.
  ///   - last: The latest step that will do.
  ///   - message: Is told, on rank 0, about damaged checkpoints that are passed over.
  /// - Returns: The same on all ranks; nil where none is whole.
  /// - Throws: `Fault` where the folder cannot be read.
  public func newestCheckpoint(
    _ channel: any Communicator, notAfter last: Int = .max, _ message: (String) -> Void
  ) throws(Fault) -> WholeCheckpoint? {
    var last = last
    while true {
      var step = -1
      if channel.rank == 0 { step = try checkpoints().last { $0 <= last } ?? -1 }
      step = Int(try channel.sum([channel.rank == 0 ? Double(step) : 0])[0])
      guard step >= 0 else { return nil }
      let found = examine(step, rank: channel.rank, of: channel.ranks)
      var places = [Double](repeating: 0, count: channel.ranks)
      if case .damaged(let place, _) = found { places[channel.rank] = Double(place + 2) }
      places = try channel.sum(places)
      if case .whole(let record) = found, places.allSatisfy({ $0 == 0 }) {
        return WholeCheckpoint(folder: self, record: record)
      }
      if channel.rank == 0 {
        let damage = damage(of: step, found, places.map { Int($0) - 2 })
        message("passed over the damaged checkpoint of step \(step): \(damage)")
      }
      last = step - 1
    }
  }

  private enum Examined {
    case whole(CheckpointRecord)
    /// In the part of that number; -1 for the record.
    case damaged(part: Int, Fault)
  }

  /// Reads a record and checks this rank's share of the parts.
  private func examine(_ step: Int, rank: Int, of ranks: Int) -> Examined {
    var part = -1
    do throws(Fault) {
      let record = try CheckpointRecord(path: recordPath(step))
      guard record.state.step == step else {
        throw Fault(
          recordPath(step), at: 0, .malformed("the record is of step \(record.state.step)"))
      }
      for number in stride(from: rank, to: record.parts.count, by: ranks) {
        part = number
        try record.parts[number].check(in: path)
      }
      return .whole(record)
    } catch {
      return .damaged(part: part, error)
    }
  }

  /// What rank 0 says of the damage: its own finding, or what another rank found, looked at again,
  /// as a rank can only send the number of the part.
  private func damage(of step: Int, _ own: Examined, _ parts: [Int]) -> String {
    switch own {
    case .damaged(_, let fault): return "\(fault)"
    case .whole(let record):
      guard let rank = parts.firstIndex(where: { $0 >= -1 }) else { return "unknown" }
      guard record.parts.indices.contains(parts[rank]) else {
        return "rank \(rank) cannot read \(recordPath(step))"
      }
      let part = record.parts[parts[rank]]
      do throws(Fault) { try part.check(in: path) } catch { return "\(error)" }
      return "rank \(rank) cannot read \(path)/\(part.name)"
    }
  }
}
