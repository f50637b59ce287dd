import Glibc
import Ground
import Synchronization
import TestSupport
import Testing
import Tokenizer

/// Counts that are broken off and gone on with.
@Suite struct CorpusStateTests {
  private let folder: TemporaryFolder
  private let trainer: BPETrainer
  private let paths: [String]
  private struct Stop: Error {}

  init() throws {
    folder = try TemporaryFolder()
    trainer = try BPETrainer(.llama)
    // Three files of about 2 MB, each with a line that is no document.
    var paths: [String] = []
    for number in 0..<3 {
      let lines = zipfText(lines: 50_000, seed: UInt64(number)).split(separator: "\n").map {
        "{\($0)}"
      }
      let text = (lines[..<30_000] + ["bad \(number)"] + lines[30_000...]).joined(separator: "\n")
      let bytes = Array(text.utf8)
      let stored =
        number == 1 ? gzipMember(of: bytes) : number == 2 ? bzip2Stream(of: bytes) : bytes
      paths.append(try folder.write(stored, to: "\(number).jsonl"))
    }
    self.paths = paths
  }

  private func saving(sample: Int) -> CountingOptions {
    var options = CountingOptions()
    options.sampleSize = sample
    options.saveInterval = 1
    options.stateFolder = "\(folder.path)/state"
    return options
  }

  private func corpus(_ reader: @escaping TrainingCorpus.DocumentReader = readBraces) throws
    -> TrainingCorpus
  {
    try TrainingCorpus(paths, format: .jsonl, documentReader: reader)
  }

  @Test(arguments: zip([0, 0, 70_000], ["bad 1", "bad 2", "bad 1"]))
  func aBrokenCountGoesOnWhereItWasSaved(sample: Int, stop: String) throws {
    var plain = CountingOptions()
    plain.sampleSize = sample
    let whole = try trainer.countWords(in: corpus(), plain)
    // The reader sees what the rejected lines are, and breaks off at one of them.
    let isStopped = Atomic<Bool>(false)
    let seen = Atomic<Int>(0)
    let watching: TrainingCorpus.DocumentReader = {
      { line in
        seen.add(1, ordering: .relaxed)
        if String(decoding: line, as: UTF8.self) == stop {
          isStopped.store(true, ordering: .relaxed)
        }
        return try readBraces()(line)
      }
    }
    #expect(throws: Stop.self) {
      _ = try trainer.countWords(in: corpus(watching), saving(sample: sample)) { _ in
        if isStopped.load(ordering: .relaxed) { throw Stop() }
      }
    }
    let before = seen.exchange(0, ordering: .relaxed)
    var options = saving(sample: sample)
    options.jobs = 3
    options.saveInterval = 700_000
    let (words, tally) = try trainer.countWords(in: corpus(watching), options)
    #expect(words.serialized() == whole.words.serialized())
    #expect(tally == whole.tally)
    let all = (sample > 0 ? 2 : 1) * 150_003
    #expect(seen.load(ordering: .relaxed) < all - before / 2)
    try removeCountingState("\(folder.path)/state")
    #expect(fileKind("\(folder.path)/state") == .nothing)
  }

  @Test func aSecondPassIsGoneOnWith() throws {
    let seen = Atomic<Int>(0)
    let counting: TrainingCorpus.DocumentReader = {
      { line in
        seen.add(1, ordering: .relaxed)
        return try readBraces()(line)
      }
    }
    var plain = CountingOptions()
    plain.sampleSize = 50_000
    let whole = try trainer.countWords(in: corpus(), plain)
    // The last save of a finished count is close to the end of the second pass.
    _ = try trainer.countWords(in: corpus(), saving(sample: 50_000))
    let again = try trainer.countWords(in: corpus(counting), saving(sample: 50_000))
    #expect(again.words.serialized() == whole.words.serialized())
    #expect(again.tally == whole.tally)
    #expect(seen.load(ordering: .relaxed) < 60_000)
  }

  @Test func aStateOfOtherSettingsOrFilesIsRefused() throws {
    _ = try trainer.countWords(in: corpus(), saving(sample: 100))
    func refuses(_ name: String, _ run: () throws -> Void) {
      #expect("\(name)") {
        try run()
      } throws: { error in
        "\(error)".contains("other settings or files") && "\(error)".contains(name)
      }
    }
    refuses("sample: 101") { _ = try trainer.countWords(in: corpus(), saving(sample: 101)) }
    refuses("seed: 9") {
      var options = saving(sample: 100)
      options.seed = 9
      _ = try trainer.countWords(in: corpus(), options)
    }
    refuses("splitDigits: false") {
      var settings = TrainerSettings.llama
      settings.splitDigits = false
      _ = try BPETrainer(settings).countWords(in: corpus(), saving(sample: 100))
    }
    refuses("2.jsonl") {
      let corpus = try TrainingCorpus(
        Array(paths.dropLast()), format: .jsonl, documentReader: readBraces)
      _ = try trainer.countWords(in: corpus, saving(sample: 100))
    }
    var other = TrainerSettings.llama
    (other.vocabSize, other.characterCoverage, other.maxPieceLength) = (777, 1, 5)
    (other.requiredChars, other.hardVocabLimit, other.byteFallback) = ("x", false, true)
    let (words, _) = try BPETrainer(other).countWords(in: corpus(), saving(sample: 100))
    #expect(words.sentences == 100)
    _ = try folder.write("{other}", to: "0.jsonl")
    refuses("0.jsonl, 7 bytes") { _ = try trainer.countWords(in: corpus(), saving(sample: 100)) }
  }

  @Test func aDamagedStateIsAFault() throws {
    _ = try trainer.countWords(in: corpus(), saving(sample: 0))
    let path = "\(folder.path)/state/counting"
    let bytes = try openDecoded(path).readToEnd()
    var chance = SeededGenerator(seed: 2)
    for _ in 0..<60 {
      var damaged = bytes
      let place = Int.random(in: 0..<min(bytes.count, 4000), using: &chance)
      if Bool.random(using: &chance) {
        damaged[place] ^= UInt8.random(in: 1...255, using: &chance)
      } else {
        damaged.removeSubrange(place...)
      }
      try writeAtomically(damaged, to: path)
      #expect(throws: Fault.self) { try trainer.countWords(in: corpus(), saving(sample: 0)) }
    }
  }

  @Test func oneStateIsForOneProcess() throws {
    try makeFolder("\(folder.path)/state")
    let lock = try FolderLock("\(folder.path)/state", for: "testing")
    #expect(throws: Fault.self) { try trainer.countWords(in: corpus(), saving(sample: 0)) }
    withExtendedLifetime(lock) {}
  }
}
