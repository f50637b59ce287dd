import Glibc
import Ground

/// A TCP socket that never blocks, closed with its last reference.
final class Socket: Sendable {
  let descriptor: CInt

  init(_ descriptor: CInt) { self.descriptor = descriptor }

  deinit { close(descriptor) }

  private static func make(_ family: CInt) throws(Fault) -> Socket {
    let flags = SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue
    let descriptor = socket(family, CInt(flags), 0)
    guard descriptor >= 0 else { throw .system("socket", "rank connections") }
    return Socket(descriptor)
  }

  /// A socket that listens; port 0 takes a free one.
  static func listening(at address: Address) throws(Fault) -> Socket {
    let socket = try make(address.socketFamily)
    socket.set(SOL_SOCKET, SO_REUSEADDR, 1)
    if address.family == 6 { socket.set(CInt(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
    var storage = address.storage
    let bound = unsafe withUnsafePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(socket.descriptor, $0, address.storageSize)
      }
    }
    guard bound == 0, listen(socket.descriptor, 1024) == 0 else {
      throw .system("listening at port \(address.port)", "rank connections")
    }
    return socket
  }

  /// A connection to a listening socket.
  ///
  /// - Throws: `Fault` where none stands at the deadline.
  static func connected(to address: Address, deadline: Deadline) throws(Fault) -> Socket {
    let socket = try make(address.socketFamily)
    var storage = address.storage
    let result = unsafe withUnsafePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(socket.descriptor, $0, address.storageSize)
      }
    }
    if result != 0 {
      guard errno == EINPROGRESS else { throw .system("connect", "rank connections") }
      guard socket.wait(for: POLLOUT, deadline: deadline) else {
        throw Fault("rank connections", at: 0, .system(call: "connect", ETIMEDOUT))
      }
      var code: CInt = 0
      var length = socklen_t(MemoryLayout<CInt>.size)
      unsafe getsockopt(socket.descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
      guard code == 0 else {
        throw Fault("rank connections", at: 0, .system(call: "connect", code))
      }
    }
    // A port of one's own that connects to itself is not the rank that is not there yet.
    guard socket.localAddress != socket.peerAddress else {
      throw Fault("rank connections", at: 0, .system(call: "connect", ECONNREFUSED))
    }
    return socket
  }

  /// The next connection that waits at a listening socket; nil where none does.
  func accept() -> Socket? {
    let descriptor = Glibc.accept(descriptor, nil, nil)
    guard descriptor >= 0 else { return nil }
    Self.mark(descriptor)
    return Socket(descriptor)
  }

  /// Makes a descriptor one that never blocks and that other programs do not inherit.
  private static func mark(_ descriptor: CInt) {
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
  }

  /// The ends of a pipe: to read from and to write to.
  static func pipe() throws(Fault) -> (Socket, Socket) {
    var ends: [CInt] = [-1, -1]
    guard unsafe Glibc.pipe(&ends) == 0 else { throw .system("pipe", "rank connections") }
    for end in ends { mark(end) }
    return (Socket(ends[0]), Socket(ends[1]))
  }

  private func set(_ level: CInt, _ name: CInt, _ value: CInt) {
    var value = value
    unsafe setsockopt(descriptor, level, name, &value, socklen_t(MemoryLayout<CInt>.size))
  }

  /// Sends small messages at once and gives up on a peer that acknowledges nothing for so long.
  func tune(silence: Duration) {
    set(CInt(IPPROTO_TCP), TCP_NODELAY, 1)
    set(CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, CInt(clamping: Int(silence / .milliseconds(1))))
  }

  /// Wakes whoever waits for this socket; everything later fails.
  func shutDown() { shutdown(descriptor, CInt(SHUT_RDWR)) }

  var localAddress: Address? { unsafe address(getsockname) }
  var peerAddress: Address? { unsafe address(getpeername) }

  private func address(
    _ ask: (CInt, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> CInt
  ) -> Address? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe ask(descriptor, $0, &length)
      }
    }
    return result == 0 ? Address(storage) : nil
  }

  /// Waits until something may be read or written; false at the deadline.
  func wait(for events: CInt, deadline: Deadline) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
    while true {
      let result = unsafe poll(&entry, 1, deadline.milliseconds)
      if result > 0 { return true }
      if result == 0 || errno != EINTR { return false }
    }
  }

  /// What a read brought.
  enum Reading {
    case bytes([UInt8])
    /// Nothing yet.
    case nothing
    case end
    /// The `errno`.
    case failure(CInt)
  }

  /// Reads up to so many bytes of what is here.
  func read(upTo count: Int) -> Reading {
    var failure: CInt = 0
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { room, filled in
      let result = unsafe recv(descriptor, room.baseAddress, count, 0)
      if result < 0 { failure = errno }
      filled = max(result, 0)
    }
    if failure == EAGAIN || failure == EINTR { return .nothing }
    if failure != 0 { return .failure(failure) }
    return bytes.isEmpty ? .end : .bytes(bytes)
  }

  /// Reads exactly so many bytes; nil where they do not come before the end or the deadline.
  func read(exactly count: Int, deadline: Deadline) -> [UInt8]? {
    var all: [UInt8] = []
    while all.count < count {
      guard wait(for: POLLIN, deadline: deadline) else { return nil }
      switch read(upTo: count - all.count) {
      case .bytes(let bytes): all += bytes
      case .nothing: continue
      case .end, .failure: return nil
      }
    }
    return all
  }

  /// Takes what is in a pipe, so that it is quiet again.
  func drain() {
    var bytes: UInt64 = 0
    while unsafe Glibc.read(descriptor, &bytes, 8) > 0 {}
  }

  /// Writes what fits now and gives how much that was; nil where the connection is broken.
  func write(_ bytes: ArraySlice<UInt8>) -> Int? {
    let result = unsafe bytes.withUnsafeBytes {
      unsafe send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
    }
    if result >= 0 { return result }
    return errno == EAGAIN || errno == EINTR ? 0 : nil
  }
}

/// A point in time after which waiting ends.
struct Deadline: Sendable {
  let instant: ContinuousClock.Instant

  init(in duration: Duration) { instant = .now + duration }

  var isOver: Bool { ContinuousClock.now >= instant }

  /// What is left, for `poll`; at least 0.
  var milliseconds: CInt {
    let left = (instant - .now) / .milliseconds(1)
    return CInt(max(0, min(left.rounded(.up), 1e9)))
  }

  /// The earlier of this and one so far from now.
  func within(_ duration: Duration) -> Deadline {
    let other = Deadline(in: duration)
    return other.instant < instant ? other : self
  }
}
