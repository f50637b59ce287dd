import Compute
import Ground
import Llama
import Ranks

/// All parameters and all gradients on every rank: ZeRO stage 1.
///
/// Gradients of a unit are summed while the pass goes on to the next; new parameters of a unit are
/// gathered while the next forward pass computes with those before it.
final class WholeKeeper<Engine: TrainingBackend>: ShardKeeper, @unchecked Sendable {
  typealias Memory = Engine.Memory

  private let rooms: UnitRooms
  private let parameters: Memory
  private let gradients: Memory
  private let exchange: any Exchange<Memory>
  private var isLast = false
  /// True where other ranks' parameters are newer than here.
  private var isStale = false
  private var sums: [Ticket] = []
  private var gathers: [Ticket?]

  init(_ units: ParameterUnits, on engine: Engine, _ exchange: any Exchange<Memory>) {
    rooms = UnitRooms(units, ranks: exchange.ranks)
    parameters = engine.allocate(rooms.count)
    gradients = engine.allocateWide(rooms.count)
    self.exchange = exchange
    gathers = Array(repeating: nil, count: rooms.ranges.count)
  }

  func ownParameters(of unit: Int) -> Memory { own(parameters, unit) }

  func ownGradients(of unit: Int) -> Memory { own(gradients, unit) }

  private func own(_ values: Memory, _ unit: Int) -> Memory {
    values.part(rooms.ranges[unit]).part(rooms.share(of: unit, rank: exchange.rank))
  }

  var allGradients: Memory { gradients }

  var kind: Int { (isLast ? 1 : 0) + (isStale ? 2 : 0) }

  func prepare(trains: Bool, isLast: Bool) { self.isLast = isLast }

  func spread() { isStale = exchange.ranks > 1 }

  func begin() {
    guard isStale else { return }
    isStale = false
    for unit in gathers.indices {
      gathers[unit] = exchange.allGather(parameters.part(rooms.ranges[unit]))
    }
  }

  func parameters(of unit: Int, _ pass: Pass) throws(Fault) -> Memory {
    try gathers[unit]?.wait()
    gathers[unit] = nil
    return parameters.part(rooms.ranges[unit]).part(0, rooms.counts[unit])
  }

  func gradients(of unit: Int) -> Memory {
    gradients.part(rooms.ranges[unit]).part(0, rooms.counts[unit])
  }

  func finish(_ unit: Int) {
    guard isLast, exchange.ranks > 1 else { return }
    sums.append(exchange.reduceScatter(gradients.part(rooms.ranges[unit])))
  }

  func end() throws(Fault) {
    for sum in sums { try sum.wait() }
    sums = []
    for unit in gathers.indices {
      try gathers[unit]?.wait()
      gathers[unit] = nil
    }
  }
}
