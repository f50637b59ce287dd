import Compute
import Ground
import Llama
import Ranks

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

  func ownParameters(of unit: Int) -> View<Float> { own(parameters, unit) }

  func ownGradients(of unit: Int) -> View<Float> { own(gradients, unit) }

  private func own(_ values: View<Float>, _ unit: Int) -> View<Float> {
    values.part(ranges[unit]).part(group.share(of: ranges[unit].count))
  }

  var allGradients: [View<Float>] { [gradients] }

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
