import Compute
import Ground
import Llama
import Ranks

/// One rank's part of the model and its optimizer.
///
/// Ranks with the same part of every layer see different samples; each of them updates its share of
/// every unit with the sum of their gradients, so all stay equal.
final class Replica<Engine: TrainingBackend> {
  typealias Memory = Engine.Memory

  let model: LlamaNetwork<Engine>
  let engine: Engine
  private let groups: RankGroups<Memory>
  private let settings: TrainingSettings
  private let keeper: any ShardKeeper<Memory>
  private let workers: WorkerPool
  /// What this rank updates.
  let owned: [OwnedTensor<Memory>]

  /// The ranks that have the same part of every layer, for other samples.
  var data: any Communicator<View<Float>> { groups.data }
  /// True on one rank of those that share a layer, which all have the same losses.
  var counts: Bool { groups.tensor.rank == 0 }

  init(
    config: LlamaConfig, maximumTokens: Int, on engine: Engine, _ carrier: any Carrier<Memory>,
    workers: WorkerPool, world: any Communicator<View<Float>>, settings: TrainingSettings,
    parallelism: Parallelism
  ) throws(Fault) {
    let groups = try RankGroups(world, tensorRanks: parallelism.tensorRanks, carrier)
    let units = config.units(groups.share)
    let parameters: any ParameterKeeper<Memory>
    if parallelism.sharding == .everything && groups.data.ranks > 1 {
      let shared = SharedKeeper(units, on: engine, groups.exchange)
      (keeper, parameters) = (shared, shared)
    } else {
      let whole = WholeKeeper(units, on: engine, groups.exchange)
      (keeper, parameters) = (whole, whole)
    }
    self.engine = engine
    self.groups = groups
    self.settings = settings
    self.workers = workers
    model = LlamaNetwork(
      config: config, maximumTokens: maximumTokens, engine: engine, team: groups.tensor,
      keeper: parameters, recompute: parallelism.recompute)
    owned = OwnedTensor.all(
      units, of: keeper, on: engine, rank: groups.data.rank, of: groups.data.ranks,
      keepsMaster: Engine.roundsParameters && settings.keepsMaster)
  }

  /// The first parameters of a run, from a seed.
  func initialize(seed: UInt64, deviation: Double) {
    forgetMoments()
    let initial = InitialValues(model.config, seed: seed, deviation: deviation)
    for piece in owned {
      forBlocks(of: piece) { place, values in
        let first = piece.elements.lowerBound + place
        initial.set(
          values, to: first..<first + values.count, of: piece.tensor, number: piece.number,
          workers: workers)
      }
    }
    keeper.spread()
  }

  /// The first parameters of a run, from a whole model that `fill` fills in on every rank.
  func initialize(from fill: (LlamaModel) throws(Fault) -> Void) throws(Fault) {
    forgetMoments()
    let whole = LlamaModel(
      config: model.config, maximumTokens: 1, workers: workers, trains: false)
    try fill(whole)
    for piece in owned {
      let source = whole.tensors[piece.number]
      let values = room(for: piece.parameters)
      piece.region.forEachRun(sharedWith: TensorRegion(shape: source.shape)) { mine, from, count in
        values.part(mine, count).copy(from: whole.parameters.part(source.offset + from, count))
      }
      if engine.host(piece.parameters) == nil { set(piece, 0, to: values) }
    }
    keeper.spread()
  }

  /// Where the host writes numbers for a memory: in it, or in memory of its own.
  private func room(for memory: Memory) -> View<Float> {
    engine.host(memory) ?? Arena<Float>(count: memory.count).all
  }

  /// Sets a share of a tensor in place or, on a device, block by block.
  private func forBlocks(
    of piece: OwnedTensor<Memory>, _ fill: (_ place: Int, View<Float>) -> Void
  ) {
    if let values = engine.host(piece.parameters) { return fill(0, values) }
    let count = piece.parameters.count, most = min(count, 1 << 24)
    let room = Arena<Float>(count: most).all
    for place in stride(from: 0, to: count, by: max(most, 1)) {
      let values = room.part(0, min(most, count - place))
      fill(place, values)
      set(piece, place, to: values)
    }
  }

  private func set(_ piece: OwnedTensor<Memory>, _ place: Int, to values: View<Float>) {
    let parameters = piece.parameters.part(place, values.count)
    guard let master = piece.master?.part(place, values.count) else {
      return engine.load(values, into: parameters)
    }
    engine.load(values, into: master)
    engine.round(master, into: parameters)
  }

  private func forgetMoments() {
    for piece in owned {
      engine.zero(piece.firstMoments)
      engine.zero(piece.secondMoments)
    }
  }

  func zeroGradients() { engine.zero(keeper.allGradients) }

  /// Adds the gradients of a batch; gives its loss, which all ranks of a tensor group have.
  ///
  /// After the last of a step, this rank's shares are the sums of all ranks'.
  func addGradients(of batch: SampleBatch, scale: Double, isLast: Bool) throws(Fault) -> Loss {
    keeper.prepare(trains: true, isLast: isLast)
    let batch = evened(batch)
    return try model.forwardBackward(
      tokens: batch.inputs, targets: batch.targets, batch: batch.rows, length: batch.length,
      lossScale: scale)
  }

  /// The loss of every target of a batch; 0 for those that are ignored.
  func losses(of batch: SampleBatch) throws(Fault) -> [Double] {
    keeper.prepare(trains: false, isLast: false)
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
  func gradientNorm() throws(Fault) -> Double { try norm(\.gradients) }

  /// The norm of all parameters together, as AdamW keeps them.
  ///
  /// Where it keeps none in f32, the host adds them up.
  func parameterNorm() throws(Fault) -> Double {
    guard Engine.roundsParameters && !settings.keepsMaster else { return try norm(\.kept) }
    var sum = 0.0
    for piece in owned where isSaved(piece) {
      let values = Arena<Float>(count: piece.parameters.count).all
      engine.store(piece.parameters, into: values)
      sum += squaredNorm(values, workers: workers)
    }
    return try groups.world.sum([sum])[0].squareRoot()
  }

  private func norm(_ values: KeyPath<OwnedTensor<Memory>, Memory>) throws(Fault) -> Double {
    let sums = engine.squaredNorms(owned.filter(isSaved).map { $0[keyPath: values] })
    return try groups.world.sum([sums.reduce(0, +)])[0].squareRoot()
  }

  /// Takes one step of AdamW with the gradient clipped to the settings' norm.
  ///
  /// - Parameters:
  ///   - rate: The learning rate.
  ///   - update: Which step of AdamW this is, from 1.
  ///   - norm: What `gradientNorm` gave.
  func update(rate: Double, update: Int, norm: Double) {
    let scale = clippingScale(norm: norm, limit: settings.clip)
    for piece in owned {
      engine.adamW(
        piece.parameters, master: piece.master, gradients: piece.gradients,
        firstMoments: piece.firstMoments, secondMoments: piece.secondMoments,
        settings: AdamW(
          learningRate: rate, beta1: settings.beta1, beta2: settings.beta2,
          epsilon: settings.epsilon,
          weightDecay: piece.tensor.decays ? settings.weightDecay : 0),
        step: update, gradientScale: scale)
    }
    keeper.spread()
  }

  /// What this rank saves: all ranks together have every element once.
  ///
  /// On a device, the pieces are room on the host, which `fetch` fills; it may be called by another
  /// thread while passes go on.
  func pieces() -> (pieces: [TensorPiece], fetch: (@Sendable () -> Void)?) {
    let saved = owned.filter(isSaved).flatMap { piece in
      piece.saved.map { (name: $0.prefix + piece.tensor.name, region: piece.region, $0.memory) }
    }
    let views = saved.map { room(for: $0.2) }
    let pieces = zip(saved, views).map {
      TensorPiece(name: $0.name, region: $0.region, values: $1)
    }
    guard let first = saved.first, engine.host(first.2) == nil else { return (pieces, nil) }
    let memories = saved.map(\.2)
    return (
      pieces,
      { [engine] in
        for (memory, view) in zip(memories, views) { engine.store(memory, into: view) }
      }
    )
  }

  /// Of gains, which all ranks of a tensor group have, the first's count.
  func isSaved(_ piece: OwnedTensor<Memory>) -> Bool { !piece.tensor.isReplicated || counts }

  /// Puts a checkpoint's parameters and moments into place, whatever ranks saved it.
  func restore(from checkpoint: CheckpointReader) throws(Fault) {
    for piece in owned {
      for (prefix, memory) in piece.saved {
        let values = room(for: memory)
        try checkpoint.read([
          TensorPiece(name: prefix + piece.tensor.name, region: piece.region, values: values)
        ])
        if engine.host(memory) != nil { continue }
        if prefix.isEmpty { set(piece, 0, to: values) } else { engine.load(values, into: memory) }
      }
    }
    keeper.spread()
  }
}

extension OwnedTensor {
  /// The parameters that AdamW works on.
  fileprivate var kept: Memory { master ?? parameters }
}
