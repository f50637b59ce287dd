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

  /// A message on its way: 16 bytes of header, then the values.
  @safe private struct Message {
    let transfer: Transfer
    let socket: Socket
    let expected: (UInt64, UInt64)
    var header: (UInt64, UInt64)
    var done = 0

    static let headerSize = 16

    var isDone: Bool { done == Self.headerSize + transfer.count }

    /// Moves what can be moved now; false where the connection is broken.
    mutating func step() -> Bool {
      let result = unsafe withUnsafeMutableBytes(of: &header) { header in
        let headerLeft = max(0, Self.headerSize - done)
        let begun = max(0, done - Self.headerSize)
        // Never all at once, so that the other messages go on as well.
        let length = min(transfer.count - begun, 1 << 20)
        var parts = unsafe (iovec(), iovec())
        unsafe parts.0.iov_base = header.baseAddress?.advanced(by: Self.headerSize - headerLeft)
        unsafe parts.0.iov_len = headerLeft
        unsafe parts.1.iov_base = transfer.bytes?.advanced(by: begun)
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
      done += result
      return true
    }
  }

  /// Moves messages until all are through, at most one each way with each member.
  ///
  /// Sends and receives at the same time, so that no two members wait for each other, however large
  /// the messages are.
  ///
  /// - Throws: `Fault` where a rank is lost or has failed, or does something else.
  func move(_ operation: Operation, _ transfers: [Transfer]) throws(Fault) {
    try mesh.check()
    var messages: [Message] = []
    messages.reserveCapacity(transfers.count)
    for transfer in transfers {
      guard let socket = sockets[transfer.peer] else {
        preconditionFailure("member \(transfer.peer) of \(members.count) has no connection")
      }
      let header = Self.header(operation, count: transfer.count)
      messages.append(
        Message(
          transfer: transfer, socket: socket, expected: header,
          header: transfer.isSend ? header : (0, 0)))
    }
    while true {
      var left = 0
      for index in messages.indices where !messages[index].isDone {
        try step(&messages[index])
        if !messages[index].isDone { left += 1 }
      }
      if left == 0 { return }
      var entries: [pollfd] = []
      for message in messages where !message.isDone {
        let events = Int16(message.transfer.isSend ? POLLOUT : POLLIN)
        entries.append(pollfd(fd: message.socket.descriptor, events: events, revents: 0))
      }
      _ = unsafe poll(&entries, nfds_t(entries.count), 1000)
      try mesh.check()
    }
  }

  private func step(_ message: inout Message) throws(Fault) {
    guard message.step() else {
      throw mesh.cause(members[message.transfer.peer], "the connection broke")
    }
    guard !message.transfer.isSend, message.done >= Message.headerSize,
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
