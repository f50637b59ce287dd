import Glibc
public import Ground

/// Which rank this process is, and where the ranks meet, as a launcher's variables say it.
public struct LaunchEnvironment: Equatable, Sendable {
  /// From 0.
  public var rank: Int
  public var ranks: Int
  /// The rank among those of this machine, from 0.
  public var localRank: Int
  /// How many ranks this machine has, where the launcher says so.
  public var localRanks: Int?
  /// Rank 0's host name or address.
  public var address: String
  /// Where rank 0 listens.
  public var port: UInt16
  /// What ranks of this job know and others do not.
  public var token: String
  /// A listening socket that rank 0 inherits instead of opening one.
  var listener: CInt?
  /// The launcher that must live.
  var launcher: CInt?

  /// True where `spawnRanks` started this process.
  public var isSpawned: Bool { launcher != nil }

  /// The most ranks that a run may have.
  static let mostRanks = 1 << 16

  /// One rank's view of a run; `listener` is a socket that rank 0 listens at already, with `port`, and
  /// that is closed with the run.
  public init(
    rank: Int, ranks: Int, localRank: Int, address: String, port: UInt16, token: String,
    listener: CInt? = nil
  ) {
    precondition(ranks > 0 && rank >= 0 && rank < ranks, "rank \(rank) of \(ranks)")
    self.rank = rank
    self.ranks = ranks
    self.localRank = localRank
    self.address = address
    self.port = port
    self.token = token
    self.listener = listener
  }

  /// For ranks of this machine that are started by hand, such as tests' threads: a free port of the
  /// loopback, which rank 0 has opened already.
  public static func local(ranks: Int, token: String) throws(Fault) -> [LaunchEnvironment] {
    let socket = try Socket.listening(at: .loopback(port: 0))
    let port = socket.localAddress?.port ?? 0
    let listener = dup(socket.descriptor)
    guard listener >= 0 else { throw .system("dup", "rank 0") }
    return (0..<ranks).map {
      LaunchEnvironment(
        rank: $0, ranks: ranks, localRank: $0, address: "127.0.0.1", port: port, token: token,
        listener: $0 == 0 ? listener : nil)
    }
  }

  /// Reads torchrun's variables, else Slurm's, else Open MPI's; nil where there are none.
  ///
  /// `QUIPU_JOB_TOKEN` adds to the job's token and `QUIPU_PORT` overrides the port.
  ///
  /// - Throws: `Fault` where they contradict each other or one is missing.
  /// - SeeAlso: docs.pytorch.org/docs/stable/elastic/run.html (environment variables),
  ///   slurm.schedmd.com/srun.html (output environment variables).
  public init?(_ variables: [String: String]) throws(Fault) {
    let reader = VariableReader(variables)
    if reader.has("RANK") || reader.has("WORLD_SIZE") {
      try self.init(torch: reader)
    } else if reader.has("SLURM_PROCID") {
      try self.init(slurm: reader)
    } else if reader.has("OMPI_COMM_WORLD_RANK") {
      try self.init(openMPI: reader)
    } else {
      return nil
    }
    if let port = try reader.port("QUIPU_PORT") { self.port = port }
    if let secret = variables["QUIPU_JOB_TOKEN"] { token += "/" + secret }
    try check()
  }

  private init(torch reader: VariableReader) throws(Fault) {
    rank = try reader.number("RANK")
    ranks = try reader.number("WORLD_SIZE")
    localRank = reader.has("LOCAL_RANK") ? try reader.number("LOCAL_RANK") : rank
    if reader.has("LOCAL_WORLD_SIZE") { localRanks = try reader.number("LOCAL_WORLD_SIZE") }
    address = try reader.text("MASTER_ADDR")
    guard var port = try reader.port("MASTER_PORT") else { throw reader.missing("MASTER_PORT") }
    // torchrun itself listens at the port that it names, unless it leaves that to rank 0.
    if reader["TORCHELASTIC_USE_AGENT_STORE"] == "True" {
      port = port == .max ? port - 1 : port + 1
    }
    self.port = port
    token = reader["TORCHELASTIC_RUN_ID"] ?? ""
    if reader.has("QUIPU_LISTENER"), rank == 0 {
      listener = CInt(clamping: try reader.number("QUIPU_LISTENER"))
    }
    if reader.has("QUIPU_LAUNCHER") {
      launcher = CInt(clamping: try reader.number("QUIPU_LAUNCHER"))
    }
  }

  private init(slurm reader: VariableReader) throws(Fault) {
    rank = try reader.number("SLURM_PROCID")
    // A step may have fewer tasks than its job.
    ranks = try reader.number(
      reader.has("SLURM_STEP_NUM_TASKS") ? "SLURM_STEP_NUM_TASKS" : "SLURM_NTASKS")
    localRank = reader.has("SLURM_LOCALID") ? try reader.number("SLURM_LOCALID") : 0
    // Such as `8`; where machines differ, Slurm writes `8(x2),4`.
    localRanks = (reader["SLURM_STEP_TASKS_PER_NODE"] ?? reader["SLURM_TASKS_PER_NODE"])
      .flatMap { $0.split(separator: "(").first.flatMap { Int($0) } }
    let hosts = reader["SLURM_STEP_NODELIST"] ?? reader["SLURM_JOB_NODELIST"]
    guard
      let address = reader["MASTER_ADDR"] ?? hosts.flatMap(firstHost)
        ?? reader["SLURM_LAUNCH_NODE_IPADDR"]
    else { throw reader.missing("SLURM_JOB_NODELIST") }
    self.address = address
    let job = try reader.number("SLURM_JOB_ID")
    // Jobs of one node get different ports, below those that systems give out (from 32768 on).
    port = try reader.port("MASTER_PORT") ?? UInt16(12_000 + job % 20_000)
    token = "slurm \(job) \(reader["SLURM_STEP_ID"] ?? "")"
  }

  private init(openMPI reader: VariableReader) throws(Fault) {
    rank = try reader.number("OMPI_COMM_WORLD_RANK")
    ranks = try reader.number("OMPI_COMM_WORLD_SIZE")
    localRank = try reader.number("OMPI_COMM_WORLD_LOCAL_RANK")
    let here =
      reader.has("OMPI_COMM_WORLD_LOCAL_SIZE")
      ? try reader.number("OMPI_COMM_WORLD_LOCAL_SIZE") : 0
    localRanks = here > 0 ? here : nil
    guard let address = reader["MASTER_ADDR"] ?? (here == ranks ? "127.0.0.1" : nil) else {
      throw reader.missing("MASTER_ADDR")
    }
    self.address = address
    guard let port = try reader.port("MASTER_PORT") else { throw reader.missing("MASTER_PORT") }
    self.port = port
    token = reader["PMIX_NAMESPACE"] ?? ""
  }

  private mutating func check() throws(Fault) {
    if let count = localRanks, count <= localRank { localRanks = nil }
    let wrong: String? =
      if ranks < 1 || ranks > Self.mostRanks {
        "they speak of \(ranks) ranks; 1 to \(Self.mostRanks) are possible"
      } else if rank >= ranks {
        "this is rank \(rank) of \(ranks), and ranks are counted from 0"
      } else if localRank > rank {
        "this is rank \(rank) of all and rank \(localRank) of its machine, which has fewer"
      } else {
        nil
      }
    if let wrong { throw Fault("launch variables", at: 0, .unusable(wrong)) }
  }
}

/// Reads variables and says what is wrong with them.
private struct VariableReader {
  let variables: [String: String]

  init(_ variables: [String: String]) { self.variables = variables }

  /// Nil also where it is empty.
  subscript(name: String) -> String? {
    guard let value = variables[name], !value.isEmpty else { return nil }
    return value
  }

  func has(_ name: String) -> Bool { self[name] != nil }

  func missing(_ name: String) -> Fault {
    let here = ["RANK", "WORLD_SIZE", "SLURM_PROCID", "OMPI_COMM_WORLD_RANK"].filter(has)
    return Fault(
      "launch variables", at: 0,
      .unusable("\(here.joined(separator: " and ")) is set, and \(name) is not"))
  }

  func text(_ name: String) throws(Fault) -> String {
    guard let value = self[name] else { throw missing(name) }
    return value
  }

  /// A whole number from 0.
  func number(_ name: String) throws(Fault) -> Int {
    let value = try text(name)
    guard let number = Int(value), number >= 0, number <= Int(CInt.max) else {
      throw Fault("launch variables", at: 0, .unusable("\(name) is \(value), not a whole number"))
    }
    return number
  }

  func port(_ name: String) throws(Fault) -> UInt16? {
    guard let value = self[name] else { return nil }
    guard let port = UInt16(value), port > 0 else {
      throw Fault(
        "launch variables", at: 0, .unusable("\(name) is \(value), not a port from 1 to 65535"))
    }
    return port
  }
}

/// The first host of a list such as `node[03-07,12]-ib,other`; nil where there is none.
private func firstHost(_ list: String) -> String? {
  var host = ""
  var isInside = false
  var isTaking = true
  for scalar in list.unicodeScalars {
    switch scalar {
    case "[": isInside = true
    case "]":
      isInside = false
      isTaking = true
    case "," where !isInside: return host.isEmpty ? nil : host
    case ",",
      "-" where isInside:
      isTaking = false
    default: if isTaking { host.unicodeScalars.append(scalar) }
    }
  }
  return host.isEmpty ? nil : host
}
