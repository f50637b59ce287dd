import Foundation
import Ground
import TestSupport
import Testing
import Trainer

@Suite struct TensorBoardTests {
  let bench: Bench

  init() throws { bench = try Bench() }

  private func training(_ name: String, _ settings: TrainingSettings) -> Training {
    var training = bench.training(name, settings)
    training.tensorBoard = true
    return training
  }

  private func events(_ name: String) throws -> [UInt8] {
    try bench.bytes("\(name)/tensorboard/events.out.tfevents.0.quipu")
  }

  /// The vectors of RFC 3720, appendix B.4.
  @Test func checksumsAreThoseOfTheStandard() {
    #expect(crc32c([UInt8](repeating: 0, count: 32)) == 0x8a91_36aa)
    #expect(crc32c([UInt8](repeating: 0xff, count: 32)) == 0x62a8_ab43)
    #expect(crc32c((0..<32).map { UInt8($0) }) == 0x46dd_794e)
    #expect(crc32c((0..<32).reversed().map { UInt8($0) }) == 0x113f_db5c)
    #expect(crc32c(Array("123456789".utf8)) == 0xe306_9283)
    #expect(crc32c([]) == 0)
  }

  @Test func theFileBeginsWithItsVersion() throws {
    try training("a", tinySettings(steps: 1)).run()
    let bytes = try events("a")
    // Length 24 and its checksum; time 0, field 3 with 13 bytes.
    #expect(Array(bytes[..<12]) == [24, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22])
    #expect(Array(bytes[12..<23]) == [9, 0, 0, 0, 0, 0, 0, 0, 0, 0x1a, 13])
    #expect(String(decoding: bytes[23..<36], as: UTF8.self) == "brain.Event:2")
  }

  /// The frames without times: steps, tags and values.
  private func contents(_ name: String) throws -> [[UInt8]] {
    let bytes = try events(name)
    var frames: [[UInt8]] = []
    var place = 0
    while place < bytes.count {
      let length = Int(bytes[place]) | Int(bytes[place + 1]) << 8
      let body = Array(bytes[place + 12..<place + 12 + length])
      #expect(body[0] == 9)
      let stored = bytes[place + 12 + length..<place + 16 + length]
      let checksum = stored.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      #expect(checksum == maskedCRC32C(body))
      frames.append(Array(body[9...]))
      place += 16 + length
    }
    return frames
  }

  @Test func resumingCutsOffLaterStepsAndAFrameCutShort() throws {
    var settings = tinySettings(steps: 20)
    settings.evaluateEvery = 5
    try training("whole", settings).run()
    var part = training("part", settings)
    part.lastStep = 7
    try part.run()
    let kept = try events("part")
    _ = try bench.folder.write(
      Array(try events("whole").dropLast(3)), to: "part/tensorboard/events.out.tfevents.0.quipu")
    part.lastStep = 8
    part.resume = true
    try part.run()
    // Speeds differ: the tags and steps are compared by their lengths.
    #expect(
      try contents("part").map(\.count) == Array(try contents("whole").map(\.count).prefix(9)))
    #expect(kept.count < (try events("part").count))
  }

  /// A Python with tensorboard: `QUIPU_PYTHON`, or else `python3`.
  static let python: String? = {
    let name = ProcessInfo.processInfo.environment["QUIPU_PYTHON"] ?? "python3"
    let isThere = try? run(name, "-c", "import tensorboard")
    return isThere?.status == 0 ? name : nil
  }()

  static func run(_ arguments: String...) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  private static let script = """
    import sys
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    events = EventAccumulator(sys.argv[1], size_guidance={'scalars': 0})
    events.Reload()
    for tag in events.Tags()['scalars']:
        if not tag.startswith('speed'):
            for event in events.Scalars(tag):
                print(tag, event.step, repr(event.value), sep='\\t')
    """

  @Test(.enabled(if: python != nil, "no Python with tensorboard; set QUIPU_PYTHON"))
  func tensorBoardReadsTheSameNumbers() throws {
    var settings = tinySettings(steps: 9)
    settings.evaluateEvery = 4
    settings.parameterNormEvery = 3
    try training("a", settings).run(report: bench.note)
    var expected: Set<String> = []
    for step in bench.taken().steps {
      var scalars: [(String, Double?)] = [
        ("loss/train", step.loss), ("loss/validation", step.validationLoss),
      ]
      scalars += [
        ("optimizer/learning rate", step.learningRate),
        ("optimizer/gradient norm", step.gradientNorm),
        ("optimizer/parameter norm", step.parameterNorm),
      ]
      for case (let tag, let value?) in scalars {
        expected.insert("\(tag)\t\(step.step)\t\(Double(Float(value)))")
      }
    }
    #expect(expected.count == 9 * 3 + 3 + 3)
    let python = try #require(Self.python)
    let (status, output) = try Self.run(
      python, "-c", Self.script, "\(bench.folder.path)/a/tensorboard")
    #expect(status == 0)
    let read = output.split(separator: "\n").map { line in
      let parts = line.split(separator: "\t")
      return "\(parts[0])\t\(parts[1])\t\(Double(parts[2]) ?? .nan)"
    }
    #expect(Set(read) == expected)
    #expect(read.count == expected.count)
  }
}
