/// A step of one rank along the clock: what it computes, and what it exchanges with the ranks that
/// have the same part of every layer meanwhile.
///
/// Two things go on at a time: the pass, and a lane of exchanges in the order in which they are begun
/// (`Lane`). Where the pass needs what the lane has not brought yet, it waits; while the lane is busy,
/// it computes with fewer multiprocessors.
package struct StepTimeline {
  /// Seconds of the pass by unit.
  let forward, backward: [Double]
  /// Seconds of the lane by unit: to gather parameters, to sum and scatter gradients.
  let gather, scatter: [Double]
  let parts: Int
  /// Share of the multiprocessors that the lane takes.
  let occupied: Double

  package init(
    forward: [Double], backward: [Double], gather: [Double], scatter: [Double], parts: Int,
    occupied: Double
  ) {
    self.forward = forward
    self.backward = backward
    self.gather = gather
    self.scatter = scatter
    self.parts = parts
    self.occupied = occupied
  }

  private var last: Int { forward.count - 1 }

  /// Seconds of ZeRO stage 1: new parameters come behind the first forward pass, gradients go behind
  /// the last backward pass.
  package var withWholeParameters: Double {
    var clocks = Clocks(occupied: occupied)
    let arrivals = gather.map { clocks.begin($0) }
    // Between the first part and the last, the lane has nothing to do.
    let simulated = min(parts, 2)
    for part in 0..<simulated {
      for unit in forward.indices {
        if part == 0 { clocks.wait(until: arrivals[unit]) }
        clocks.compute(forward[unit])
      }
      for unit in backward.indices.reversed() {
        clocks.compute(backward[unit])
        if part == simulated - 1 { _ = clocks.begin(scatter[unit]) }
      }
    }
    let between = forward.reduce(0, +) + backward.reduce(0, +)
    return max(clocks.pass, clocks.lane) + Double(parts - simulated) * between
  }

  /// Seconds of ZeRO stage 3: each unit is gathered while the one before it is computed with, forward
  /// and back; its gradients go while those of the unit before it are computed.
  package var withSharedParameters: Double {
    var walk = SharedWalk(gather: gather, scatter: scatter, occupied: occupied)
    // After a few parts, each takes as long as the one before.
    let simulated = min(parts, 4)
    var begin = 0.0
    for _ in 0..<simulated {
      begin = walk.clocks.pass
      for unit in forward.indices {
        walk.need(unit, then: unit < last ? unit + 1 : last - 1)
        if unit == last { walk.needGradients(of: unit) }
        walk.clocks.compute(forward[unit])
      }
      for unit in backward.indices.reversed() {
        // The embedding's parameters are not looked at on the way back.
        if unit > 0 { walk.need(unit, then: unit > 1 ? unit - 1 : nil) }
        walk.needGradients(of: unit)
        walk.clocks.compute(backward[unit])
        walk.finish(unit)
      }
    }
    return walk.end + Double(parts - simulated) * (walk.clocks.pass - begin)
  }
}

/// What time it is for the pass, and when the lane will have done all that it was given.
private struct Clocks {
  let occupied: Double
  private(set) var pass = 0.0
  private(set) var lane = 0.0

  init(occupied: Double) { self.occupied = occupied }

  /// Computes what takes so long alone.
  mutating func compute(_ seconds: Double) {
    let beside = max(0, lane - pass) * (1 - occupied)
    pass = seconds <= beside ? pass + seconds / (1 - occupied) : max(lane, pass) + seconds - beside
  }

  mutating func wait(until time: Double) { pass = max(pass, time) }

  /// Gives the lane an exchange; returns when it will be done.
  mutating func begin(_ seconds: Double) -> Double {
    lane = max(lane, pass) + seconds
    return lane
  }
}

/// Two places for gathered parameters and two for gradients, as `SharedKeeper` has them.
private struct SharedWalk {
  let gather, scatter: [Double]
  var clocks: Clocks
  private var gathered: [(unit: Int?, ready: Double, isOnItsWay: Bool)] = [
    (nil, 0, false), (nil, 0, false),
  ]
  private var summed: [Double] = [0, 0]

  init(gather: [Double], scatter: [Double], occupied: Double) {
    self.gather = gather
    self.scatter = scatter
    clocks = Clocks(occupied: occupied)
  }

  mutating func need(_ unit: Int, then next: Int?) {
    let place = bring(unit, sparing: nil)
    clocks.wait(until: gathered[place].ready)
    gathered[place].isOnItsWay = false
    if let next { _ = bring(next, sparing: place) }
  }

  private mutating func bring(_ unit: Int, sparing used: Int?) -> Int {
    if let place = gathered.firstIndex(where: { $0.unit == unit }) { return place }
    let place = used.map { 1 - $0 } ?? (gathered[0].isOnItsWay ? 1 : 0)
    clocks.wait(until: gathered[place].ready)
    gathered[place] = (unit, clocks.begin(gather[unit]), true)
    return place
  }

  mutating func needGradients(of unit: Int) { clocks.wait(until: summed[unit % 2]) }

  mutating func finish(_ unit: Int) { summed[unit % 2] = clocks.begin(scatter[unit]) }

  var end: Double { max(clocks.pass, summed[0], summed[1]) }
}
