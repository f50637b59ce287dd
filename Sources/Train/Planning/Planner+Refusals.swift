internal import Ground

extension Planner {
  /// The most GPUs that are tried to say how many would do: as many as ranks may be.
  private static var mostGPUs: Int { 1 << 16 }

  /// Throws where GPUs are left over beside whole nodes.
  func checkNodes(_ cluster: Cluster) throws(Fault) {
    let (gpus, node) = (cluster.gpus, cluster.perNode)
    guard gpus > node, gpus % node != 0 else { return }
    let below = gpus / node * node
    throw Fault(
      "plan", at: 0,
      .unusable(
        "\(gpus) GPUs do not fill nodes of \(node); take \(below) or \(below + node)"))
  }

  /// What would be right where no number of parts shares the batch; nil where the batch is not what
  /// is wrong.
  func batchFault(_ cluster: Cluster, _ choice: LayoutChoice) -> Fault? {
    func isShared(_ gpus: Int, anyBatch: Bool = false) -> Bool {
      let possible = choice.tensorRanks.map { [$0] } ?? Array(1...cluster.perNode)
      return possible.contains { ranks in
        guard ranks > 0 else { return false }
        let layout = Layout(tensorRanks: ranks, accumulation: choice.accumulation ?? 1)
        var workload = workload
        if anyBatch { workload.batch = layout.dataRanks(of: gpus) * layout.accumulation }
        return (try? layout.check(workload, on: with(gpus, cluster))) != nil
      }
    }
    guard !isShared(cluster.gpus), isShared(cluster.gpus, anyBatch: true) else { return nil }
    let node = cluster.perNode
    func steps(from first: Int, by step: Int) -> Int? {
      var gpus = first
      while gpus > 0 && gpus <= Self.mostGPUs {
        if (gpus <= node || gpus % node == 0) && isShared(gpus) { return gpus }
        gpus += step
      }
      return nil
    }
    let numbers = [steps(from: cluster.gpus - 1, by: -1), steps(from: cluster.gpus + 1, by: 1)]
      .compactMap { $0.map { "\($0)" } }
    guard !numbers.isEmpty else { return nil }
    return Fault(
      "plan", at: 0,
      .unusable(
        "a batch of \(workload.batch) sequences cannot be shared by \(cluster.gpus) GPUs; take "
          + "\(numbers.joined(separator: " or ")) of them, or another batch"))
  }

  /// That nothing fits, and what would.
  func tooLarge(_ cluster: Cluster, _ choice: LayoutChoice, needed: Double) -> Fault {
    let kind = cluster.accelerator
    let isOpen = choice == LayoutChoice()
    let remedy =
      !isOpen && fits(cluster, LayoutChoice())
      ? "another layout fits: leave its flags away"
      : enough(cluster, choice).map { "\($0) such GPUs would do" }
        ?? "twice or more times as many do not help"
    return Fault(
      "plan", at: 0,
      .unusable(
        "no such layout fits: a GPU needs \(gigabytes(needed)) at least, and of \(kind.name)'s "
          + "memory \(gigabytes(Double(RankMemory.room(of: kind)))) can be filled; \(remedy)"))
  }

  /// The fewest GPUs that have a layout, of those that doubling leads to.
  private func enough(_ cluster: Cluster, _ choice: LayoutChoice) -> Int? {
    var gpus = cluster.gpus
    while gpus < Self.mostGPUs {
      gpus = gpus < cluster.perNode ? min(cluster.perNode, 2 * gpus) : 2 * gpus
      if fits(with(gpus, cluster), choice) { return gpus }
    }
    return nil
  }

  private func fits(_ cluster: Cluster, _ choice: LayoutChoice) -> Bool {
    guard let layouts = try? layouts(for: cluster, choice) else { return false }
    let room = RankMemory.room(of: cluster.accelerator)
    var needed = Needs()
    return layouts.contains { memory($0, on: cluster, needed: &needed)?.bytes ?? .max <= room }
  }

  private func with(_ gpus: Int, _ cluster: Cluster) -> Cluster {
    var other = cluster
    other.gpus = gpus
    return other
  }

  private func gigabytes(_ bytes: Double) -> String {
    let tenths = Int((bytes / 1e8).rounded(.up))
    return "\(tenths / 10).\(tenths % 10) GB"
  }
}
