import Foundation
import Ground
import TestSupport

/// The Python that oracles are written in: `QUIPU_PYTHON`, or else `python3`.
enum Python {
  static let name = ProcessInfo.processInfo.environment["QUIPU_PYTHON"] ?? "python3"
  static let isHere = (try? run("")) != nil
  static let absence = "there is no \(name)"

  /// True where `import` of these modules succeeds.
  static func has(_ modules: String) -> Bool { (try? run("import \(modules)")) != nil }

  /// What a program prints.
  ///
  /// - Throws: `Fault` with the end of what it says of an error.
  static func run(_ program: String, _ arguments: [String] = []) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    let path = try folder.write(program, to: "program.py")
    let errors = try folder.write("", to: "errors")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name, "-B", path] + arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle(forWritingAtPath: errors)
    try process.run()
    let output = Array(try pipe.fileHandleForReading.readToEnd() ?? Data())
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let what = String(
        decoding: try Data(contentsOf: URL(fileURLWithPath: errors)).suffix(600), as: UTF8.self)
      throw Fault(name, at: 0, .unusable(what))
    }
    return output
  }
}
