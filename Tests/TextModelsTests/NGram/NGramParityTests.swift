import Foundation
import Ground
import TestSupport
import Testing
import TextModels

/// Models that are built here, as the kenlm package sees them.
@Suite(.enabled(if: Kenlm.python != nil, Comment(rawValue: Kenlm.absence)))
struct NGramParityTests {
  /// The package loads every kind of binary, and says of every text what is said here.
  @Test(arguments: [2, 3, 5, 6])
  func thePackageLoadsWhatIsBuilt(order: Int) throws {
    let folder = try TemporaryFolder()
    let arpa = try folder.write(RandomArpa.text(seed: 40 + UInt64(order), order: order), to: "arpa")
    var random = SeededGenerator(seed: 8)
    let texts = (0..<200).map { _ in
      (0..<Int.random(in: 0...30, using: &random)).map { _ in
        "w\(Int.random(in: 0..<63, using: &random))"
      }.joined(separator: " ")
    }
    _ = try folder.write(texts.joined(separator: "\n"), to: "texts")
    var names = ["arpa"]
    for build in NGramGoldens.builds {
      guard let settings = build.settings else { continue }
      try NGramBinary.build(from: arpa, to: "\(folder.path)/\(build.name)", settings)
      names.append(build.name)
    }
    let script = try folder.write(Kenlm.script, to: "script.py")
    #expect(try Kenlm.run(["-B", script, folder.path] + names) == 0)
    for name in names {
      let model = try NGramModel(path: "\(folder.path)/\(name)")
      let scratch = NGramScratch()
      let answers = try openDecoded("\(folder.path)/\(name).scores").readToEnd()
      let expected = String(decoding: answers, as: UTF8.self).split(separator: "\n")
      let found = texts.map { model.score(text: Array($0.utf8), scratch).log10.bitPattern }
      #expect(found.map { "\($0)" } == expected.map { String($0) }, "\(name)")
    }
  }
}

/// The kenlm package.
enum Kenlm {
  /// A Python with kenlm: `QUIPU_PYTHON`, or else `python3`.
  static let python: String? = {
    let name = ProcessInfo.processInfo.environment["QUIPU_PYTHON"] ?? "python3"
    return (try? run(["-c", "import kenlm"], name)) == 0 ? name : nil
  }()

  static let absence = "no Python with the kenlm package; set QUIPU_PYTHON"

  static func run(_ arguments: [String], _ name: String? = nil) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [name ?? python ?? "python3"] + arguments
    process.standardError = FileHandle(forWritingAtPath: "/dev/null")
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }

  static let script = """
    import kenlm, os, struct, sys
    os.chdir(sys.argv[1])
    texts = open('texts', 'rb').read().split(b'\\n')
    for name in sys.argv[2:]:
        model = kenlm.Model(name)
        with open(name + '.scores', 'w') as file:
            for text in texts:
                score = struct.pack('<f', model.score(text))
                file.write('%d\\n' % struct.unpack('<I', score))
    """
}
