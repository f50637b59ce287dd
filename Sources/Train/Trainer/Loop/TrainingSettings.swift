public import Compute
public import Ground

/// What is done about a batch whose loss is a spike.
///
/// Either way the parameters never see its gradient. The decision is taken from sums of all ranks and
/// from the state that checkpoints store, so ranks agree, and a resumed run decides the same.
public enum SpikeAction: String, Hashable, Sendable, CaseIterable {
  /// It is learned from as any other.
  case none
  /// The parameters are left alone; the next batch follows.
  case skip
  /// The run goes back to its newest regular checkpoint and on with the data after the batch
  /// (PaLM's cure, arXiv:2204.02311, section 5.1).
  case rewind
}

/// How a model is trained; the defaults are LLaMA's (arXiv:2302.13971, section 2.3).
public struct TrainingSettings: Hashable, Sendable {
  /// Steps of the whole run, which the schedule of the learning rate ends with.
  public var steps: Int
  /// Sequences a step, of all ranks and parts together.
  public var batch: Int
  /// Tokens of a sequence.
  public var context: Int
  /// In how many parts a rank takes its share of the batch; more parts need less memory.
  public var accumulation = 1

  public var peakLearningRate: Double
  /// Steps of linear growth up to the peak.
  public var warmUp = 2000
  /// Where the cosine ends, as a share of the peak.
  public var minimumRatio = 0.1
  public var beta1 = 0.9
  public var beta2 = 0.95
  /// Unpublished; 1e-8 is Adam's own (arXiv:1412.6980).
  public var epsilon = 1e-8
  /// Of matrices only, embedding and output included; which parameters LLaMA decayed is unpublished.
  public var weightDecay = 0.1
  /// What the products multiply; sums, parameters and moments are f32.
  public var products = Products.f32
  /// AdamW keeps the parameters in f32 where the passes round them; without it they are rounded by
  /// chance, so that small steps count (arXiv:2010.06192).
  public var keepsMaster = true
  /// The largest norm of the gradient of all parameters together.
  public var clip = 1.0
  /// Of the first weights and of the order of sequences.
  public var seed: UInt64 = 1
  /// Of the normal distribution that matrices start with; ours to choose, as GPT-2's.
  public var initialDeviation = 0.02

  /// Steps from one checkpoint to the next.
  public var checkpointEvery = 1000
  /// Checkpoints that are kept; older ones are removed.
  public var keep = 2
  /// Checkpoints of steps that this divides are kept for ever; 0 for none.
  public var keepEvery = 0
  /// Writes checkpoints while training goes on, from a copy of what a rank saves.
  public var savesInBackground = true
  /// Steps from one validation to the next; 0 for none.
  public var evaluateEvery = 0
  /// Validation sequences that are looked at, at most.
  public var evaluationSequences = 64
  /// Steps from one norm of the parameters in the metrics to the next; 0 for none.
  public var parameterNormEvery = 100
  /// Steps in a row that may be skipped before the run stops.
  public var patience = 10
  /// What is done about a loss that rises out of the noise.
  public var spikes = SpikeAction.none
  /// Losses that the noise is known by; llm.c's (`llmc/outlier_detector.h`).
  public var spikeWindow = 128
  /// Deviations above the mean of the window that make a spike; ours to choose.
  ///
  /// Of 100 million normal losses, none is 6 above.
  public var spikeScore = 6.0
  /// How often a run may be rewound; later spikes are skipped.
  ///
  /// Ours to choose.
  public var rewinds = 10

  public init(steps: Int, batch: Int, context: Int, peakLearningRate: Double) {
    self.steps = steps
    self.batch = batch
    self.context = context
    self.peakLearningRate = peakLearningRate
  }

  public var schedule: Schedule {
    Schedule(peak: peakLearningRate, warmUp: warmUp, steps: steps, minimumRatio: minimumRatio)
  }

  /// Checks the numbers, alone and against the number of ranks.
  ///
  /// - Throws: `Fault` with a sentence that says which number is wrong and what would be right.
  public func check(ranks: Int) throws(Fault) {
    func need(_ isRight: Bool, _ what: String) throws(Fault) {
      guard isRight else { throw Fault("training settings", at: 0, .unusable(what)) }
    }
    try need(steps > 0, "steps is \(steps); at least 1 is needed")
    try need(batch > 0, "the batch has \(batch) sequences; at least 1 is needed")
    try need(context > 0, "the context is \(context) tokens; at least 1 is needed")
    try need(accumulation > 0, "accumulation is \(accumulation); at least 1 is needed")
    try need(
      batch % (ranks * accumulation) == 0,
      "a batch of \(batch) sequences cannot be shared by \(ranks) ranks in \(accumulation) parts; "
        + "choose a batch that is a multiple of \(ranks * accumulation)")
    try need(warmUp >= 0, "the warm-up is \(warmUp) steps; it cannot be negative")
    try need(
      warmUp < steps || steps == 1,
      "the warm-up of \(warmUp) steps does not end before the run of \(steps); shorten it")
    try need(
      peakLearningRate.isFinite && peakLearningRate >= 0,
      "the learning rate is \(peakLearningRate); it must be a number from 0 on")
    try need((0...1).contains(minimumRatio), "the final ratio is \(minimumRatio), not 0 to 1")
    try need((0..<1).contains(beta1) && (0..<1).contains(beta2), "betas must be 0 to below 1")
    try need(epsilon > 0 && clip > 0, "epsilon and clip must be above 0")
    try need(weightDecay >= 0, "the weight decay is \(weightDecay); it cannot be negative")
    try need(checkpointEvery > 0, "a checkpoint every \(checkpointEvery) steps; 1 is the least")
    try need(keep > 0, "\(keep) checkpoints are to be kept; at least 1 is needed")
    try need(keepEvery >= 0, "every \(keepEvery)th checkpoint is to be kept; 0 means none")
    try need(evaluateEvery >= 0, "validation every \(evaluateEvery) steps; 0 means none")
    try need(evaluationSequences > 0, "validation needs at least 1 sequence")
    try need(
      parameterNormEvery >= 0, "a parameter norm every \(parameterNormEvery) steps; 0 means none")
    try need(spikeWindow > 1, "a window of \(spikeWindow) losses; at least 2 are needed")
    try need(spikeScore > 0, "a spike of \(spikeScore) deviations; it must be above 0")
    try need(rewinds >= 0, "\(rewinds) rewinds; it cannot be negative")
    try need(patience > 0, "a patience of \(patience) steps; at least 1 is needed")
  }
}

/// The learning rate by step: linear up to the peak, then half a cosine down.
///
/// - SeeAlso: LLaMA section 2.3: cosine to 10 % of the peak, 2,000 warm-up steps.
public struct Schedule: Hashable, Sendable {
  public var peak: Double
  public var warmUp: Int
  public var steps: Int
  public var minimumRatio: Double

  public init(peak: Double, warmUp: Int, steps: Int, minimumRatio: Double = 0.1) {
    self.peak = peak
    self.warmUp = warmUp
    self.steps = steps
    self.minimumRatio = minimumRatio
  }

  /// The rate of a step, counted from 1: the peak at `warmUp`, the minimum at `steps` and after.
  public func rate(step: Int) -> Double {
    if step <= warmUp { return peak * Double(step) / Double(warmUp) }
    let minimum = peak * minimumRatio
    let way = min(1, Double(step - warmUp) / Double(max(1, steps - warmUp)))
    return minimum + 0.5 * (peak - minimum) * (1 + halfTurn(way))
  }
}
