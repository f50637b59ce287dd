import Foundation
import Ground
import TestSupport

/// The `quipu` program that was built together with these tests.
enum Program {
  static let path: String = {
    let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    return tests.deletingLastPathComponent().appending(path: "quipu").path()
  }()

  struct Outcome {
    var status: Int32
    var output: String
    var errors: String
  }

  /// Runs the program to its end.
  static func run(_ arguments: String..., input: String? = nil) throws -> Outcome {
    try run(arguments, input: input)
  }

  static func run(
    _ arguments: [String], input: String? = nil, environment: [String: String] = [:]
  ) throws -> Outcome {
    let folder = try TemporaryFolder()
    let process = try start(arguments, folder, input: input, environment: environment)
    process.waitUntilExit()
    return Outcome(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: try String(decoding: openDecoded("\(folder.path)/output").readToEnd(), as: UTF8.self),
      errors: try String(decoding: openDecoded("\(folder.path)/errors").readToEnd(), as: UTF8.self))
  }

  /// Starts the program; what it prints goes to files of `folder`, since pipes fill up.
  static func start(
    _ arguments: [String], _ folder: TemporaryFolder, input: String? = nil,
    environment: [String: String] = [:]
  ) throws -> Process {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    for (name, keyPath) in [
      ("output", \Process.standardOutput), ("errors", \Process.standardError),
    ] {
      process[keyPath: keyPath] = try FileHandle(
        forWritingTo: URL(filePath: folder.write("", to: name)))
    }
    process.standardInput =
      try input.map {
        try FileHandle(forReadingFrom: URL(filePath: folder.write($0, to: "input")))
      } ?? FileHandle.nullDevice
    try process.run()
    return process
  }
}
