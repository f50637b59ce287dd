import Compute
import Ground
import Llama
import Ranks

/// A share of parameters and gradients on every rank: ZeRO stage 3.
///
/// The parameters of a unit are gathered into one of two places while the pass computes with the
/// other; its gradients are summed in one of two places while those of the next are computed.
final class SharedKeeper: ShardKeeper, @unchecked Sendable {
  private struct Place {
    let values: View<Float>
    var unit: Int?
    var ticket: Ticket?
  }

  private let ranges: [Range<Int>]
  private let group: any Communicator<View<Float>>
  private let lane = Lane()
  private let parameters: [View<Float>]
  private let gradients: [View<Float>]
  private var gathered: [Place]
  private var summed: [Place]
  private var trains = false
  /// Adds on the lane's thread.
  private let alone = WorkerPool(threads: 1)

  init(_ units: ParameterUnits, group: any Communicator<View<Float>>) {
    ranges = units.ranges
    self.group = group
    func shares() -> [View<Float>] {
      units.ranges.map { Arena<Float>(count: group.share(of: $0.count).count).all }
    }
    let largest = units.ranges.map(\.count).max() ?? 0
    func places() -> [Place] {
      (0..<2).map { _ in Place(values: Arena<Float>(count: largest).all) }
    }
    (parameters, gradients) = (shares(), shares())
    (gathered, summed) = (places(), places())
  }

  func ownParameters(of unit: Int) -> View<Float> { parameters[unit] }

  func ownGradients(of unit: Int) -> View<Float> { gradients[unit] }

  var allGradients: [View<Float>] { gradients }

  func begin(trains: Bool, isLast: Bool) { self.trains = trains }

  func parameters(of unit: Int, _ pass: Pass) throws(Fault) -> View<Float> {
    let place = try gather(unit, sparing: nil)
    try gathered[place].ticket?.wait()
    gathered[place].ticket = nil
    if let next = next(after: unit, pass) { _ = try gather(next, sparing: place) }
    return gathered[place].values.part(0, ranges[unit].count)
  }

  private func next(after unit: Int, _ pass: Pass) -> Int? {
    let last = ranges.count - 1
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
    let values = gathered[place].values.part(0, ranges[unit].count)
    let (group, share) = (group, parameters[unit])
    gathered[place].unit = unit
    gathered[place].ticket = lane.start { () throws(Fault) in
      values.part(group.share(of: values.count)).copy(from: share)
      try group.allGather(values)
    }
    return place
  }

  func gradients(of unit: Int) throws(Fault) -> View<Float> {
    let count = ranges[unit].count
    if let place = summed.firstIndex(where: { $0.unit == unit && $0.ticket == nil }) {
      return summed[place].values.part(0, count)
    }
    // Units alternate: the place of the last but one is free once it is summed.
    let place = unit % 2
    try summed[place].ticket?.wait()
    summed[place].ticket = nil
    summed[place].unit = unit
    let values = summed[place].values.part(0, count)
    values.set(0)
    return values
  }

  func finish(_ unit: Int) throws(Fault) {
    let place = unit % 2
    precondition(summed[place].unit == unit, "unit \(unit) has no gradients to finish")
    let values = summed[place].values.part(0, ranges[unit].count)
    let (group, sum, alone) = (group, gradients[unit], alone)
    summed[place].unit = nil
    summed[place].ticket = lane.start { () throws(Fault) in
      try group.reduceScatter(values)
      add(values.part(group.share(of: values.count)), to: sum, workers: alone)
    }
  }

  func finishGradients() throws(Fault) {
    for place in summed.indices {
      try summed[place].ticket?.wait()
      summed[place].ticket = nil
    }
  }

  func spread() throws(Fault) {
    // What was gathered is old; the next pass gathers anew.
    for place in gathered.indices {
      try gathered[place].ticket?.wait()
      gathered[place].ticket = nil
      gathered[place].unit = nil
    }
  }

  func settle() throws(Fault) {
    try finishGradients()
    try spread()
  }
}
