import Compute
import Ground
import Llama
import Ranks

/// Keeps a rank's parameters and gradients, and talks to the ranks that have the same ones.
///
/// Each rank answers for its share of every unit: it alone updates it.
protocol ShardKeeper: ParameterKeeper<View<Float>> {
  /// The share of a unit's parameters that this rank answers for.
  func ownParameters(of unit: Int) -> View<Float>

  /// The sum of all ranks' gradients there, once `finishGradients` is done.
  func ownGradients(of unit: Int) -> View<Float>

  /// Sets all gradients to zero.
  func zeroGradients()

  /// Says what comes: a pass with gradients or without, the last of a step or not.
  func begin(trains: Bool, isLast: Bool)

  /// Waits until the shares of all ranks are summed.
  func finishGradients() throws(Fault)

  /// Tells the other ranks, behind their next pass, that this rank's shares are new.
  func spread() throws(Fault)

  /// Waits until nothing is on its way.
  func settle() throws(Fault)
}

/// All parameters and all gradients on every rank: ZeRO stage 1.
///
/// Gradients of a unit are summed while the pass goes on to the next; new parameters are gathered
/// while the next forward pass computes with those before them.
final class WholeKeeper: ShardKeeper, @unchecked Sendable {
  private let parameters: View<Float>
  private let gradients: View<Float>
  private let ranges: [Range<Int>]
  private let group: any Communicator<View<Float>>
  private let lane: Lane?
  private var isLast = false
  private var sums: [Ticket] = []
  private var gathers: [Ticket?]

  init(_ units: ParameterUnits, group: any Communicator<View<Float>>) {
    parameters = Arena<Float>(count: units.count).all
    gradients = Arena<Float>(count: units.count).all
    ranges = units.ranges
    self.group = group
    lane = group.ranks > 1 ? Lane() : nil
    gathers = Array(repeating: nil, count: ranges.count)
  }

  static func bytes(_ units: ParameterUnits) -> (parameters: Int, gradients: Int) {
    (4 * units.count, 4 * units.count)
  }

  func ownParameters(of unit: Int) -> View<Float> { own(parameters, unit) }

  func ownGradients(of unit: Int) -> View<Float> { own(gradients, unit) }

  private func own(_ values: View<Float>, _ unit: Int) -> View<Float> {
    values.part(ranges[unit]).part(group.share(of: ranges[unit].count))
  }

  func zeroGradients() { gradients.set(0) }

  func begin(trains: Bool, isLast: Bool) { self.isLast = isLast }

  func parameters(of unit: Int, _ pass: Pass) throws(Fault) -> View<Float> {
    try gathers[unit]?.wait()
    gathers[unit] = nil
    return parameters.part(ranges[unit])
  }

  func gradients(of unit: Int) -> View<Float> { gradients.part(ranges[unit]) }

  func finish(_ unit: Int) {
    guard isLast, let lane else { return }
    let (group, sum) = (group, gradients.part(ranges[unit]))
    sums.append(lane.start { () throws(Fault) in try group.reduceScatter(sum) })
  }

  func finishGradients() throws(Fault) {
    for sum in sums { try sum.wait() }
    sums = []
  }

  func spread() throws(Fault) {
    guard let lane else { return }
    for (unit, range) in ranges.enumerated() {
      let (group, values) = (group, parameters.part(range))
      gathers[unit] = lane.start { () throws(Fault) in try group.allGather(values) }
    }
  }

  func settle() throws(Fault) {
    try finishGradients()
    for unit in gathers.indices {
      try gathers[unit]?.wait()
      gathers[unit] = nil
    }
  }
}

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

  static func bytes(
    _ units: ParameterUnits, group: any Communicator<View<Float>>
  ) -> (parameters: Int, gradients: Int) {
    let shares = units.ranges.reduce(0) { $0 + group.share(of: $1.count).count }
    let largest = units.ranges.map(\.count).max() ?? 0
    return (4 * (shares + 2 * largest), 4 * (shares + 2 * largest))
  }

  func ownParameters(of unit: Int) -> View<Float> { parameters[unit] }

  func ownGradients(of unit: Int) -> View<Float> { gradients[unit] }

  func zeroGradients() { for share in gradients { share.set(0) } }

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
