import Compute
import Ground
import Llama
import Ranks

/// One rank's part of the model and its optimizer.
///
/// Ranks with the same part of every layer see different samples; each of them updates its share of
/// every unit with the sum of their gradients, so all stay equal.
final class Replica {
  let model: LlamaModel
  private let groups: RankGroups
  private let settings: TrainingSettings
  private let keeper: any ShardKeeper
  private let workers: WorkerPool
  /// What this rank updates.
  private let owned: [OwnedTensor]

  /// The ranks that have the same part of every layer, for other samples.
  var data: any Communicator<View<Float>> { groups.data }
  /// True on one rank of those that share a layer, which all have the same losses.
  var counts: Bool { groups.tensor.rank == 0 }

  init(
    config: LlamaConfig, maximumTokens: Int, workers: WorkerPool,
    world: any Communicator<View<Float>>, settings: TrainingSettings, parallelism: Parallelism
  ) throws(Fault) {
    let groups = try RankGroups(world, tensorRanks: parallelism.tensorRanks)
    let units = config.units(groups.share)
    let parameters: any ParameterKeeper<View<Float>>
    if parallelism.sharding == .everything && groups.data.ranks > 1 {
      let shared = SharedKeeper(units, group: groups.dataBehind)
      (keeper, parameters) = (shared, shared)
    } else {
      let whole = WholeKeeper(units, group: groups.dataBehind)
      (keeper, parameters) = (whole, whole)
    }
    self.groups = groups
    self.settings = settings
    self.workers = workers
    model = LlamaModel(
      config: config, maximumTokens: maximumTokens,
      engine: Processor<Float>(config: config, workers: workers, products: settings.products),
      team: groups.tensor, keeper: parameters, recompute: parallelism.recompute)
    owned = OwnedTensor.all(units, of: keeper, rank: groups.data)
  }

  /// The first parameters of a run, from a seed.
  func initialize(seed: UInt64, deviation: Double) throws(Fault) {
    forgetMoments()
    let initial = InitialValues(model.config, seed: seed, deviation: deviation)
    for piece in owned {
      initial.set(
        piece.parameters, to: piece.elements, of: piece.tensor, number: piece.number,
        workers: workers)
    }
    try keeper.spread()
  }

  /// The first parameters of a run, from a whole model that `fill` fills in on every rank.
  func initialize(from fill: (LlamaModel) throws(Fault) -> Void) throws(Fault) {
    forgetMoments()
    let whole = LlamaModel(
      config: model.config, maximumTokens: 1, workers: workers, trains: false)
    try fill(whole)
    for piece in owned {
      let source = whole.tensors[piece.number]
      piece.region.forEachRun(sharedWith: TensorRegion(shape: source.shape)) { mine, from, count in
        piece.parameters.part(mine, count).copy(
          from: whole.parameters.part(source.offset + from, count))
      }
    }
    try keeper.spread()
  }

  private func forgetMoments() {
    for piece in owned {
      piece.firstMoments.set(0)
      piece.secondMoments.set(0)
    }
  }

  func zeroGradients() { for gradients in keeper.allGradients { model.engine.zero(gradients) } }

  /// Adds the gradients of a batch; gives its loss, which all ranks of a tensor group have.
  func addGradients(of batch: SampleBatch, scale: Double, isLast: Bool) throws(Fault) -> Loss {
    keeper.begin(trains: true, isLast: isLast)
    let batch = evened(batch)
    return try model.forwardBackward(
      tokens: batch.inputs, targets: batch.targets, batch: batch.rows, length: batch.length,
      lossScale: scale)
  }

  /// The loss of every target of a batch; 0 for those that are ignored.
  func losses(of batch: SampleBatch) throws(Fault) -> [Double] {
    keeper.begin(trains: false, isLast: false)
    let even = evened(batch)
    let losses = try model.losses(
      tokens: even.inputs, targets: even.targets, batch: even.rows, length: even.length)
    return (0..<batch.rows).flatMap { losses[$0 * even.length..<$0 * even.length + batch.length] }
  }

  /// The batch with rows so long that ranks can share them evenly.
  private func evened(_ batch: SampleBatch) -> SampleBatch {
    let ranks = groups.tensor.ranks
    guard batch.length % ranks != 0 else { return batch }
    let length = (batch.length + ranks - 1) / ranks * ranks
    var even = SampleBatch(inputs: [], targets: [], length: length)
    let padding = length - batch.length
    for row in 0..<batch.rows {
      let range = row * batch.length..<(row + 1) * batch.length
      even.inputs += batch.inputs[range] + [Int32](repeating: 0, count: padding)
      even.targets += batch.targets[range] + [Int32](repeating: -1, count: padding)
    }
    return even
  }

  /// The norm of the gradient of all parameters together; not finite where one number is not.
  ///
  /// Waits until all ranks' gradients are summed.
  func gradientNorm() throws(Fault) -> Double {
    try keeper.finishGradients()
    return try norm(\.gradients)
  }

  /// The norm of all parameters together.
  func parameterNorm() throws(Fault) -> Double { try norm(\.parameters) }

  private func norm(_ values: KeyPath<OwnedTensor, View<Float>>) throws(Fault) -> Double {
    var sum = 0.0
    for piece in owned where isSaved(piece) {
      sum += squaredNorm(piece[keyPath: values], workers: workers)
    }
    return try groups.world.sum([sum])[0].squareRoot()
  }

  /// Takes one step of AdamW with the gradient clipped to the settings' norm.
  ///
  /// - Parameters:
  ///   - rate: The learning rate.
  ///   - update: Which step of AdamW this is, from 1.
  ///   - norm: What `gradientNorm` gave.
  /// - Throws: `Fault` where another rank is lost.
  func update(rate: Double, update: Int, norm: Double) throws(Fault) {
    let scale = clippingScale(norm: norm, limit: settings.clip)
    for piece in owned {
      adamW(
        piece.parameters, gradients: piece.gradients, firstMoments: piece.firstMoments,
        secondMoments: piece.secondMoments,
        settings: AdamW(
          learningRate: rate, beta1: settings.beta1, beta2: settings.beta2,
          epsilon: settings.epsilon,
          weightDecay: piece.tensor.decays ? settings.weightDecay : 0),
        step: update, gradientScale: scale, workers: workers)
    }
    try keeper.spread()
  }

  /// Waits until nothing is on its way between ranks.
  func settle() throws(Fault) { try keeper.settle() }

  /// What this rank saves: all ranks together have every element once.
  var pieces: [TensorPiece] { owned.filter(isSaved).flatMap(\.pieces) }

  /// Of gains, which all ranks of a tensor group have, the first's count.
  private func isSaved(_ piece: OwnedTensor) -> Bool { !piece.tensor.isReplicated || counts }

  /// Puts a checkpoint's parameters and moments into place, whatever ranks saved it.
  func restore(from checkpoint: CheckpointReader) throws(Fault) {
    try checkpoint.read(owned.flatMap(\.pieces))
    try keeper.spread()
  }
}
