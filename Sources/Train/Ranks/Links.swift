import Glibc
import Ground

/// What is done with values, as each message says it, so that ranks that do different things are told.
enum Operation: UInt32 {
  case reduce = 1
  case gather = 2
  case broadcast = 3
  case send = 4
  case numbers = 5
}

/// Bytes that go to or come from one member of a group.
@safe struct Transfer {
  let peer: Int
  let isSend: Bool
  let bytes: UnsafeMutableRawPointer?
  let count: Int

  init(_ bytes: UnsafeMutableRawBufferPointer, to peer: Int) {
    self.peer = peer
    isSend = true
    unsafe self.bytes = bytes.baseAddress
    count = bytes.count
  }

  init(_ bytes: UnsafeMutableRawBufferPointer, from peer: Int) {
    self.peer = peer
    isSend = false
    unsafe self.bytes = bytes.baseAddress
    count = bytes.count
  }
}

/// The connections of one group, driven by the thread that communicates.
///
/// Every group has connections of its own, so groups cannot mix their messages and values are
/// received where they belong, without a thread or a copy between.
final class Links: Sendable {
  let place: Int
  let members: [Int]
  let group: UInt64
  let mesh: Mesh
  private let sockets: [Socket?]

  /// Connects the members of a group, which is a number that all know it by.
  ///
  /// - Throws: `Fault` where a member is lost or does not come.
  init(mesh: Mesh, group: UInt64, members: [Int]) throws(Fault) {
    self.mesh = mesh
    self.group = group
    self.members = members
    place = members.firstIndex(of: mesh.rank) ?? 0
    sockets = try mesh.links(group: group, members: members)
    mesh.use(sockets.compactMap { $0 }, by: self)
  }

  deinit { mesh.release(ObjectIdentifier(self)) }

  /// A message on its way: 16 bytes of header, then the values, in one piece or window by window.
  @safe private struct Message {
    var transfer: Transfer
    let socket: Socket
    let expected: (UInt64, UInt64)
    var header: (UInt64, UInt64)
    var headerDone = 0
    /// Of the present window.
    var done = 0

    static let headerSize = 16

    var isDone: Bool { headerDone == Self.headerSize && done == transfer.count }

    mutating func go(on window: Transfer) {
      transfer = window
      done = 0
    }

    /// Moves what can be moved now; false where the connection is broken.
    mutating func step() -> Bool {
      let headerLeft = Self.headerSize - headerDone
      // Never all at once, so that the other messages go on as well.
      let length = min(transfer.count - done, 1 << 20)
      let result = unsafe withUnsafeMutableBytes(of: &header) { header in
        var parts = unsafe (iovec(), iovec())
        unsafe parts.0.iov_base = header.baseAddress?.advanced(by: headerDone)
        unsafe parts.0.iov_len = headerLeft
        unsafe parts.1.iov_base = transfer.bytes?.advanced(by: done)
        unsafe parts.1.iov_len = length
        return unsafe withUnsafeMutableBytes(of: &parts) { parts in
          var message = unsafe msghdr()
          unsafe message.msg_iov = parts.bindMemory(to: iovec.self).baseAddress
          unsafe message.msg_iovlen = 2
          return transfer.isSend
            ? unsafe sendmsg(socket.descriptor, &message, CInt(MSG_NOSIGNAL))
            : unsafe recvmsg(socket.descriptor, &message, 0)
        }
      }
      if result < 0 { return errno == EAGAIN || errno == EINTR }
      if result == 0 { return isDone }
      headerDone += min(result, headerLeft)
      done += max(0, result - headerLeft)
      return true
    }
  }

  /// Moves messages until all are through, at most one each way with each member.
  ///
  /// Sends and receives at the same time, so that no two members wait for each other, however large
  /// the messages are.
  ///
  /// - Throws: `Fault` where a rank is lost or has failed, or does something else.
  func move(
    _ operation: Operation, sends: [Transfer] = [], receives: [Transfer] = []
  ) throws(Fault) {
    try move(
      operation, sends: sends, size: { $0.count }, rounds: 1, windows: { _ in receives },
      use: { _ in })
  }

  /// Moves messages of which those received come window by window: once a round's windows are filled,
  /// `use` has them, while what is sent goes on its way.
  ///
  /// `size` is how many bytes come in all from where a window of the first round does; `windows` says
  /// where those of a round go, from the same members in every round.
  ///
  /// - Throws: `Fault` where a rank is lost or has failed, or does something else.
  func move(
    _ operation: Operation, sends: [Transfer], size: (Transfer) -> Int, rounds: Int,
    windows: (Int) -> [Transfer], use: (Int) -> Void
  ) throws(Fault) {
    try mesh.check()
    var sending = sends.map { message(operation, $0, size: $0.count) }
    var receiving = windows(0).map { message(operation, $0, size: size($0)) }
    var round = 0
    while true {
      var isReceived = true
      for index in receiving.indices where !receiving[index].isDone {
        try step(&receiving[index])
        isReceived = isReceived && receiving[index].isDone
      }
      var isSent = true
      for index in sending.indices where !sending[index].isDone {
        try step(&sending[index])
        isSent = isSent && sending[index].isDone
      }
      if isReceived && round < rounds {
        use(round)
        round += 1
        if round < rounds {
          for (index, window) in windows(round).enumerated() { receiving[index].go(on: window) }
          continue
        }
      }
      if isSent && round == rounds { return }
      var entries: [pollfd] = []
      for message in receiving + sending where !message.isDone {
        let events = Int16(message.transfer.isSend ? POLLOUT : POLLIN)
        entries.append(pollfd(fd: message.socket.descriptor, events: events, revents: 0))
      }
      _ = unsafe poll(&entries, nfds_t(entries.count), 1000)
      try mesh.check()
    }
  }

  private func message(_ operation: Operation, _ transfer: Transfer, size: Int) -> Message {
    guard let socket = sockets[transfer.peer] else {
      preconditionFailure("member \(transfer.peer) of \(members.count) has no connection")
    }
    let header = Self.header(operation, count: size)
    return Message(
      transfer: transfer, socket: socket, expected: header,
      header: transfer.isSend ? header : (0, 0))
  }

  private func step(_ message: inout Message) throws(Fault) {
    let wasGreeted = message.headerDone == Message.headerSize
    guard message.step() else {
      throw mesh.cause(members[message.transfer.peer], "the connection broke")
    }
    guard !message.transfer.isSend, !wasGreeted, message.headerDone == Message.headerSize,
      message.header != message.expected
    else { return }
    let rank = members[message.transfer.peer]
    let fault = Fault(
      "rank \(rank)", at: 0,
      .unusable(
        "its \(Self.name(message.header)) meets the \(Self.name(message.expected)) of rank "
          + "\(mesh.rank): the ranks do different things"))
    mesh.abort(fault)
    throw fault
  }

  private static let mark: UInt64 = 0x5155_4950  // QUIP

  private static func header(_ operation: Operation, count: Int) -> (UInt64, UInt64) {
    ((mark << 32 | UInt64(operation.rawValue)).littleEndian, UInt64(count).littleEndian)
  }

  private static func name(_ header: (UInt64, UInt64)) -> String {
    let first = UInt64(littleEndian: header.0)
    guard first >> 32 == mark, let operation = Operation(rawValue: UInt32(first & 0xffff_ffff))
    else { return "nonsense" }
    return "\(operation) of \(UInt64(littleEndian: header.1)) bytes"
  }
}
