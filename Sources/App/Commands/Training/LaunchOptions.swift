import ArgumentParser
import Compute
import Foundation
import Ground
import Ranks

/// How a command gets its ranks: from a launcher's variables, or as processes that it starts.
struct LaunchOptions: ParsableArguments {
  @Option(
    help: """
      How many ranks to start, as processes of this machine; under torchrun, srun or mpirun, leave it.
      """)
  var nproc = 1

  @Option(help: "Seconds that ranks wait for each other to come.")
  var joinTimeout = 300

  @Option(help: "Seconds without a sign of life after which a rank counts as lost.")
  var silenceTimeout = 60

  func validate() throws {
    guard nproc > 0 else { throw ValidationError("--nproc is \(nproc); it must be at least 1.") }
    guard joinTimeout > 0, silenceTimeout > 0 else {
      throw ValidationError("A time-out is at least one second.")
    }
  }

  /// All ranks of a run that this process starts or is; nil where a launcher has started it.
  func ownRanks() throws(Fault) -> Int? { try environment() == nil ? nproc : nil }

  private func environment() throws(Fault) -> LaunchEnvironment? {
    try LaunchEnvironment(ProcessInfo.processInfo.environment)
  }

  /// Runs `body` as each rank; where this process only starts them, waits for them instead.
  ///
  /// - Parameters:
  ///   - jobs: Threads of this machine, shared by its ranks.
  ///   - body: Gets this rank's end, its threads, and its number on this machine.
  /// - Throws: `Fault` where the ranks do not meet; `ExitCode` with the code of the rank that failed
  ///   first.
  func run(jobs: Int, _ body: (Seat) throws -> Void) throws {
    guard let environment = try environment() else {
      if nproc == 1 { return try body(Seat(channel: Solo(), threads: jobs, localRank: 0)) }
      let code = try spawnRanks(
        nproc, arguments: Array(CommandLine.arguments.dropFirst()),
        environment: ProcessInfo.processInfo.environment
      ) { tellUser($0 + "\n") }
      if code != 0 { throw ExitCode(code) }
      return
    }
    guard nproc == 1 || environment.isSpawned else {
      throw Fault(
        "launch variables", at: 0,
        .unusable(
          "they say that this is rank \(environment.rank) of \(environment.ranks): leave --nproc away"
        ))
    }
    let threads = max(1, jobs / (environment.localRanks ?? 1))
    func seat(_ channel: any Communicator<View<Float>>) -> Seat {
      Seat(channel: channel, threads: threads, localRank: environment.localRank)
    }
    if environment.ranks == 1 { return try body(seat(Solo())) }
    let limits = RankLimits(join: .seconds(joinTimeout), silence: .seconds(silenceTimeout))
    let channel: SocketCommunicator<Float> =
      try SocketGroup(environment, limits: limits).communicator()
    do { try body(seat(channel)) } catch {
      // The others must know even where the failure is not one of communication.
      let fault =
        error as? Fault ?? Fault("rank \(environment.rank)", at: 0, .unusable("failed: \(error)"))
      channel.abort(fault)
      throw error
    }
  }
}
