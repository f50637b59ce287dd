import Glibc
import Ground

/// Lets ranks of this job in at a listening socket, and nobody else.
///
/// Whoever connects must greet in time with the job's token: port scanners, ranks of other jobs and
/// half-open connections are turned away while the job goes on.
struct Doorman {
  let listener: Socket
  let ranks: Int
  let secret: [UInt8]
  /// Connections that were turned away.
  private(set) var refusals = 0
  private var visitors: [Visitor] = []

  private struct Visitor {
    var socket: Socket
    var greeting: [UInt8] = []
    var deadline = Deadline(in: Doorman.patience)
  }

  /// How long a greeting may take.
  static let patience = Duration.seconds(10)
  /// How many may be greeting at once; beyond that, the one that is here longest goes.
  static let crowd = 256

  init(listener: Socket, ranks: Int, secret: [UInt8]) {
    self.listener = listener
    self.ranks = ranks
    self.secret = secret
  }

  /// What to wait for.
  var descriptors: [CInt] { [listener.descriptor] + visitors.map(\.socket.descriptor) }

  /// Goes on with all visitors, without waiting; gives those who have greeted well.
  ///
  /// Each is still to be answered.
  mutating func step() -> [(hello: Hello, socket: Socket)] {
    while let socket = listener.accept() {
      visitors.append(Visitor(socket: socket))
      if visitors.count > Self.crowd { turnAway(0) }
    }
    if errno == EMFILE || errno == ENFILE { usleep(10_000) }
    var welcome: [(Hello, Socket)] = []
    var index = 0
    while index < visitors.count {
      let missing = Hello.size - visitors[index].greeting.count
      switch visitors[index].socket.read(upTo: missing) {
      case .bytes(let bytes): visitors[index].greeting += bytes
      case .nothing where !visitors[index].deadline.isOver: break
      case .nothing, .end, .failure:
        turnAway(index)
        continue
      }
      guard visitors[index].greeting.count == Hello.size else {
        index += 1
        continue
      }
      switch Hello.read(visitors[index].greeting, secret: secret) {
      case .success(let hello) where hello.ranks != ranks || hello.rank >= ranks:
        turnAway(index, because: .otherSize)
      case .success(let hello): welcome.append((hello, visitors.remove(at: index).socket))
      case .failure(let refusal): turnAway(index, because: refusal)
      case nil: turnAway(index)
      }
    }
    return welcome
  }

  private mutating func turnAway(_ index: Int, because refusal: Refusal? = nil) {
    let visitor = visitors.remove(at: index)
    refusals += 1
    if let refusal { _ = visitor.socket.write(Answer.bytes(refusal)[...]) }
  }
}

/// Opens a connection to another rank and greets; returns once it is let in or turned away.
///
/// - Throws: `Fault` where nobody answers, or something else than a rank.
func greet(
  _ address: Address, as hello: Hello, secret: [UInt8], deadline: Deadline
) throws(Fault) -> Result<Socket, Refusal> {
  let socket = try Socket.connected(to: address, deadline: deadline)
  // 72 bytes always fit into a fresh socket.
  guard socket.write(hello.bytes(secret: secret)[...]) == Hello.size,
    let bytes = socket.read(exactly: Answer.size, deadline: deadline),
    let answer = Answer.read(bytes)
  else {
    throw Fault("rank connections", at: 0, .unusable("what listens there is no rank of this run"))
  }
  return answer.map { socket }
}
