public import Compute
public import Ground

/// A carrier whose exchanges and communicators note what the computation waits for, while the log of
/// its engine is on.
///
/// What goes on behind the computation is not noted, but what is left of it where its ticket is waited
/// for: communication that is exposed.
public struct ProfiledCarrier<Engine: TimedBackend>: Carrier {
  private let carrier: any Carrier<Engine.Memory>
  private let log: ProfileLog<Engine>

  public init(_ carrier: any Carrier<Engine.Memory>, _ log: ProfileLog<Engine>) {
    self.carrier = carrier
    self.log = log
  }

  public func communicator(
    _ members: any Communicator<View<Float>>
  ) throws(Fault) -> any Communicator<Engine.Memory> {
    ProfiledCommunicator(group: try carrier.communicator(members), log: log)
  }

  public func exchange(
    _ members: any Communicator<View<Float>>
  ) throws(Fault) -> any Exchange<Engine.Memory> {
    let exchange = try carrier.exchange(members)
    return exchange.ranks == 1 ? exchange : ProfiledExchange(exchange: exchange, log: log)
  }
}

/// An exchange whose tickets note how long the computation waits for them.
struct ProfiledExchange<Engine: TimedBackend>: Exchange {
  let exchange: any Exchange<Engine.Memory>
  let log: ProfileLog<Engine>

  var rank: Int { exchange.rank }
  var ranks: Int { exchange.ranks }

  func reduceScatter(_ values: Engine.Memory) -> Ticket {
    noted(exchange.reduceScatter(values), "reduce-scatter", values)
  }

  func reduceScatter(_ values: Engine.Memory, adding sum: Engine.Memory) -> Ticket {
    noted(exchange.reduceScatter(values, adding: sum), "reduce-scatter", values)
  }

  func allGather(_ values: Engine.Memory) -> Ticket {
    noted(exchange.allGather(values), "all-gather", values)
  }

  private func noted(_ ticket: Ticket, _ name: String, _ values: Engine.Memory) -> Ticket {
    let count = values.count
    return Ticket { [log] () throws(Fault) in
      try log.timed(.communication, "wait for \(name) \(count)") { () throws(Fault) in
        try ticket.wait()
      }
    }
  }
}

/// A communicator whose collectives are noted.
struct ProfiledCommunicator<Engine: TimedBackend>: Communicator {
  let group: any Communicator<Engine.Memory>
  let log: ProfileLog<Engine>

  var rank: Int { group.rank }
  var ranks: Int { group.ranks }

  private func noted<Result>(
    _ name: @autoclosure () -> String, _ body: () throws(Fault) -> Result
  ) throws(Fault) -> Result {
    try log.timed(.communication, name(), body)
  }

  func allReduce(_ values: Engine.Memory) throws(Fault) {
    try noted("all-reduce \(values.count)") { () throws(Fault) in try group.allReduce(values) }
  }

  func reduceScatter(_ values: Engine.Memory) throws(Fault) {
    try noted("reduce-scatter \(values.count)") { () throws(Fault) in
      try group.reduceScatter(values)
    }
  }

  func allGather(_ values: Engine.Memory) throws(Fault) {
    try noted("all-gather \(values.count)") { () throws(Fault) in try group.allGather(values) }
  }

  func broadcast(_ values: Engine.Memory, from root: Int) throws(Fault) {
    try noted("broadcast \(values.count)") { () throws(Fault) in
      try group.broadcast(values, from: root)
    }
  }

  func send(_ values: Engine.Memory, to rank: Int) throws(Fault) {
    try noted("send \(values.count)") { () throws(Fault) in try group.send(values, to: rank) }
  }

  func receive(_ values: Engine.Memory, from rank: Int) throws(Fault) {
    try noted("receive \(values.count)") { () throws(Fault) in
      try group.receive(values, from: rank)
    }
  }

  func sum(_ numbers: [Double]) throws(Fault) -> [Double] {
    try noted("sum of \(numbers.count)") { () throws(Fault) in try group.sum(numbers) }
  }

  func maximum(_ numbers: [Double]) throws(Fault) -> [Double] {
    try noted("maximum of \(numbers.count)") { () throws(Fault) in try group.maximum(numbers) }
  }

  func barrier() throws(Fault) { try noted("barrier") { () throws(Fault) in try group.barrier() } }

  func split(color: Int) throws(Fault) -> any Communicator<Engine.Memory> {
    ProfiledCommunicator(group: try group.split(color: color), log: log)
  }

  func abort(_ fault: Fault) { group.abort(fault) }

  var failure: Fault? { group.failure }
}
