public import Compute
internal import Ground
public import Ranks

/// The model that is trained: f32 on the CPU.
public typealias LlamaModel = LlamaNetwork<Processor<Float>>

/// The model that gradients are checked in: f64 on the CPU.
public typealias ReferenceModel = LlamaNetwork<Processor<Double>>

/// The sum of losses over the tokens that count.
public struct Loss: Equatable, Sendable {
  /// Nats.
  public var sum: Double
  /// Targets that were not ignored.
  public var count: Int

  public init(sum: Double = 0, count: Int = 0) {
    self.sum = sum
    self.count = count
  }

  /// Nats a token; NaN for no tokens.
  public var mean: Double { sum / Double(count) }

  public static func + (left: Loss, right: Loss) -> Loss {
    Loss(sum: left.sum + right.sum, count: left.count + right.count)
  }
}

/// LLaMA with explicit forward and backward passes over memory that is planned before the first step.
///
/// The passes are written once: on any backend, for all of a layer or a rank's share of it, with the
/// parameters in memory or gathered unit by unit. Not for use from two threads at a time.
///
/// - SeeAlso: arXiv:2302.13971, section 2.2; `model.py` of the LLaMA-1 release.
public final class LlamaNetwork<Engine: Backend>: Sendable {
  public typealias Memory = Engine.Memory

  public let config: LlamaConfig
  /// Tokens of the largest batch.
  public let maximumTokens: Int
  /// This rank's tensors.
  public let units: ParameterUnits
  public let engine: Engine
  /// The ranks that share each layer.
  let team: any Communicator<Memory>
  let keeper: any ParameterKeeper<Memory>
  /// What the backward pass computes again; nil for a model that does not train.
  let recompute: Recompute?
  let sizes: Sizes
  let angles: Engine.Angles
  let plan: ActivationPlan
  let activations: Memory
  /// A gain's gradient from this rank's rows, before all ranks' are summed: wide, as gradients are.
  let partialGain_C: Memory
  let losses_T: View<Double>

  /// A model, or a rank's share of one, whose parameters `keeper` has.
  ///
  /// - Parameters:
  ///   - config: Valid sizes of the whole model; the team's ranks can share them.
  ///   - maximumTokens: Sequences times their length, of the largest batch; the team's ranks divide it.
  ///   - engine: Computes.
  ///   - team: The ranks that share each layer.
  ///   - keeper: Has the parameters, as `config.units` lays them out for this rank of the team.
  ///   - recompute: What the backward pass computes again; nil leaves out what only it needs.
  public init(
    config: LlamaConfig, maximumTokens: Int, engine: Engine, team: any Communicator<Memory>,
    keeper: any ParameterKeeper<Memory>, recompute: Recompute?
  ) {
    precondition(
      maximumTokens > 0 && maximumTokens % team.ranks == 0,
      "\(maximumTokens) tokens for \(team.ranks) ranks")
    self.config = config
    self.maximumTokens = maximumTokens
    self.engine = engine
    self.team = team
    self.keeper = keeper
    self.recompute = recompute
    let share = TensorShare(rank: team.rank, ranks: team.ranks)
    units = config.units(share)
    sizes = Sizes(config, share)
    angles = engine.angles(
      positions: config.context, headDim: config.headDim, theta: config.ropeTheta)
    plan = Self.plan(config, maximumTokens: maximumTokens, share: share, recompute: recompute)
    activations = engine.allocate(plan.count)
    partialGain_C = engine.allocateWide(recompute == nil ? 0 : config.dim)
    losses_T = Arena<Double>(count: maximumTokens).all
  }

  static func plan(
    _ config: LlamaConfig, maximumTokens: Int, share: TensorShare, recompute: Recompute?
  ) -> ActivationPlan {
    ActivationPlan(
      Sizes(config, share), tokens: maximumTokens, ranks: share.ranks, layerCount: config.layers,
      recompute: recompute,
      normSumsCount: Engine.rmsNormScratch(T: maximumTokens / share.ranks, C: config.dim),
      sumPlaces: Engine.sumPlaces, logitCount: Engine.logitCount,
      softmaxParts: Engine.softmaxParts(T: 1))
  }

  public var tensors: [NamedTensor] { units.tensors }

  /// All memory of the passes by purpose, known before any is allocated.
  ///
  /// - Parameters:
  ///   - config: Valid sizes.
  ///   - maximumTokens: As for `init`.
  ///   - share: This rank's share of each layer.
  ///   - recompute: As for `init`.
  ///   - elementBytes: Of one activation.
  /// - Returns: Bytes of what lives from the forward to the backward pass, and of what does not.
  public static func activationMemory(
    _ config: LlamaConfig, maximumTokens: Int, share: TensorShare = .whole, recompute: Recompute?,
    elementBytes: Int = 4
  ) -> [MemoryUse] {
    let plan = plan(config, maximumTokens: maximumTokens, share: share, recompute: recompute)
    let wideBytes = 8 * maximumTokens + (recompute == nil ? 0 : 4 * config.dim)
    return [
      MemoryUse(purpose: "kept activations", bytes: plan.keptCount * elementBytes),
      MemoryUse(
        purpose: "passing activations",
        bytes: (plan.count - plan.keptCount) * elementBytes + wideBytes),
    ]
  }
}
