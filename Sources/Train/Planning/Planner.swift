public import Compute
public import Ground
public import Llama

/// What the user has fixed of a layout; what is nil is chosen.
public struct LayoutChoice: Hashable, Sendable {
  public var tensorRanks: Int?
  public var zero: ZeROStage?
  public var recompute: Recompute?
  public var accumulation: Int?

  public init(
    tensorRanks: Int? = nil, zero: ZeROStage? = nil, recompute: Recompute? = nil,
    accumulation: Int? = nil
  ) {
    self.tensorRanks = tensorRanks
    self.zero = zero
    self.recompute = recompute
    self.accumulation = accumulation
  }
}

/// A layout with what it takes.
public struct Plan: Equatable, Sendable {
  public let layout: Layout
  public let memory: RankMemory
  public let step: StepEstimate
}

/// Finds the fastest layout that fits a GPU's memory, by the written model.
public struct Planner<Engine: TrainingBackend>: Sendable {
  public let workload: Workload
  public let efficiency: Efficiency

  /// A planner for a valid model and what the GPUs compute it with.
  public init(
    _ workload: Workload, engine: Engine.Type, efficiency: Efficiency = Efficiency()
  ) {
    self.workload = workload
    self.efficiency = efficiency
  }

  /// The fastest layout for a cluster; of equals, the plainest.
  ///
  /// - Throws: `Fault` that says what would be right, where the GPUs cannot share the batch or the
  ///   model, or no layout fits their memory.
  /// - Complexity: Some hundred estimates.
  public func plan(for cluster: Cluster, _ choice: LayoutChoice = LayoutChoice()) throws(Fault)
    -> Plan
  {
    try checkNodes(cluster)
    let layouts = try layouts(for: cluster, choice)
    var best: Plan?
    var needed = Needs()
    let room = RankMemory.room(of: cluster.accelerator)
    for layout in layouts {
      guard let memory = memory(layout, on: cluster, needed: &needed), memory.bytes <= room else {
        continue
      }
      let step = StepEstimate(
        layout, workload, on: cluster, engine: Engine.self, efficiency: efficiency)
      if step.seconds < best?.step.seconds ?? .infinity {
        best = Plan(layout: layout, memory: memory, step: step)
      }
    }
    if let best { return best }
    throw tooLarge(cluster, choice, needed: needed.bytes)
  }

  /// All layouts that the cluster can take, plain ones first.
  ///
  /// - Throws: `Fault` where there is none.
  package func layouts(
    for cluster: Cluster, _ choice: LayoutChoice
  ) throws(Fault) -> [Layout] {
    var layouts: [Layout] = []
    var refusal: Fault?
    for ranks in choice.tensorRanks.map({ [$0] }) ?? tensorRanks(of: cluster) {
      let groups = ranks > 0 ? cluster.gpus / ranks : 0
      let stages = choice.zero.map { [$0] } ?? (groups > 1 ? ZeROStage.allCases : [.one])
      let parts = choice.accumulation.map { [$0] } ?? accumulations(groups)
      for zero in stages {
        for recompute in choice.recompute.map({ [$0] }) ?? Recompute.allCases {
          for accumulation in parts {
            let layout = Layout(
              tensorRanks: ranks, zero: zero, recompute: recompute, accumulation: accumulation)
            do throws(Fault) {
              try layout.check(workload, on: cluster)
              layouts.append(layout)
            } catch { refusal = refusal ?? error }
          }
        }
      }
    }
    if layouts.isEmpty {
      throw batchFault(cluster, choice)
        ?? refusal ?? Fault("plan", at: 0, .unusable("there is no layout"))
    }
    return layouts
  }

  /// The least memory that layouts need.
  struct Needs {
    /// Of those that were laid out.
    var exact = Double.infinity
    /// Of those that are far too large to be laid out, something that they need more than.
    var bound = Double.infinity

    var bytes: Double { exact.isFinite ? exact : bound }
  }

  /// What a layout needs, nil where that is far too much; lowers `needed` to it.
  func memory(_ layout: Layout, on cluster: Cluster, needed: inout Needs) -> RankMemory? {
    let least = RankMemory.leastBytes(layout, workload, on: cluster)
    guard least <= Double(cluster.accelerator.memory) else {
      needed.bound = min(needed.bound, least)
      return nil
    }
    let memory = RankMemory(layout, workload, on: cluster, engine: Engine.self)
    needed.exact = min(needed.exact, Double(memory.bytes))
    return memory
  }

  /// Divisors of a node's GPUs.
  private func tensorRanks(of cluster: Cluster) -> [Int] {
    (1...min(cluster.perNode, cluster.gpus)).filter {
      cluster.perNode % $0 == 0 && cluster.gpus % $0 == 0
    }
  }

  /// In how many parts a group may take its share; one where it has no whole share.
  private func accumulations(_ groups: Int) -> [Int] {
    guard groups > 0, workload.batch % groups == 0 else { return [1] }
    let share = workload.batch / groups
    return (1...share).filter { share % $0 == 0 }
  }
}
