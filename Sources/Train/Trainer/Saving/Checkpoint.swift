import Ground
import Llama

extension RunFolder {
  /// Writes a checkpoint, and removes old ones once it has been read back.
  func save(
    _ replica: Replica, _ state: TrainingState, settings: TrainingSettings, shards: [ShardMark]
  ) throws(Fault) {
    let name = tensorsName(state.step)
    let (bytes, hash) = try writeVerified(tensors(of: replica), to: "\(path)/\(name)")
    let record = CheckpointRecord(state: state, tensors: name, bytes: bytes, hash: hash)
    let json = record.json(settings: settings, config: replica.model.config, shards: shards)
    try writeAtomically(json, to: recordPath(state.step))
    for step in try checkpoints().dropLast(settings.keep) where step != state.step {
      try removeCheckpoint(step)
    }
  }

  /// Puts the newest whole checkpoint into `replica`; nil where there is none.
  func load(
    into replica: Replica, settings: TrainingSettings, shards: [ShardMark],
    _ message: (String) -> Void
  ) throws(Fault) -> TrainingState? {
    guard let (record, file) = try newest(message) else { return nil }
    try CheckpointRecord.check(
      recordPath(record.state.step), settings: settings, config: replica.model.config,
      shards: shards)
    try read(tensors(of: replica), from: file)
    // Later ones are damaged; left in place they would be taken for the newest ones to keep.
    for step in try checkpoints() where step > record.state.step { try removeCheckpoint(step) }
    return record.state
  }

  /// Parameters by their Hugging Face names, and the moments with a word before.
  private func tensors(of replica: Replica) -> [TensorToStore] {
    let model = replica.model
    return named(model.tensors, of: model.parameters)
      + named(model.tensors, of: replica.firstMoments, prefix: "first_moment.")
      + named(model.tensors, of: replica.secondMoments, prefix: "second_moment.")
  }
}
