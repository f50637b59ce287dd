import Glibc
import Ground
import Ranks
import Synchronization
import Testing

private let torch = [
  "RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "MASTER_ADDR": "node1",
  "MASTER_PORT": "29500",
]
private let slurm = [
  "SLURM_PROCID": "5", "SLURM_NTASKS": "16", "SLURM_LOCALID": "1", "SLURM_JOB_ID": "123456",
  "SLURM_JOB_NODELIST": "gpu[007-009,12]-ib,other", "SLURM_LAUNCH_NODE_IPADDR": "10.0.0.9",
]
private let openMPI = [
  "OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_LOCAL_RANK": "1",
  "OMPI_COMM_WORLD_LOCAL_SIZE": "2", "MASTER_PORT": "4000",
]

/// Variables that are changed, or taken away with nil.
private func changed(_ variables: [String: String], _ changes: [String: String?]) -> [String:
  String]
{
  variables.merging(changes.compactMapValues { $0 }) { $1 }.filter { changes[$0.key] != .some(nil) }
}

@Suite struct LaunchEnvironmentTests {
  @Test func withoutVariablesThereIsNone() throws {
    #expect(try LaunchEnvironment(["HOME": "/", "MASTER_ADDR": "x"]) == nil)
    #expect(try LaunchEnvironment(["RANK": "", "WORLD_SIZE": ""]) == nil)
  }

  @Test(
    arguments: [
      (torch, [:], "3/8 1 node1:29500 "),
      (torch, ["QUIPU_PORT": "7", "QUIPU_JOB_TOKEN": "x"], "3/8 1 node1:7 /x"),
      (
        torch, ["TORCHELASTIC_USE_AGENT_STORE": "True", "TORCHELASTIC_RUN_ID": "a"],
        "3/8 1 node1:29501 a"
      ),
      (torch, ["SLURM_PROCID": "0", "SLURM_NTASKS": "1"], "3/8 1 node1:29500 "),
      (slurm, [:], "5/16 1 gpu007-ib:15456 slurm 123456 "),
      (slurm, ["SLURM_JOB_NODELIST": "n1,n2"], "5/16 1 n1:15456 slurm 123456 "),
      (slurm, ["SLURM_JOB_NODELIST": nil], "5/16 1 10.0.0.9:15456 slurm 123456 "),
      (
        slurm, ["SLURM_STEP_NUM_TASKS": "6", "MASTER_PORT": "99", "SLURM_STEP_ID": "2"],
        "5/6 1 gpu007-ib:99 slurm 123456 2"
      ),
      (openMPI, [:], "1/2 1 127.0.0.1:4000 "),
      (openMPI, ["MASTER_ADDR": "h", "OMPI_COMM_WORLD_LOCAL_SIZE": "1"], "1/2 1 h:4000 "),
    ] as [([String: String], [String: String?], String)])
  func variablesAreRead(
    variables: [String: String], changes: [String: String?], expected: String
  ) throws {
    let read = try #require(try LaunchEnvironment(changed(variables, changes)))
    #expect(
      "\(read.rank)/\(read.ranks) \(read.localRank) \(read.address):\(read.port) \(read.token)"
        == expected)
  }

  @Test(
    arguments: [
      (torch, ["RANK": "8"], "this is rank 8 of 8, and ranks are counted from 0"),
      (torch, ["RANK": "x"], "RANK is x, not a whole number"),
      (torch, ["RANK": "-1"], "RANK is -1, not a whole number"),
      (torch, ["RANK": nil], "WORLD_SIZE is set, and RANK is not"),
      (torch, ["WORLD_SIZE": nil], "RANK is set, and WORLD_SIZE is not"),
      (torch, ["MASTER_ADDR": nil], "RANK and WORLD_SIZE is set, and MASTER_ADDR is not"),
      (torch, ["MASTER_PORT": nil], "RANK and WORLD_SIZE is set, and MASTER_PORT is not"),
      (torch, ["MASTER_PORT": "70000"], "MASTER_PORT is 70000, not a port from 1 to 65535"),
      (torch, ["WORLD_SIZE": "0"], "they speak of 0 ranks; 1 to 65536 are possible"),
      (
        torch, ["LOCAL_RANK": "4"],
        "this is rank 3 of all and rank 4 of its machine, which has fewer"
      ),
      (slurm, ["SLURM_NTASKS": nil], "SLURM_PROCID is set, and SLURM_NTASKS is not"),
      (slurm, ["SLURM_JOB_ID": nil], "SLURM_PROCID is set, and SLURM_JOB_ID is not"),
      (
        openMPI, ["OMPI_COMM_WORLD_LOCAL_SIZE": "1"],
        "OMPI_COMM_WORLD_RANK is set, and MASTER_ADDR is not"
      ),
    ] as [([String: String], [String: String?], String)])
  func contradictionsAreFaults(
    variables: [String: String], changes: [String: String?], expected: String
  ) {
    let text = fault { _ = try LaunchEnvironment(changed(variables, changes)) }
    #expect(text == "launch variables: byte 0: " + expected)
  }
}

@Suite(.serialized, .timeLimit(.minutes(1))) struct SpawningTests {
  private func run(_ ranks: Int, _ script: String, grace: Duration = .seconds(5)) throws -> (
    CInt, [String]
  ) {
    var said: [String] = []
    let code = try spawnRanks(
      ranks, executable: "/bin/sh", arguments: ["-c", script],
      environment: ["PATH": "/usr/bin:/bin"],
      grace: grace
    ) { said.append($0) }
    return (code, said)
  }

  @Test func everyRankGetsItsVariables() throws {
    let (code, said) = try run(
      3,
      """
      [ "$WORLD_SIZE" = 3 ] && [ "$RANK" = "$LOCAL_RANK" ] && [ "$MASTER_ADDR" = 127.0.0.1 ] &&
      [ "$MASTER_PORT" -gt 0 ] && [ "${#QUIPU_JOB_TOKEN}" = 32 ] && [ "$QUIPU_LAUNCHER" = "$PPID" ] &&
      if [ "$RANK" = 0 ]; then [ -e "/proc/$$/fd/$QUIPU_LISTENER" ]; else [ -z "$QUIPU_LISTENER" ]; fi
      """)
    #expect(code == 0)
    #expect(said.isEmpty)
  }

  @Test func theFirstFailureIsTheResultAndTheOthersAreEnded() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let (code, said) = try run(
      3, "[ $RANK = 1 ] && exit 7; exec sleep 60", grace: .milliseconds(200))
    #expect(code == 7)
    #expect(said == ["rank 1 failed with code 7; waiting for the others to end"])
    #expect(clock.now - start < .seconds(20))
  }

  @Test func othersMayEndByThemselves() throws {
    let (code, said) = try run(
      2, "[ $RANK = 1 ] && kill -9 $$; sleep 0.3; exit 3", grace: .seconds(30))
    #expect(code == 137)
    #expect(said == ["rank 1 was ended by signal 9; waiting for the others to end"])
  }

  @Test func signalsArePassedOn() throws {
    let (code, _) = try run(
      2,
      """
      trap 'exit 3' TERM
      if [ $RANK = 1 ]; then sleep 0.3; kill -TERM $PPID; fi
      while :; do sleep 0.05; done
      """)
    #expect(code == 3)
  }

  @Test func aProgramThatIsNotThereIsAFault() {
    let text = fault {
      _ = try spawnRanks(2, executable: "/nowhere/at/all", arguments: [], environment: [:])
    }
    #expect(text == "/nowhere/at/all: byte 0: posix_spawn failed: No such file or directory")
  }
}
