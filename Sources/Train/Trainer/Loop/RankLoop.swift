import Compute
import Ground
import Llama
import Ranks
import Shards

/// One rank's part of a run.
final class RankLoop<Engine: TrainingBackend> {
  let training: Training
  let settings: TrainingSettings
  let channel: any Communicator<View<Float>>
  let replica: Replica<Engine>
  private let workers: WorkerPool
  private let ahead: BatchAhead
  let order: SequenceOrder
  let report: @Sendable (TrainingEvent) -> Void
  /// Is told of every step.
  var watch: (any StepWatch)?
  private let shards: [ShardMark]
  private var lock: FolderLock?
  /// Of rank 0 alone.
  var journal: Journal?
  var state = TrainingState()
  private let clock = ContinuousClock()

  var isFirst: Bool { channel.rank == 0 }

  init(
    _ training: Training, _ channel: any Communicator<View<Float>>, on engine: Engine,
    _ carrier: any Carrier<Engine.Memory>, workers: WorkerPool,
    report: @Sendable @escaping (TrainingEvent) -> Void
  ) throws(Fault) {
    self.training = training
    self.channel = channel
    self.report = report
    self.workers = workers
    let settings = training.settings
    self.settings = settings
    try training.check(ranks: channel.ranks)
    try training.checkData()
    let data = training.data
    order = SequenceOrder(
      count: data.train.sampleCount(context: settings.context),
      seed: data.orderSeed ?? settings.seed)
    replica = try Replica(
      config: training.config, maximumTokens: training.tokensAtATime(ranks: channel.ranks),
      on: engine, carrier, workers: workers, world: channel, settings: settings,
      parallelism: training.parallelism)
    ahead = BatchAhead(
      data.train, context: settings.context, vocabulary: training.config.vocabularySize)
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
      journal = try Journal(
        training.folder, after: found?.state.step ?? 0, isResumed: found != nil,
        tensorBoard: training.tensorBoard)
    }
    try set(from: found)
  }

  /// Sets parameters, moments and state from a checkpoint, or where there is none as they began.
  func set(from checkpoint: WholeCheckpoint?) throws(Fault) {
    if let checkpoint {
      state = checkpoint.state
      try replica.restore(from: try checkpoint.reader())
      return try recall()
    }
    state = TrainingState()
    if let initial = training.initial {
      try replica.initialize(from: initial)
    } else {
      replica.initialize(seed: settings.seed, deviation: settings.initialDeviation)
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
    RunIdentity(
      settings: settings, config: training.config, shards: shards,
      orderSeed: training.data.orderSeed)
  }

  /// Takes step after step until the run ends or is stopped.
  func run(stop: StopFlag) throws(Fault) -> TrainingEnd {
    let report = report
    let (pieces, fetch) = replica.pieces()
    let checkpoints = CheckpointWriter(
      training.folder, channel, pieces: pieces, run: identity,
      policy: CheckpointPolicy(
        keep: try checkpointsToKeep(), keepEvery: settings.keepEvery),
      workers: workers, fetch: fetch, inBackground: settings.savesInBackground
    ) { report(.saved(step: $0)) }
    let last = min(settings.steps, training.lastStep ?? settings.steps)
    var saved = state.step
    var isStopped = false
    while state.step < last && !isStopped {
      let outcome = try takeStep(stop: stop, checkpoints)
      try checkpoints.advance()
      if outcome == .wentBack { continue }
      isStopped = outcome == .mustStop
      let isDue = state.step % settings.checkpointEvery == 0
      if isDue || isStopped || state.step >= last {
        replica.engine.synchronise()
        try checkpoints.save(state)
        saved = state.step
      }
    }
    try checkpoints.finish()
    try watch?.finish()
    precondition(saved == state.step, "step \(state.step) ended without a checkpoint")
    return state.step >= settings.steps ? .finished : .stopped
  }

  private enum Outcome { case wentOn, mustStop, wentBack }

  private func takeStep(
    stop: StopFlag, _ checkpoints: CheckpointWriter
  ) throws(Fault) -> Outcome {
    let start = clock.now
    let step = state.step + 1
    watch?.begin(step: step)
    let rate = settings.schedule.rate(step: step)
    let samples = state.sample..<state.sample + settings.batch
    let size = training.data.train.size(of: samples.map { order[$0] }, context: settings.context)
    let loss = try gradients(of: samples, scale: 1 / Double(size.targets))
    let norm = try replica.gradientNorm()
    let sums = try channel.sum([replica.counts ? loss.sum : 0, isFirst && stop.isRaised ? 1 : 0])
    let mean = sums[0] / Double(size.targets)
    let bad = try judge(samples, loss: mean, gradientNorm: norm)
    if let bad, try goBack(from: bad, checkpoints) { return .wentBack }
    let parameterNorm =
      settings.parameterNormEvery > 0 && step % settings.parameterNormEvery == 0
      ? try replica.parameterNorm() : nil
    if bad == nil {
      state.updates += 1
      state.skips = 0
      checkpoints.finishCopying()
      replica.update(rate: rate, update: state.updates, norm: norm)
    } else {
      state.skips += 1
    }
    state.step = step
    state.guards.note(step: step, loss: bad == nil ? mean : nil, settings)
    state.sample = samples.upperBound
    state.tokens += size.inputs
    let seconds = (clock.now - start) / .seconds(1)
    try watch?.end(step: step)
    let validation = try validation(step: step)
    if isFirst {
      let speed = Double(size.inputs) / max(seconds, 1e-9)
      let operations = training.config.operationsPerToken(length: settings.context)
      let report = StepReport(
        step: step, steps: settings.steps, tokens: state.tokens, loss: mean, learningRate: rate,
        gradientNorm: norm, parameterNorm: parameterNorm, skipped: bad, samples: samples,
        validationLoss: validation?.loss, validationBySource: validation?.bySource ?? [],
        seconds: seconds, tokensPerSecond: speed,
        utilisation: training.peak.map { operations * speed / $0 },
        memory: replica.engine.memoryTaken)
      try journal?.note(report)
      self.report(.step(report))
      if let bad { self.report(.message(bad.sentence("was skipped"))) }
    }
    if let bad, state.skips >= settings.patience { throw tooManySkips(bad) }
    return sums[1] > 0 ? .mustStop : .wentOn
  }

  /// This rank's share of one part of the samples, as the source numbers them.
  private func numbers(of part: Int, of samples: Range<Int>) -> [Int] {
    let share = samples.count / replica.data.ranks
    let count = share / settings.accumulation
    let first = samples.lowerBound + replica.data.rank * share + part * count
    return (first..<first + count).map { order[$0] }
  }

  /// Adds the gradients of this rank's share of the samples; gives the sum of its losses.
  private func gradients(of samples: Range<Int>, scale: Double) throws(Fault) -> Loss {
    var loss = Loss()
    replica.zeroGradients()
    for number in 0..<settings.accumulation {
      let batch = try ahead.take(numbers(of: number, of: samples))
      // Most likely, the samples after these are the next; a rewind finds that they are not.
      if number + 1 < settings.accumulation {
        ahead.begin(numbers(of: number + 1, of: samples))
      } else {
        ahead.begin(
          numbers(of: 0, of: samples.upperBound..<samples.upperBound + samples.count))
      }
      loss =
        loss
        + (try replica.addGradients(
          of: batch, scale: scale, isLast: number == settings.accumulation - 1))
    }
    return loss
  }
}
