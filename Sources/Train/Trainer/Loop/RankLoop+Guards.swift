import Ground
import Llama
import Ranks
import Shards

// All decisions here rest on sums of all ranks and on the state, which every rank has the same: so
// all decide alike, and a resumed run as one that was never stopped.

extension RankLoop {
  /// How many of a bad batch's samples are named.
  private static var namedSamples: Int { 3 }

  /// Nil where a batch may be learned from.
  func judge(
    _ samples: Range<Int>, loss: Double, gradientNorm: Double
  ) throws(Fault) -> BadBatch? {
    var bad = BadBatch(
      reason: .notFinite, step: state.step + 1, samples: samples, loss: loss,
      gradientNorm: gradientNorm, worst: [])
    if loss.isFinite && gradientNorm.isFinite {
      let score = state.guards.losses.score(of: loss, length: settings.spikeWindow)
      guard settings.spikes != .none, let score, score > settings.spikeScore else { return nil }
      bad.reason = .spike
      bad.recent = state.guards.losses.mean
      bad.score = score
    }
    bad.worst = try worst(of: samples)
    return bad
  }

  /// The samples with the highest losses, broken ones first, and whose documents they are.
  ///
  /// - Complexity: Another forward pass of the batch, a sample at a time.
  private func worst(of samples: Range<Int>) throws(Fault) -> [BadBatch.Sample] {
    var losses = [Double](repeating: 0, count: samples.count)
    let share = samples.count / replica.data.ranks
    for place in replica.data.rank * share..<(replica.data.rank + 1) * share {
      let batch = try training.data.train.samples(
        [order[samples.lowerBound + place]], context: settings.context,
        vocabulary: training.config.vocabularySize)
      let count = batch.targets.count { $0 >= 0 }
      let loss = try replica.losses(of: batch).reduce(0, +)
      losses[place] = replica.counts && count > 0 ? loss / Double(count) : 0
    }
    losses = try channel.sum(losses)
    let ranked = losses.indices.sorted { left, right in
      let key = (losses[left], losses[right])
      if key.0.isFinite != key.1.isFinite { return !key.0.isFinite }
      return key.0 == key.1 || !key.0.isFinite ? left < right : key.0 > key.1
    }
    return ranked.prefix(Self.namedSamples).map { place in
      let sample = samples.lowerBound + place
      return BadBatch.Sample(
        sample: sample, loss: losses[place],
        origins: training.data.train.origins(of: order[sample], context: settings.context))
    }
  }

  /// Goes back to the newest regular checkpoint, and on with the data after the batch.
  ///
  /// No checkpoint is written: until the next, a run that is killed finds the same batch again and
  /// decides the same. A batch that is not finite is first skipped, and rewound when the patience for
  /// that ends.
  ///
  /// - Returns: False where the settings want a skip, or the rewinds or checkpoints are used up.
  func goBack(from bad: BadBatch, _ checkpoints: CheckpointWriter) throws(Fault) -> Bool {
    guard settings.spikes == .rewind, state.guards.rewinds < settings.rewinds,
      bad.reason == .spike || state.skips + 1 >= settings.patience
    else { return false }
    try checkpoints.finish()
    var found: WholeCheckpoint?
    if state.guards.anchor > 0 {
      found = try training.folder.newestCheckpoint(channel, notAfter: state.guards.anchor) {
        report(.message($0))
      }
      guard found != nil else {
        if isFirst { report(.message("there is no whole checkpoint to go back to")) }
        return false
      }
    }
    let (rewinds, next) = (state.guards.rewinds + 1, bad.samples.upperBound)
    if isFirst {
      try training.folder.removeCheckpoints(after: found?.state.step ?? 0)
      try journal?.cut(after: found?.state.step ?? 0)
    }
    try set(from: found)
    state.guards.rewinds = rewinds
    state.sample = next
    if isFirst {
      try journal?.noteRewind(to: state.step, from: bad, rewinds: rewinds)
      report(.message(bad.sentence("takes the run back to step \(state.step)")))
    }
    return true
  }

  /// Sets what the guards remember, from the lines that rank 0 has up to the state's step.
  func recall() throws(Fault) {
    let length = settings.spikeWindow
    var memory = [Double](repeating: 0, count: GuardMemory().numbers(length).count)
    if isFirst {
      var steps = 0
      let path = training.folder.metricsPath
      memory = try GuardMemory(metrics: path, settings, steps: &steps).numbers(length)
      if settings.spikes != .none && steps != state.step {
        report(
          .message(
            "metrics.jsonl has \(steps) of the \(state.step) steps so far: guards know no others"))
      }
    }
    state.guards = GuardMemory(numbers: try channel.sum(memory))  // the others add zeros
  }

  /// How many checkpoints stay, so that the one which a rewind goes back to is among them.
  ///
  /// Each stop adds one that is not regular; there may be one more before the next that is.
  func checkpointsToKeep() throws(Fault) -> Int {
    guard settings.spikes == .rewind, isFirst else { return settings.keep }
    let anchor = state.guards.anchor
    let stops = try training.folder.checkpoints().filter { $0 > anchor }.count
    return max(settings.keep, stops + 2)
  }

  func tooManySkips(_ bad: BadBatch) -> Fault {
    Fault(
      training.folder.path, at: 0,
      .unusable(
        "\(state.skips) steps in a row could not be learned from; resume from the newest checkpoint "
          + "with a lower learning rate or longer warm-up; the last: " + bad.sentence("was skipped")
      ))
  }
}

extension RunFolder {
  /// Removes the checkpoints of steps that a run went back from.
  fileprivate func removeCheckpoints(after step: Int) throws(Fault) {
    for later in try checkpoints() where later > step { try removeCheckpoint(later) }
  }
}
