import Glibc
import Ground

/// What connects the processes of a run: who lives, who has failed, and who comes in.
///
/// A thread of its own listens to all others, sends them a beat now and then, and lets in the
/// connections of new groups. It does so while the rank computes, so that a lost rank is known at
/// once and silence means something.
final class Mesh: @unchecked Sendable {
  let rank: Int
  let ranks: Int
  private let table: [Address]
  private let secret: [UInt8]
  private let limits: RankLimits
  /// The process that started this one and without which it must not go on.
  private let launcher: CInt?
  private let listener: Socket  // held for the run
  /// The ends of a pipe that wakes the thread.
  private let wake: Socket
  private let waker: Socket

  private struct Peer {
    var socket: Socket
    var reader = FrameReader(limit: Frame.textLimit)
    var unsent: [UInt8] = []
    var heard = ContinuousClock.now
    /// It has done its part and went.
    var isGone = false
  }

  private struct Arrival: Hashable {
    var group: UInt64
    var rank: Int
  }

  // All below is read and written under `changed`.
  private let changed = Condition()
  private var peers: [Int: Peer] = [:]
  private var arrivals: [Arrival: Socket] = [:]
  private var inUse: [ObjectIdentifier: [Socket]] = [:]
  private var fault: Fault?
  private var isLeaving = false
  /// False for one that goes without a word.
  private var saysGoodBye = true

  init(
    _ environment: LaunchEnvironment, _ outcome: Rendezvous.Outcome, secret: [UInt8],
    limits: RankLimits
  ) throws(Fault) {
    rank = environment.rank
    ranks = environment.ranks
    launcher = environment.launcher
    table = outcome.table
    listener = outcome.listener
    self.secret = secret
    self.limits = limits
    (wake, waker) = try Socket.pipe()
    for (rank, socket) in outcome.connections { peers[rank] = Peer(socket: tuned(socket)) }
  }

  private func tuned(_ socket: Socket) -> Socket {
    socket.tune(silence: limits.silence)
    return socket
  }

  // MARK: Joining

  /// Connects to all ranks below this one, and waits for all above it.
  func connect() throws(Fault) {
    let deadline = Deadline(in: limits.join)
    if rank > 1 {
      for other in 1..<rank {
        let socket = try dial(other, as: .control, group: 0, deadline: deadline)
        changed.signal { peers[other] = Peer(socket: socket) }
        rouse()
      }
    }
    try wait(until: deadline, for: { self.peers.count == self.ranks - 1 }) {
      (0..<self.ranks).filter { $0 != self.rank && self.peers[$0] == nil }
    }
  }

  /// Connections to the other members of a group, in their order; nil for this rank itself.
  func links(group: UInt64, members: [Int]) throws(Fault) -> [Socket?] {
    let deadline = Deadline(in: limits.join)
    var sockets: [Int: Socket] = [:]
    for member in members where member < rank {
      sockets[member] = try dial(member, as: .data, group: group, deadline: deadline)
    }
    let awaited = members.filter { $0 > rank }
    func missing() -> [Int] {
      awaited.filter { self.arrivals[Arrival(group: group, rank: $0)] == nil }
    }
    try wait(until: deadline, for: { missing().isEmpty }, missing)
    changed.signal {
      for member in awaited {
        sockets[member] = arrivals.removeValue(forKey: Arrival(group: group, rank: member))
      }
    }
    return members.map { sockets[$0] }
  }

  private func dial(
    _ other: Int, as kind: Hello.Kind, group: UInt64, deadline: Deadline
  ) throws(Fault) -> Socket {
    let hello = Hello(kind: kind, rank: rank, ranks: ranks, group: group)
    let answer: Result<Socket, Refusal>
    do throws(Fault) {
      answer = try greet(table[other], as: hello, secret: secret, deadline: deadline)
    } catch { throw cause(other, "\(error.cause)") }
    switch answer {
    case .success(let socket): return tuned(socket)
    case .failure(let refusal):
      let fault = Fault("rank \(other)", at: 0, .unusable("it refused rank \(rank): \(refusal)"))
      abort(fault)
      throw fault
    }
  }

  private func wait(
    until deadline: Deadline, for isDone: () -> Bool, _ missing: () -> [Int]
  ) throws(Fault) {
    while true {
      let answer = changed.locked { () -> Result<Bool, Fault> in
        if let fault { return .failure(fault) }
        if isDone() { return .success(true) }
        guard deadline.isOver else { return .success(false) }
        let names = missing().prefix(16).map(String.init).joined(separator: ", ")
        return .failure(
          Fault(
            "ranks \(names)", at: 0,
            .unusable(
              "did not connect to rank \(rank) within \(limits.join / .seconds(1)) s")))
      }
      if case .failure(let fault) = answer { abort(fault) }
      if try answer.get() { return }
      usleep(500)
    }
  }

  // MARK: Faults

  /// Throws where the run has failed.
  func check() throws(Fault) {
    if let fault = changed.locked({ fault }) { throw fault }
  }

  /// What ended the run, if it has.
  var failure: Fault? { changed.locked { fault } }

  /// Ends the run with a fault, here and at all others, if it has not failed yet.
  func abort(_ fault: Fault) { changed.signal { fail(fault) } }

  /// Why values did not come from or get to a rank.
  ///
  /// The connection that broke knows least: the rank may have failed before and said so, or have
  /// been lost to another one. So the answer waits a little for better news.
  func cause(_ other: Int, _ trouble: String) -> Fault {
    let deadline = Deadline(in: .seconds(2))
    while true {
      let known = changed.signal { () -> Fault? in
        if fault == nil, peers[other]?.isGone == true {
          fail(
            Fault("rank \(other)", at: 0, .unusable("it has ended, and rank \(rank) waits for it")))
        } else if fault == nil, deadline.isOver {
          fail(Fault("rank \(other)", at: 0, .unusable("lost: \(trouble)")))
        }
        return fault
      }
      if let known { return known }
      usleep(2_000)
    }
  }

  /// Under `changed`.
  private func fail(_ fault: Fault) {
    guard self.fault == nil else { return }
    self.fault = fault
    for other in peers.keys { post(Frame.abort(fault), to: other) }
    for socket in inUse.values.joined() { socket.shutDown() }
    for socket in arrivals.values { socket.shutDown() }
  }

  /// Makes sockets fail with the run, until `release`.
  func use(_ sockets: [Socket], by user: AnyObject) {
    changed.signal {
      inUse[ObjectIdentifier(user)] = sockets
      if fault != nil { for socket in sockets { socket.shutDown() } }
    }
  }

  func release(_ user: ObjectIdentifier) { changed.signal { inUse[user] = nil } }

  /// Says good-bye to all; the thread ends once they have heard it, or after two seconds.
  func leave() {
    changed.signal {
      guard !isLeaving else { return }
      isLeaving = true
      for other in peers.keys { post(Frame(kind: .leave), to: other) }
    }
    rouse()
  }

  /// Ends the thread without a word.
  func vanish(closing: Bool) {
    changed.signal {
      isLeaving = true
      saysGoodBye = false
      guard closing else { return }
      for peer in peers.values { peer.socket.shutDown() }
      for socket in inUse.values.joined() { socket.shutDown() }
    }
    rouse()
  }

  /// Writes what fits and keeps the rest; under `changed`.
  private func post(_ frame: Frame, to other: Int) {
    guard var peer = peers[other], !peer.isGone else { return }
    // A peer that takes nothing needs no more beats; it is lost soon if it stays so.
    if frame.kind != .beat || peer.unsent.isEmpty { peer.unsent += frame.bytes }
    peers[other] = peer
    flush(to: other)
  }

  /// Writes what fits of what is unsent; under `changed`.
  private func flush(to other: Int) {
    guard var peer = peers[other], !peer.isGone, !peer.unsent.isEmpty else { return }
    let written = peer.socket.write(peer.unsent[...]) ?? peer.unsent.count
    peer.unsent.removeFirst(written)
    peers[other] = peer
  }

  /// Wakes the thread.
  private func rouse() {
    var one: UInt8 = 1
    _ = unsafe write(waker.descriptor, &one, 1)
  }

  // MARK: The thread

  /// Serves until `leave`.
  func serve() {
    var doorman = Doorman(listener: listener, ranks: ranks, secret: secret)
    var nextBeat = ContinuousClock.now
    var lastLook = ContinuousClock.now
    while !changed.locked({ isLeaving }) {
      sleep(doorman.descriptors, until: nextBeat)
      let now = ContinuousClock.now
      // A process that was itself stopped has heard nobody, and that is nobody's fault.
      let wasStopped = now - lastLook > limits.silence / 2
      lastLook = now
      let welcome = doorman.step()
      changed.signal {
        for (hello, socket) in welcome { admit(hello, socket) }
        for other in peers.keys.sorted() { hear(other, pardon: wasStopped) }
        if now >= nextBeat {
          nextBeat = now + limits.beat
          for other in peers.keys { post(Frame(kind: .beat), to: other) }
        }
        if let launcher, getppid() != launcher {
          fail(
            Fault("rank \(rank)", at: 0, .unusable("the process that started the ranks is gone")))
        }
      }
    }
    if changed.locked({ saysGoodBye }) { waitUntilHeard() }
  }

  /// Goes on listening until every rank has answered the good-bye by closing its end.
  ///
  /// A connection that is closed while something in it is unread is reset, and the other end then
  /// loses what it has not read: the good-bye itself, or the fault before it.
  private func waitUntilHeard() {
    let deadline = Deadline(in: .seconds(2))
    while !deadline.isOver {
      let isHeard = changed.signal { () -> Bool in
        for other in peers.keys.sorted() {
          hear(other, pardon: true)
          flush(to: other)
        }
        return peers.values.allSatisfy(\.isGone)
      }
      if isHeard { return }
      sleep([], until: .now + .milliseconds(20))
    }
  }

  private func sleep(_ visitors: [CInt], until instant: ContinuousClock.Instant) {
    let living = changed.locked { peers.values.filter { !$0.isGone }.map(\.socket.descriptor) }
    var entries = (visitors + living + [wake.descriptor]).map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    let left = max(.zero, instant - .now) / .milliseconds(1)
    _ = unsafe poll(&entries, nfds_t(entries.count), CInt(left.rounded(.up)))
    wake.drain()
  }

  /// Answers a rank that has greeted well; under `changed`.
  private func admit(_ hello: Hello, _ socket: Socket) {
    let arrival = Arrival(group: hello.group, rank: hello.rank)
    let isNew =
      switch hello.kind {
      case .join: false
      case .control: hello.rank > rank && peers[hello.rank] == nil
      case .data: hello.rank > rank && arrivals[arrival] == nil
      }
    guard isNew else {
      _ = socket.write(Answer.bytes(.isTaken)[...])
      return
    }
    guard socket.write(Answer.bytes(nil)[...]) == Answer.size else { return }
    if hello.kind == .control {
      peers[hello.rank] = Peer(socket: tuned(socket))
    } else {
      arrivals[arrival] = tuned(socket)
      if fault != nil { socket.shutDown() }
    }
  }

  /// Takes in what a rank has said; under `changed`.
  private func hear(_ other: Int, pardon: Bool) {
    guard var peer = peers[other], !peer.isGone else { return }
    defer { peers[other] = peer }
    while !peer.isGone {
      switch peer.socket.read(upTo: 1 << 12) {
      case .bytes(let bytes):
        peer.heard = .now
        peer.reader.add(bytes[...])
        do {
          while let frame = try peer.reader.next() {
            if frame.kind == .leave {
              peer.isGone = true
              peer.socket.shutDown()  // tells it that it was heard
            }
            if let fault = frame.fault(from: other) { settle(fault, &peer, other) }
          }
        } catch { settle(lost(other, "it does not speak as a rank"), &peer, other) }
      case .nothing:
        if pardon { peer.heard = .now }
        if .now - peer.heard > limits.silence {
          let seconds = limits.silence / .seconds(1)
          settle(lost(other, "nothing was heard from it for \(seconds) s"), &peer, other)
        }
        return
      case .end, .failure:
        if isLeaving { return peer.isGone = true }
        settle(lost(other, "its connection is closed, so its process has ended"), &peer, other)
      }
    }
  }

  /// Fails with what is known of a peer, which is not listened to any longer.
  private func settle(_ fault: Fault, _ peer: inout Peer, _ other: Int) {
    peer.isGone = true
    peer.socket.shutDown()
    peers[other] = peer
    fail(fault)
  }

  private func lost(_ other: Int, _ how: String) -> Fault {
    Fault("rank \(other)", at: 0, .unusable("lost: \(how)"))
  }
}
