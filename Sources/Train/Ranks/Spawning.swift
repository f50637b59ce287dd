import Glibc
public import Ground
import Synchronization

/// Starts ranks as processes of this machine and waits for them.
///
/// Each gets torchrun's variables, a token that nobody else knows and an end at the same port, which
/// rank 0 inherits as an open socket. SIGTERM, SIGINT and SIGHUP are passed on. Where a rank fails,
/// the others may end by themselves for a while and are killed then. Where this process is killed,
/// the ranks notice and end.
///
/// - Parameters:
///   - ranks: How many.
///   - executable: The program; nil for this process's own.
///   - arguments: Without the program's name.
///   - environment: Variables that the ranks get besides.
///   - grace: How long the others may go on after a failure.
///   - say: Is told which rank failed, as a sentence.
/// - Returns: The exit code of the rank that failed first, 128 + n for a signal n; 0 where none did.
/// - Throws: `Fault` where a process cannot be started.
public func spawnRanks(
  _ ranks: Int, executable: String? = nil, arguments: [String], environment: [String: String],
  grace: Duration = .seconds(10), say: (String) -> Void = { _ in }
) throws(Fault) -> CInt {
  precondition(ranks > 0, "\(ranks) ranks; at least 1 is needed")
  let program: String
  if let executable { program = executable } else { program = try ownExecutable() }
  let listener = try Socket.listening(at: .loopback(port: 0))
  var variables = environment
  variables["WORLD_SIZE"] = "\(ranks)"
  variables["LOCAL_WORLD_SIZE"] = "\(ranks)"
  variables["MASTER_ADDR"] = "127.0.0.1"
  variables["MASTER_PORT"] = "\(listener.localAddress?.port ?? 0)"
  variables["QUIPU_JOB_TOKEN"] = freshToken()
  variables["QUIPU_LAUNCHER"] = "\(getpid())"
  // What another launcher left must not be believed.
  for name in ["QUIPU_PORT", "TORCHELASTIC_USE_AGENT_STORE", "TORCHELASTIC_RUN_ID"] {
    variables[name] = nil
  }
  let signals = PassedSignals()
  defer { signals.end() }
  var crew = Crew()
  for rank in 0..<ranks {
    variables["RANK"] = "\(rank)"
    variables["LOCAL_RANK"] = "\(rank)"
    variables["QUIPU_LISTENER"] = rank == 0 ? "\(listener.descriptor)" : nil
    do throws(Fault) {
      let process = try spawn(
        program, arguments, variables, keeping: rank == 0 ? listener.descriptor : nil)
      crew.running[rank] = process
    } catch {
      crew.signal(SIGKILL)
      while !crew.running.isEmpty { crew.collect(say) }
      throw error
    }
  }
  var end: Deadline?
  while true {
    crew.collect(say)
    if crew.running.isEmpty { return crew.code ?? 0 }
    for number in signals.taken() { crew.signal(number) }
    if crew.code != nil, end == nil { end = Deadline(in: grace) }
    if let end, end.isOver { crew.signal(SIGKILL) }
    usleep(10_000)
  }
}

/// The processes of a run.
private struct Crew {
  var running: [Int: pid_t] = [:]
  /// Of the rank that failed first.
  var code: CInt?

  func signal(_ number: CInt) { for process in running.values { kill(process, number) } }

  /// Notes who has ended.
  mutating func collect(_ say: (String) -> Void) {
    var failures: [(rank: Int, code: CInt)] = []
    for (rank, process) in running.sorted(by: { $0.key < $1.key }) {
      var status: CInt = 0
      guard unsafe waitpid(process, &status, WNOHANG) == process else { continue }
      running[rank] = nil
      let signal = status & 0x7f
      let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
      if code != 0 { failures.append((rank, code)) }
    }
    // Of several at once, one that was killed is the cause and those that ended by themselves follow.
    guard code == nil, let first = failures.first(where: { $0.code > 128 }) ?? failures.first
    else { return }
    code = first.code
    let how =
      first.code > 128
      ? "was ended by signal \(first.code - 128)" : "failed with code \(first.code)"
    say("rank \(first.rank) \(how)" + (running.isEmpty ? "" : "; waiting for the others to end"))
  }
}

/// Starts a program in a process group of its own, so that a terminal's Ctrl-C does not reach it
/// besides the signal that is passed on.
private func spawn(
  _ program: String, _ arguments: [String], _ variables: [String: String], keeping kept: CInt?
) throws(Fault) -> pid_t {
  var actions = unsafe posix_spawn_file_actions_t()
  unsafe posix_spawn_file_actions_init(&actions)
  defer { unsafe posix_spawn_file_actions_destroy(&actions) }
  unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
  // Onto itself: that takes the close-on-exec mark away.
  if let kept { unsafe posix_spawn_file_actions_adddup2(&actions, kept, kept) }
  var attributes = posix_spawnattr_t()
  unsafe posix_spawnattr_init(&attributes)
  defer { unsafe posix_spawnattr_destroy(&attributes) }
  var none = sigset_t()
  unsafe sigemptyset(&none)
  var all = sigset_t()
  unsafe sigfillset(&all)
  unsafe posix_spawnattr_setsigmask(&attributes, &none)
  unsafe posix_spawnattr_setsigdefault(&attributes, &all)
  unsafe posix_spawnattr_setpgroup(&attributes, 0)
  let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
  unsafe posix_spawnattr_setflags(&attributes, Int16(flags))
  var process: pid_t = 0
  let settings = variables.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  let code = unsafe withTexts([program] + arguments) { argv in
    unsafe withTexts(settings) { envp in
      unsafe posix_spawn(&process, program, &actions, &attributes, argv, envp)
    }
  }
  guard code == 0 else { throw Fault(program, at: 0, .system(call: "posix_spawn", code)) }
  return process
}

/// Hands texts to `body` as C has them: an array of pointers that ends with a null.
private func withTexts(
  _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> CInt
) -> CInt {
  let pointers = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
    capacity: texts.count + 1)
  for (index, text) in texts.enumerated() { unsafe pointers[index] = unsafe strdup(text) }
  unsafe pointers[texts.count] = nil
  defer {
    for index in texts.indices { unsafe free(pointers[index]) }
    unsafe pointers.deallocate()
  }
  return unsafe body(pointers)
}

private func ownExecutable() throws(Fault) -> String {
  var room = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
  let length = unsafe readlink("/proc/self/exe", &room, room.count - 1)
  guard length > 0 else { throw .system("readlink", "/proc/self/exe") }
  return String(decoding: room[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// 128 random bits of the system, in hexadecimal.
private func freshToken() -> String {
  var generator = SystemRandomNumberGenerator()
  let high: UInt64 = generator.next()
  return hexadecimal(high) + hexadecimal(generator.next() as UInt64)
}

/// How often each passed signal has come; a handler may do no more than count.
private let terminations = Atomic<Int>(0)
private let interruptions = Atomic<Int>(0)

/// Catches the signals that end a run, to pass them on; one at a time in a process.
private final class PassedSignals {
  private var seenTerminations = terminations.load(ordering: .relaxed)
  private var seenInterruptions = interruptions.load(ordering: .relaxed)
  private let before: [(CInt, __sighandler_t?)]

  init() {
    let terminate: __sighandler_t = { _ in terminations.wrappingAdd(1, ordering: .relaxed) }
    let interrupt: __sighandler_t = { _ in interruptions.wrappingAdd(1, ordering: .relaxed) }
    before = [
      (SIGTERM, signal(SIGTERM, terminate)), (SIGHUP, signal(SIGHUP, terminate)),
      (SIGINT, signal(SIGINT, interrupt)),
    ]
  }

  func end() { for (number, handler) in before { _ = signal(number, handler) } }

  /// The signals that came since the last call.
  func taken() -> [CInt] {
    let terminations = terminations.load(ordering: .relaxed)
    let interruptions = interruptions.load(ordering: .relaxed)
    defer {
      seenTerminations = terminations
      seenInterruptions = interruptions
    }
    return Array(repeating: SIGTERM, count: terminations - seenTerminations)
      + Array(repeating: SIGINT, count: interruptions - seenInterruptions)
  }
}
