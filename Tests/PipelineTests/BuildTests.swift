import Documents
import Ground
import Ledger
import Manifest
import Pipeline
import TestSupport
import Testing

@Suite struct BuildTests {
  /// Files of a few hundred lines: dropped and bad ones, duplicates, long ones.
  private func writeInputs(to folder: TemporaryFolder, files: Int = 3) throws {
    var random = SeededGenerator(seed: 11)
    let words = ["knot", "cord", "llama", "wool", "count", "year", "salt", "herd", "42", "1532"]
    for file in 0..<files {
      var text = ""
      for line in 0..<120 {
        switch line % 20 {
        case 0: text += "drop this line \(file) \(line)\n"
        case 1: text += "bad line\n"
        case 2: text += "the same line in every file and many times\n"
        case 3: text += String(repeating: "too long ", count: 60) + "\(file) \(line)\n"
        default:
          let count = Int.random(in: 4...20, using: &random)
          let chosen = (0..<count).map { _ in words.randomElement(using: &random) ?? "" }
          text += chosen.joined(separator: " ") + " \(file) \(line)\n"
        }
      }
      _ = try folder.write(text, to: "in/\(file).toy")
    }
  }

  /// Every file of the shards with its bytes.
  private func shards(of work: String) throws -> [String: Hash128] {
    var found: [String: Hash128] = [:]
    for file in try files(under: "\(work)/shards") {
      found[file] = try xxh3Wide(file: "\(work)/shards/\(file)")
    }
    found["mix.json"] = try xxh3Wide(file: "\(work)/mix.json")
    return found
  }

  @Test func theShardsAreTheSameForAnyNumberOfJobs() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder)
    for jobs in [1, 4] {
      #expect(
        try toyBuild(inputs: "\(folder.path)/in", work: "\(folder.path)/\(jobs)", jobs: jobs).run()
          .isEmpty)
    }
    let one = try shards(of: "\(folder.path)/1")
    #expect(one.count > 6)
    #expect(try shards(of: "\(folder.path)/4") == one)
  }

  @Test func countsBalanceAndNameTheirReasons() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder)
    let work = "\(folder.path)/work"
    _ = try toyBuild(inputs: "\(folder.path)/in", work: work).run()
    let row = try #require(try CorpusStatistics(WorkFolder(work)).rows.first)
    #expect(row.records == 360 && row.errors == 18 && row.kept == 306)
    let reasons = Dictionary(row.dropped.map { ($0.reason, $0.count) }, uniquingKeysWith: +)
    #expect(reasons["asked"] == 18 && reasons["toy.bytes"] == 18)
    // Of 18 equal lines one survives the exact match; the lines of two documents are then no more.
    #expect(reasons["duplicate.exact"] == 17 && reasons["duplicate.lines"] == 1)
    #expect(row.documents == 288)
    let problems = try Verification(WorkFolder(work), jobs: 2, quiet: true).problems
    #expect(problems.isEmpty, "\(problems)")
  }

  @Test func aSecondRunDoesNothingAndAThirdFillsInANewInput() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder, files: 2)
    let work = "\(folder.path)/work"
    let build = try toyBuild(inputs: "\(folder.path)/in", work: work)
    _ = try build.run()
    let documents = try files(under: "\(work)/documents")
    let before = try documents.map { try modificationTime("\(work)/documents/\($0)") }
    let shardsBefore = try shards(of: work)
    _ = try build.run()
    #expect(try documents.map { try modificationTime("\(work)/documents/\($0)") } == before)
    #expect(try shards(of: work) == shardsBefore)
    try writeInputs(to: folder, files: 3)
    _ = try build.run()
    #expect(try files(under: "\(work)/documents").count == 3)
    #expect(try documents.map { try modificationTime("\(work)/documents/\($0)") } == before)
    #expect(try shards(of: work) != shardsBefore)
  }

  @Test func aDamagedFileKeepsWhatCameBeforeAndABadOneFailsAlone() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder, files: 2)
    _ = try folder.write("first line that is good\nsecond one\ncut\nnever read\n", to: "in/7.toy")
    _ = try folder.write("cut\nnothing was read\n", to: "in/8.toy")
    let work = "\(folder.path)/work"
    let failures = try toyBuild(inputs: "\(folder.path)/in", work: work).run()
    #expect(failures.map(\.input) == ["8.toy"])
    #expect(failures.first?.fault.hasSuffix("byte 0: the file is cut") == true)
    let row = try #require(try CorpusStatistics(WorkFolder(work)).rows.first)
    #expect(row.records == 240 + 3 && row.errors == 12 + 1)
    #expect(try CorpusStatistics(WorkFolder(work)).failures.count == 1)
  }

  @Test func theOrderOfOtherManifestsLeavesNothingBehind() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder)
    let (inputs, work) = ("\(folder.path)/in", "\(folder.path)/work")
    _ = try toyBuild(inputs: inputs, work: work, shards: 1000).run()
    let first = try shards(of: work)
    _ = try toyBuild(inputs: inputs, work: work, shards: 100_000).run()
    #expect(try shards(of: work).count < first.count)
    _ = try toyBuild(inputs: inputs, work: work, shards: 1000).run()
    #expect(try shards(of: work) == first)
    #expect(try Verification(WorkFolder(work), jobs: 1, quiet: true).problems.isEmpty)
  }

  @Test func aRemovedFileIsMadeAgain() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder)
    let work = "\(folder.path)/work"
    let build = try toyBuild(inputs: "\(folder.path)/in", work: work)
    _ = try build.run()
    let whole = try shards(of: work)
    for file in ["documents/\(try files(under: "\(work)/documents")[0])", "shards/train/00000.bin"]
    {
      try removeFile("\(work)/\(file)")
    }
    #expect(try build.run().isEmpty)
    #expect(try shards(of: work) == whole)
    #expect(try Verification(WorkFolder(work), jobs: 1, quiet: true).problems.isEmpty)
  }

  @Test func aChangedShardIsFound() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder)
    let work = "\(folder.path)/work"
    _ = try toyBuild(inputs: "\(folder.path)/in", work: work).run()
    let path = "\(work)/shards/train/00000.bin"
    var bytes = try openDecoded(path).readToEnd()
    bytes[10] ^= 1
    try writeAtomically(bytes, to: path)
    let problems = try Verification(WorkFolder(work), jobs: 1, quiet: true).problems
    #expect(problems.contains { $0.hasPrefix("shards/train/00000.bin: is not what was written") })
  }

  @Test func everyTokenLeadsBackToItsRawRecord() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder)
    let work = "\(folder.path)/work"
    _ = try toyBuild(inputs: "\(folder.path)/in", work: work).run()
    let explainer = try Explainer(WorkFolder(work))
    for index in stride(from: 0, to: 900, by: 97) {
      let answer = try #require(try explainer.explain(token: index, ofShard: "train/00000"))
      #expect((answer.range.start..<answer.range.start + answer.range.count).contains(index))
      let origin = answer.explanation.origin
      let raw = try origin.rawRecord(in: "\(folder.path)/in/\(origin.path)")
      let url = try #require(answer.explanation.record.url)
      #expect(url == "toy://\(String(decoding: raw, as: UTF8.self).prefix(12))")
      #expect(answer.explanation.places.contains { $0.range == answer.range })
    }
    #expect(throws: Fault.self) { try explainer.explain(token: 1 << 40, ofShard: "train/00000") }
    #expect(throws: Fault.self) { try explainer.explain(token: 0, ofShard: "train/99999") }
  }

  @Test func duplicatesNameTheirSurvivor() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder)
    let work = "\(folder.path)/work"
    _ = try toyBuild(inputs: "\(folder.path)/in", work: work).run()
    let twins = try Explainer(WorkFolder(work)).explain(url: "toy://the same lin")
    #expect(twins.count == 18)
    let survivors = Set(twins.compactMap { $0.duplicateOf?.id })
    #expect(survivors.count == 1)
    #expect(twins.filter { $0.duplicateOf == nil }.map(\.record.id) == Array(survivors))
  }

  @Test func twoBuildsDoNotShareADirectoryAtOnce() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder, files: 1)
    let work = "\(folder.path)/work"
    try makeFolder(work)
    let lock = try FolderLock(work, for: "building")
    defer { withExtendedLifetime(lock) {} }
    #expect {
      try toyBuild(inputs: "\(folder.path)/in", work: work).run()
    } throws: { "\($0)".contains("another process is building") }
  }

  @Test func aMissingInputFailsAndTheOthersAreBuilt() throws {
    let folder = try TemporaryFolder()
    try writeInputs(to: folder, files: 1)
    var build = try toyBuild(inputs: "\(folder.path)/in", work: "\(folder.path)/work")
    build.plans[0].recipe.inputs.append(.init("nowhere/*.toy", line: 5))
    build.plans[0].recipe.inputs.append(.init("s3://bucket/a.toy", line: 6))
    let failures = try build.run()
    #expect(failures.map(\.input) == ["nowhere/*.toy", "s3://bucket/a.toy"])
    #expect(fileKind("\(folder.path)/work/mix.json") == .file)
  }
}
