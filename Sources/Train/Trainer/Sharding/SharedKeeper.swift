import Compute
import Ground
import Llama
import Ranks

/// A share of parameters and gradients on every rank: ZeRO stage 3.
///
/// The parameters of a unit are gathered into one of two places while the pass computes with the
/// other; its gradients are summed in one of two places while those of the next are computed.
final class SharedKeeper<Engine: TrainingBackend>: ShardKeeper, @unchecked Sendable {
  typealias Memory = Engine.Memory

  private struct Place {
    let values: Memory
    var unit: Int?
    var ticket: Ticket?
  }

  private let rooms: UnitRooms
  private let engine: Engine
  private let exchange: any Exchange<Memory>
  private let parameters: Memory
  private let gradients: Memory
  private var gathered: [Place]
  private var summed: [Place]
  private var trains = false

  init(_ units: ParameterUnits, on engine: Engine, _ exchange: any Exchange<Memory>) {
    rooms = UnitRooms(units, ranks: exchange.ranks)
    self.engine = engine
    self.exchange = exchange
    parameters = engine.allocate(rooms.shareCount)
    gradients = engine.allocateWide(rooms.shareCount)
    let largest = rooms.largest
    gathered = (0..<2).map { _ in Place(values: engine.allocate(largest)) }
    summed = (0..<2).map { _ in Place(values: engine.allocateWide(largest)) }
  }

  func ownParameters(of unit: Int) -> Memory { parameters.part(rooms.place(ofShare: unit)) }

  func ownGradients(of unit: Int) -> Memory { gradients.part(rooms.place(ofShare: unit)) }

  var allGradients: Memory { gradients }

  var kind: Int { trains ? 1 : 0 }

  func prepare(trains: Bool, isLast: Bool) { self.trains = trains }

  // Every pass gathers anew: no unit is left over from the one before.
  func spread() {}

  func begin() {}

  func parameters(of unit: Int, _ pass: Pass) throws(Fault) -> Memory {
    let place = try gather(unit, sparing: nil)
    try gathered[place].ticket?.wait()
    gathered[place].ticket = nil
    if let next = next(after: unit, pass) { _ = try gather(next, sparing: place) }
    return gathered[place].values.part(0, rooms.counts[unit])
  }

  private func next(after unit: Int, _ pass: Pass) -> Int? {
    let last = rooms.ranges.count - 1
    switch pass {
    case .forward: return unit < last ? unit + 1 : trains ? last - 1 : nil
    case .backward: return unit > 1 ? unit - 1 : nil  // the embedding's are not looked at
    }
  }

  /// Where a unit is, or soon will be: not in the place that is in use.
  private func gather(_ unit: Int, sparing used: Int?) throws(Fault) -> Int {
    if let place = gathered.firstIndex(where: { $0.unit == unit }) { return place }
    let place = used.map { 1 - $0 } ?? (gathered[0].ticket == nil ? 0 : 1)
    try gathered[place].ticket?.wait()
    let values = gathered[place].values.part(0, rooms.ranges[unit].count)
    engine.copy(ownParameters(of: unit), to: values.part(share(of: unit)))
    gathered[place].unit = unit
    gathered[place].ticket = exchange.allGather(values)
    return place
  }

  private func share(of unit: Int) -> Range<Int> { rooms.share(of: unit, rank: exchange.rank) }

  func gradients(of unit: Int) throws(Fault) -> Memory {
    if let place = summed.firstIndex(where: { $0.unit == unit && $0.ticket == nil }) {
      return summed[place].values.part(0, rooms.counts[unit])
    }
    // Units alternate: the place of the last but one is free once it is summed.
    let place = unit % 2
    try summed[place].ticket?.wait()
    summed[place].ticket = nil
    summed[place].unit = unit
    let values = summed[place].values.part(0, rooms.ranges[unit].count)
    engine.zero(values)
    return values.part(0, rooms.counts[unit])
  }

  func finish(_ unit: Int) throws(Fault) {
    let place = unit % 2
    precondition(summed[place].unit == unit, "unit \(unit) has no gradients to finish")
    summed[place].unit = nil
    summed[place].ticket = exchange.reduceScatter(
      summed[place].values.part(0, rooms.ranges[unit].count), adding: ownGradients(of: unit))
  }

  func end() throws(Fault) {
    for place in 0..<2 {
      try summed[place].ticket?.wait()
      summed[place].ticket = nil
      try gathered[place].ticket?.wait()
      gathered[place].ticket = nil
      gathered[place].unit = nil
    }
  }
}
