import Glibc
import Ground

/// Where rank 0 waits for the others and tells all where each listens.
struct Rendezvous {
  let environment: LaunchEnvironment
  let secret: [UInt8]
  let limits: RankLimits

  /// What a rank knows afterwards.
  struct Outcome {
    /// Where this rank is reached; its listener stays open for the run.
    var listener: Socket
    /// Where each rank listens, as this rank reaches it.
    var table: [Address]
    /// The connections that the meeting leaves: all others at rank 0, that to rank 0 at the others.
    var connections: [Int: Socket]
  }

  private var ranks: Int { environment.ranks }
  private var place: String { "\(environment.address):\(environment.port)" }

  /// - Throws: `Fault` that names the ranks that did not come in time.
  func meet() throws(Fault) -> Outcome {
    environment.rank == 0 ? try receive() : try visit()
  }

  /// True where all ranks are on this machine by the name they were given: then nobody outside needs
  /// to reach them.
  private var isLocal: Bool {
    let host = environment.address
    return host == "localhost" || host == "::1" || host.hasPrefix("127.")
  }

  private func listen(family: UInt8, port: UInt16) throws(Fault) -> Socket {
    var address = Address.anywhere(family: family)
    if isLocal {
      address = .loopback(port: 0)
      if family == 6 {
        address = Address(family: 6, bytes: Array(repeating: 0, count: 15) + [1], port: 0)
      }
    }
    address.port = port
    return try Socket.listening(at: address)
  }

  // MARK: Rank 0

  private func receive() throws(Fault) -> Outcome {
    let listener: Socket
    if let inherited = environment.listener {
      guard fcntl(inherited, F_SETFD, FD_CLOEXEC) == 0 else {
        throw Fault("rank 0", at: 0, .unusable("QUIPU_LISTENER is \(inherited), no open socket"))
      }
      listener = Socket(inherited)
    } else {
      let first = try Address.resolve(environment.address, port: environment.port).first
      do throws(Fault) {
        listener = try listen(family: first?.family ?? 4, port: environment.port)
      } catch {
        throw Fault("rank 0", at: 0, .unusable("it cannot listen at \(place): \(error.cause)"))
      }
    }
    var doorman = Doorman(listener: listener, ranks: ranks, secret: secret)
    var joined: [Int: (socket: Socket, address: Address)] = [:]
    let deadline = Deadline(in: limits.join)
    while joined.count < ranks - 1 {
      if deadline.isOver { throw latecomers(joined.mapValues(\.socket), doorman.refusals) }
      sleep(doorman.descriptors + joined.values.map(\.socket.descriptor), within: deadline)
      for (rank, visitor) in joined {
        // A rank says nothing while it waits: it has gone, perhaps to try again.
        if case .nothing = visitor.socket.read(upTo: 1) { continue }
        joined[rank] = nil
      }
      for (hello, socket) in doorman.step() {
        guard hello.kind == .join, hello.rank > 0, joined[hello.rank] == nil,
          var address = socket.peerAddress
        else {
          _ = socket.write(Answer.bytes(.isTaken)[...])
          continue
        }
        address.port = hello.port
        if socket.write(Answer.bytes(nil)[...]) == Answer.size {
          joined[hello.rank] = (socket, address)
        }
      }
    }
    var table = [Address.anywhere(family: 4)]
    for rank in 1..<ranks { table.append(joined[rank]?.address ?? table[0]) }
    let frame = Frame(kind: .table, content: table.flatMap(\.wire)).bytes
    let all = joined.mapValues(\.socket)
    for (rank, socket) in all {
      guard write(frame, to: socket, deadline: deadline.within(.seconds(10))) else {
        throw Fault("rank \(rank)", at: 0, .unusable("lost while the ranks met"))
      }
    }
    return Outcome(listener: listener, table: table, connections: all)
  }

  /// Tells those who came, and this rank, who did not.
  private func latecomers(_ joined: [Int: Socket], _ refusals: Int) -> Fault {
    let missing = (1..<ranks).filter { joined[$0] == nil }
    let shown = missing.prefix(16).map(String.init).joined(separator: ", ")
    let more = missing.count > 16 ? " and \(missing.count - 16) more" : ""
    let turned = refusals > 0 ? "; \(refusals) connections were turned away" : ""
    let fault = Fault(
      missing.count == 1 ? "rank \(shown)" : "ranks \(shown)\(more)", at: 0,
      .unusable(
        "of \(ranks) did not come to \(place) within \(limits.join / .seconds(1)) s\(turned)"))
    for socket in joined.values { _ = socket.write(Frame.abort(fault).bytes[...]) }
    return fault
  }

  private func sleep(_ descriptors: [CInt], within deadline: Deadline) {
    var entries = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    // A visitor that says nothing must be turned away in time.
    let left = deadline.within(.milliseconds(500)).milliseconds
    _ = unsafe poll(&entries, nfds_t(entries.count), left)
  }

  private func write(_ bytes: [UInt8], to socket: Socket, deadline: Deadline) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let count = socket.write(rest) else { return false }
      rest = rest.dropFirst(count)
      if !rest.isEmpty, !socket.wait(for: POLLOUT, deadline: deadline) { return false }
    }
    return true
  }

  // MARK: The others

  private func visit() throws(Fault) -> Outcome {
    let deadline = Deadline(in: limits.join)
    let (socket, master, listener) = try knock(until: deadline)
    // Rank 0 knows best who is missing, and says so at its own deadline.
    let patience = Deadline(in: limits.join + .seconds(10))
    var reader = FrameReader(limit: max(Address.size * ranks, Frame.textLimit))
    while true {
      guard socket.wait(for: POLLIN, deadline: patience) else {
        throw lost("it said nothing more while the ranks met")
      }
      switch socket.read(upTo: 1 << 16) {
      case .bytes(let bytes): reader.add(bytes[...])
      case .nothing: continue
      case .end, .failure: throw lost("it ended while the ranks met")
      }
      let frame: Frame?
      do { frame = try reader.next() } catch { throw lost("it does not speak as a rank") }
      guard let frame else { continue }
      if let fault = frame.fault(from: 0) { throw fault }
      guard frame.kind == .table, frame.content.count == Address.size * ranks else {
        throw lost("it does not speak as a rank")
      }
      var table: [Address] = []
      for rank in 0..<ranks {
        let start = rank * Address.size
        guard var address = Address(wire: frame.content[start..<start + Address.size]) else {
          throw lost("it knows no address of rank \(rank)")
        }
        // Beside rank 0, by its loopback: reached where rank 0 is reached.
        if address.isLoopback {
          let port = address.port
          address = master
          address.port = port
        }
        table.append(address)
      }
      table[0] = master
      return Outcome(listener: listener, table: table, connections: [0: socket])
    }
  }

  /// Knocks at rank 0's until it opens.
  private func knock(until deadline: Deadline) throws(Fault) -> (Socket, Address, Socket) {
    var trouble = "no answer"
    while !deadline.isOver {
      var addresses: [Address] = []
      do throws(Fault) {
        addresses = try Address.resolve(environment.address, port: environment.port)
      } catch { trouble = "\(error.cause)" }
      for address in addresses {
        let listener = try listen(family: address.family, port: 0)
        let hello = Hello(
          kind: .join, rank: environment.rank, ranks: ranks, port: listener.localAddress?.port ?? 0)
        let answer: Result<Socket, Refusal>
        do throws(Fault) {
          answer = try greet(
            address, as: hello, secret: secret, deadline: deadline.within(.seconds(5)))
        } catch {
          trouble = "\(error.cause)"
          continue
        }
        switch answer {
        case .success(let socket): return (socket, address, listener)
        case .failure(let refusal):
          throw Fault(
            "rank \(environment.rank)", at: 0,
            .unusable("rank 0 at \(place) turned it away: \(refusal)"))
        }
      }
      usleep(50_000)
    }
    throw Fault(
      "rank 0", at: 0,
      .unusable(
        "it was not to be had at \(place) within \(limits.join / .seconds(1)) s: \(trouble)"))
  }

  private func lost(_ how: String) -> Fault { Fault("rank 0", at: 0, .unusable("lost: \(how)")) }
}
