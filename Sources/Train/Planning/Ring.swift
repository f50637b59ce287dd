/// Seconds that ranks take to exchange numbers around a ring.
///
/// Each of n ranks sends n - 1 of n parts of a buffer to its neighbour, one after another: (n - 1) / n
/// of the bytes, and the latency of n - 1 hops. Ranks of a node use a network card each.
///
/// - SeeAlso: NCCL, src/graph/tuning.cc: this is how it chooses among its protocols.
package struct Ring {
  package let ranks: Int
  /// Share of a GPU's multiprocessors that carry it out.
  package let occupied: Double
  private let nodes: Int
  private let bandwidth: Double
  private let protocols: [Packing]

  /// What NCCL packs numbers in: seconds to begin, a hop within a node and between nodes, and the share
  /// of the bandwidth.
  private struct Packing {
    let base, nodeHop, networkHop, share: Double
  }

  /// A ring of all ranks, `perNode` of them neighbours in each node.
  package init(ranks: Int, perNode: Int, _ accelerator: Accelerator, _ efficiency: Efficiency) {
    self.ranks = ranks
    let perNode = min(ranks, perNode)
    nodes = (ranks + perNode - 1) / perNode
    occupied = perNode > 1 ? efficiency.nodeOccupied : efficiency.networkOccupied
    let inNode = accelerator.nodeBandwidth * efficiency.node
    let between = Double(perNode) * accelerator.networkBandwidth * efficiency.network
    bandwidth = nodes == 1 ? inNode : perNode == 1 ? between : min(inNode, between)
    // LL, LL128 and Simple.
    protocols = [
      Packing(
        base: 6.6e-6, nodeHop: 0.6e-6, networkHop: 2.7e-6, share: nodes == 1 ? 1 / 3 : 1 / 4),
      Packing(
        base: 14e-6, nodeHop: 1.9e-6, networkHop: 4e-6,
        share: nodes > 1 && perNode == 1 ? 0.7 : 0.92),
      Packing(base: 8.4e-6, nodeHop: 3.4e-6, networkHop: 14e-6, share: 1),
    ]
  }

  /// An all-gather or a reduce-scatter of a buffer of so many bytes, all ranks' parts together.
  package func pass(_ bytes: Int) -> Double {
    guard ranks > 1 else { return 0 }
    let sent = Double(bytes) * Double(ranks - 1) / Double(ranks)
    let networkHops = Double(nodes - 1), nodeHops = Double(ranks - nodes)
    return protocols.map {
      $0.base + nodeHops * $0.nodeHop + networkHops * $0.networkHop
        + sent / (bandwidth * $0.share)
    }.min() ?? 0
  }

  /// A sum that all ranks get: both, one after the other.
  package func sum(_ bytes: Int) -> Double { 2 * pass(bytes) }
}
