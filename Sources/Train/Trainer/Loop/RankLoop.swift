import Compute
import Ground
import Llama
import Ranks
import Shards

/// One rank's part of a run.
final class RankLoop {
  private let training: Training
  private let settings: TrainingSettings
  private let channel: any Communicator<View<Float>>
  private let report: @Sendable (TrainingEvent) -> Void
  private let replica: Replica
  private let order: SequenceOrder
  private let shards: [ShardMark]
  private var lock: FolderLock?
  private var metrics: MetricsFile?
  private var state = TrainingState()
  private let clock = ContinuousClock()

  private var isFirst: Bool { channel.rank == 0 }

  init(
    _ training: Training, _ channel: any Communicator<View<Float>>, workers: WorkerPool,
    report: @Sendable @escaping (TrainingEvent) -> Void
  ) throws(Fault) {
    self.training = training
    self.channel = channel
    self.report = report
    let settings = training.settings
    self.settings = settings
    try settings.check(ranks: channel.ranks)
    try training.config.validate()
    guard settings.context <= training.config.context else {
      throw Fault(
        "training settings", at: 0,
        .unusable(
          "sequences of \(settings.context) tokens do not fit the model's context of "
            + "\(training.config.context)"))
    }
    let data = training.data
    try data.check(
      vocabulary: training.config.vocabularySize, context: settings.context,
      evaluates: settings.evaluateEvery > 0)
    order = SequenceOrder(
      count: data.train.sampleCount(context: settings.context), seed: settings.seed)
    let part = settings.batch / channel.ranks / settings.accumulation
    replica = Replica(
      config: training.config, maximumTokens: part * settings.context, workers: workers)
    shards = channel.rank == 0 ? data.train.marks : []
    try begin()
  }

  /// Sets parameters, moments and state from a checkpoint or the seed, the same on all ranks.
  private func begin() throws(Fault) {
    if isFirst {
      lock = try training.folder.prepare(
        training.config, tokenizer: training.tokenizer, resumes: training.resume)
    }
    let found = training.resume ? try newestCheckpoint() : nil
    if isFirst {
      metrics = try MetricsFile.open(training.folder.metricsPath, after: found?.state.step ?? 0)
    }
    if let found {
      state = found.state
      try replica.restore(from: try found.reader())
    } else if let initial = training.initial {
      if isFirst { try initial(replica.model) }
      try channel.broadcast(replica.model.parameters, from: 0)
    } else {
      replica.model.initialize(seed: settings.seed, deviation: settings.initialDeviation)
    }
  }

  /// The checkpoint to go on from, the same on all ranks; nil where there is none.
  private func newestCheckpoint() throws(Fault) -> WholeCheckpoint? {
    let found = try training.folder.newestCheckpoint(channel) { report(.message($0)) }
    guard isFirst else { return found }
    if let found {
      try found.check(identity)
      try found.removeLater()
    } else {
      report(.message("there is no checkpoint to resume from; starting anew"))
    }
    return found
  }

  private var identity: RunIdentity {
    RunIdentity(settings: settings, config: training.config, shards: shards)
  }

  /// Takes step after step until the run ends or is stopped.
  func run(stop: StopFlag) throws(Fault) -> TrainingEnd {
    let report = report
    let checkpoints = CheckpointWriter(
      training.folder, channel, pieces: isFirst ? replica.pieces : [], run: identity,
      policy: CheckpointPolicy(keep: settings.keep, keepEvery: settings.keepEvery),
      inBackground: settings.savesInBackground
    ) { report(.saved(step: $0)) }
    let last = min(settings.steps, training.lastStep ?? settings.steps)
    var saved = state.step
    var isStopped = false
    while state.step < last && !isStopped {
      isStopped = try takeStep(stop: stop)
      try checkpoints.advance()
      let isDue = state.step % settings.checkpointEvery == 0
      if isDue || isStopped || state.step >= last {
        try checkpoints.save(state)
        saved = state.step
      }
    }
    try checkpoints.finish()
    precondition(saved == state.step, "step \(state.step) ended without a checkpoint")
    return state.step >= settings.steps ? .finished : .stopped
  }

  /// Takes one step; true where the run shall stop after it.
  private func takeStep(stop: StopFlag) throws(Fault) -> Bool {
    let start = clock.now
    let step = state.step + 1
    let rate = settings.schedule.rate(step: step)
    let samples = state.sample..<state.sample + settings.batch
    let size = training.data.train.size(of: samples.map { order[$0] }, context: settings.context)
    let loss = try gradients(of: samples, scale: 1 / Double(size.targets))
    try channel.allReduce(replica.model.gradients)
    let sums = try channel.sum([loss.sum, isFirst && stop.isRaised ? 1 : 0])
    let mean = sums[0] / Double(size.targets)
    let norm = replica.gradientNorm()
    let isFinite = mean.isFinite && norm.isFinite
    if isFinite {
      state.updates += 1
      state.skips = 0
      replica.update(settings, rate: rate, update: state.updates, norm: norm)
    } else {
      state.skips += 1
    }
    state.step = step
    state.sample = samples.upperBound
    state.tokens += size.inputs
    let seconds = (clock.now - start) / .seconds(1)
    let validation = try validationLoss(step: step)
    if isFirst {
      let speed = Double(size.inputs) / max(seconds, 1e-9)
      let operations = training.config.operationsPerToken(length: settings.context)
      try note(
        StepReport(
          step: step, steps: settings.steps, tokens: state.tokens, loss: mean, learningRate: rate,
          gradientNorm: norm, isSkipped: !isFinite, samples: samples, validationLoss: validation,
          tokensPerSecond: speed, utilisation: training.peak.map { operations * speed / $0 }))
    }
    if state.skips >= settings.patience { throw brokenGradient(samples) }
    return sums[1] > 0
  }

  /// Adds the gradients of this rank's share of the samples; gives the sum of its losses.
  private func gradients(of samples: Range<Int>, scale: Double) throws(Fault) -> Loss {
    let share = samples.count / channel.ranks
    let part = share / settings.accumulation
    var loss = Loss()
    replica.model.zeroGradients()
    for number in 0..<settings.accumulation {
      let first = samples.lowerBound + channel.rank * share + number * part
      let batch = try training.data.train.samples(
        (first..<first + part).map { order[$0] }, context: settings.context,
        vocabulary: training.config.vocabularySize)
      loss =
        loss
        + (try replica.model.forwardBackward(
          tokens: batch.inputs, targets: batch.targets, batch: part, length: batch.length,
          lossScale: scale))
    }
    return loss
  }

  /// The mean loss over the first validation sequences, shared by the ranks; nil where none is due.
  private func validationLoss(step: Int) throws(Fault) -> Double? {
    guard settings.evaluateEvery > 0, let source = training.data.validation,
      step % settings.evaluateEvery == 0 || step == settings.steps
    else { return nil }
    let count = min(
      settings.evaluationSequences, source.sampleCount(context: settings.context))
    var sums = [0.0, 0]
    for number in stride(from: channel.rank, to: count, by: channel.ranks) {
      let batch = try source.samples(
        [number], context: settings.context, vocabulary: training.config.vocabularySize)
      let loss = try replica.model.loss(
        tokens: batch.inputs, targets: batch.targets, batch: 1, length: batch.length)
      sums[0] += loss.sum
      sums[1] += Double(loss.count)
    }
    sums = try channel.sum(sums)
    return sums[0] / sums[1]
  }

  private func note(_ step: StepReport) throws(Fault) {
    try metrics?.append(step.json)
    report(.step(step))
    guard step.isSkipped else { return }
    report(
      .message(
        "step \(step.step) has no finite gradient and was skipped: samples "
          + "\(step.samples.lowerBound) to \(step.samples.upperBound - 1), sequences "
          + step.samples.prefix(8).map { "\(order[$0])" }.joined(separator: ", ")
          + (step.samples.count > 8 ? ", …" : "")))
  }

  private func brokenGradient(_ samples: Range<Int>) -> Fault {
    Fault(
      training.folder.path, at: 0,
      .unusable(
        "\(state.skips) steps in a row had no finite gradient, the last with samples "
          + "\(samples.lowerBound) to \(samples.upperBound - 1); resume from the newest checkpoint "
          + "with a lower learning rate or longer warm-up"))
  }
}
