import Compute
import Foundation
import Ground
import Ranks
import TestSupport
import Testing

/// Where ranks that are processes leave what they have seen; set in them alone.
private let notes = ProcessInfo.processInfo.environment["QUIPU_TEST_NOTES"]

@Suite(.enabled(if: notes == nil), .timeLimit(.minutes(1))) struct ProcessTests {
  /// This program again, with the one test that plays a rank.
  private func spawn(_ ranks: Int, killed: Int?) throws -> (code: CInt, notes: [String?]) {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("quipu-ranks-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    var environment = ProcessInfo.processInfo.environment
    environment["QUIPU_TEST_NOTES"] = folder.path
    environment["QUIPU_TEST_KILLED"] = killed.map(String.init)
    // A filter of the caller's own would let a rank play all that it names.
    var arguments = Array(CommandLine.arguments.dropFirst())
    for name in ["--filter", "--skip"] {
      while let place = arguments.firstIndex(of: name) {
        arguments.removeSubrange(place..<min(place + 2, arguments.count))
      }
    }
    let code = try spawnRanks(
      ranks, arguments: arguments + ["--filter", "aProcessPlaysItsRank"], environment: environment,
      grace: .seconds(20))
    let notes = (0..<ranks).map {
      try? String(contentsOf: folder.appendingPathComponent("\($0)"), encoding: .utf8)
    }
    return (code, notes)
  }

  @Test func processesMeetAndSum() throws {
    let (code, notes) = try spawn(3, killed: nil)
    #expect(code == 0)
    #expect(notes == Array(repeating: "100 rounds", count: 3))
  }

  @Test func aKilledProcessIsNamedByTheOthers() throws {
    let (code, notes) = try spawn(3, killed: 1)
    #expect(code == 137)
    let text = "rank 1: byte 0: lost: its connection is closed, so its process has ended"
    #expect(notes == [text, nil, text])
  }
}

@Suite(.enabled(if: notes != nil)) struct ChildTests {
  @Test func aProcessPlaysItsRank() throws {
    let variables = ProcessInfo.processInfo.environment
    let environment = try #require(try LaunchEnvironment(variables))
    let killed = variables["QUIPU_TEST_KILLED"].flatMap { Int($0) }
    let seen = fault {
      let channel: SocketCommunicator<Float> = try SocketGroup(environment).communicator()
      let view = Arena<Float>(count: 100_003).all
      for round in 0..<100 {
        if round == 50, killed == environment.rank { kill(getpid(), SIGKILL) }
        view.set(1)
        try channel.allReduce(view)
        #expect(view[100_002] == Float(environment.ranks))
      }
    }
    let place = "\(notes ?? "")/\(environment.rank)"
    try (seen ?? "100 rounds").write(toFile: place, atomically: true, encoding: .utf8)
  }
}
