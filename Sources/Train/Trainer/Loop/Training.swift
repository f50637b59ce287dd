public import Compute
public import Ground
public import Llama
public import Ranks
public import Shards

/// What happens in a run, as it happens.
public enum TrainingEvent: Sendable {
  case step(StepReport)
  /// A checkpoint of a step is on the disk.
  case saved(step: Int)
  /// Something the user should read, such as a damaged checkpoint that was passed over.
  case message(String)
}

/// Why a run ended.
public enum TrainingEnd: Sendable, Equatable {
  /// All steps of the settings are done.
  case finished
  /// The step asked for is reached, or the stop flag was raised; `resume` goes on.
  case stopped
}

/// A run: a model, its data, its settings and its folder.
public struct Training: Sendable {
  public var folder: RunFolder
  public var config: LlamaConfig
  public var settings: TrainingSettings
  public var data: TrainingData
  /// Copied into the run's folder.
  public var tokenizer: String?
  /// Sets the first weights of a whole model, on every rank; nil draws them from the settings' seed.
  public var initial: (@Sendable (LlamaModel) throws(Fault) -> Void)?
  /// How the ranks share the work; may change whenever the run is resumed.
  public var parallelism = Parallelism()
  /// Goes on from the newest checkpoint; without it, a folder that has one is refused.
  public var resume = false
  /// Whose the validation documents are, for losses by source; nil where that is not known.
  public var validationSources: ShardSources?
  /// Writes the metrics as TensorBoard's event files as well, in `tensorboard/`.
  public var tensorBoard = false
  /// Ends after this step, with a checkpoint; the schedule is not changed by it.
  public var lastStep: Int?
  /// Operations a second that the machine can do at most, for the utilisation in metrics.
  public var peak: Double?
  /// Notes the operations of some steps and writes them as a trace; nil notes none.
  public var profile: ProfileRequest?

  public init(
    folder: RunFolder, config: LlamaConfig, settings: TrainingSettings, data: TrainingData,
    tokenizer: String? = nil
  ) {
    self.folder = folder
    self.config = config
    self.settings = settings
    self.data = data
    self.tokenizer = tokenizer
  }

  /// Checks settings and model, alone and against the number of ranks, before anything is begun.
  ///
  /// - Throws: `Fault` with a sentence that says what would be right.
  public func check(ranks: Int) throws(Fault) {
    try config.validate()
    guard settings.context <= config.context else {
      throw Fault(
        "training settings", at: 0,
        .unusable(
          "sequences of \(settings.context) tokens do not fit the model's context of "
            + "\(config.context)"))
    }
    try parallelism.check(ranks: ranks, config: config, context: settings.context)
    try settings.check(ranks: ranks / parallelism.tensorRanks)
  }

  /// Checks that the model can learn from the data.
  ///
  /// - Throws: `Fault` with a sentence that says what would be right.
  public func checkData() throws(Fault) {
    try data.check(
      vocabulary: config.vocabularySize, context: settings.context,
      evaluates: settings.evaluateEvery > 0)
  }

  /// Trains with ranks that are threads of this process.
  ///
  /// - Parameters:
  ///   - ranks: Copies of the model that share each batch.
  ///   - threads: Of all ranks together.
  ///   - stop: Raised by the caller to save and end.
  ///   - report: Is told what happens, on a thread of the run; must not take long.
  /// - Returns: Why it ended.
  /// - Throws: `Fault` where settings and data do not fit, the disk fails, or the gradient stays
  ///   broken.
  @discardableResult
  public func run(
    ranks: Int = 1, threads: Int = WorkerPool.processors, stop: StopFlag = StopFlag(),
    report: @Sendable @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> TrainingEnd {
    let group = MemoryGroup<Float>(ranks: ranks)
    let next = Counter(ranks)
    var ends: [TrainingEnd] = []
    try orderedMap(
      jobs: ranks, next: { next.take() },
      transform: { rank in
        let workers = WorkerPool(threads: max(1, threads / ranks))
        return try train(
          as: group.communicator(rank: rank), workers: workers, stop: stop, report: report)
      },
      accept: { ends.append($0) })
    return ends.first ?? .finished
  }

  /// Trains as one rank of many, whatever carries their messages; all must call it alike.
  ///
  /// Rank 0 alone reads and writes the run's folder.
  ///
  /// - Parameters:
  ///   - communicator: This rank's end.
  ///   - workers: This rank's threads.
  ///   - stop: Looked at by rank 0 only.
  ///   - report: Called by rank 0 only.
  /// - Returns: Why it ended, the same on all ranks.
  /// - Throws: `Fault`; that of the rank that failed first, on all ranks.
  public func train(
    as communicator: any Communicator<View<Float>>, workers: WorkerPool,
    stop: StopFlag = StopFlag(),
    report: @Sendable @escaping (TrainingEvent) -> Void = { _ in }
  ) throws(Fault) -> TrainingEnd {
    do throws(Fault) {
      try config.validate()
    } catch {
      communicator.abort(error)
      throw error
    }
    let engine = Processor<Float>(config: config, workers: workers, products: settings.products)
    return try train(
      as: communicator, on: engine, HostCarrier(engine), workers: workers, stop: stop,
      report: report)
  }

  /// Trains as one rank of many on any backend.
  ///
  /// - Parameters:
  ///   - communicator: This rank's end, by the hosts.
  ///   - engine: What this rank computes on.
  ///   - carrier: How the ranks exchange what lies there.
  ///   - workers: Threads of the host.
  ///   - stop: Looked at by rank 0 only.
  ///   - report: Called by rank 0 only.
  /// - Returns: Why it ended, the same on all ranks.
  /// - Throws: `Fault`; that of the rank that failed first, on all ranks.
  public func train<Engine: TimedBackend>(
    as communicator: any Communicator<View<Float>>, on engine: Engine,
    _ carrier: any Carrier<Engine.Memory>, workers: WorkerPool, stop: StopFlag = StopFlag(),
    report: @Sendable @escaping (TrainingEvent) -> Void = { _ in }
  ) throws(Fault) -> TrainingEnd {
    do throws(Fault) {
      guard let profile else {
        let rank = try RankLoop(
          self, communicator, on: engine, carrier, workers: workers, report: report)
        return try rank.run(stop: stop)
      }
      let log = ProfileLog(engine)
      let rank = try RankLoop(
        self, communicator, on: Profiled(log), ProfiledCarrier(carrier, log), workers: workers,
        report: report)
      rank.watch = try StepProfiler(
        log, profile, writes: communicator.rank == 0, report: report)
      return try rank.run(stop: stop)
    } catch {
      communicator.abort(error)
      throw error
    }
  }
}
