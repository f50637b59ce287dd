import Ground
import TestSupport
import Testing
import Tokenizer

/// Word counts that are written and read again.
@Suite struct TrainerSavingTests {
  private let text = Array(
    "ab ab  abc\nabracadabra abracadabra_abracadabra\nдень, день 日本語 10\n".utf8)

  private func counted(_ text: [UInt8]) throws -> (trainer: BPETrainer, counts: WordCounts) {
    var settings = TrainerSettings.llama
    settings.vocabSize = 300
    let trainer = try BPETrainer(settings)
    var counts = trainer.counts()
    counts.add(text)
    return (trainer, counts)
  }

  private func load(_ bytes: [UInt8], _ trainer: BPETrainer) throws -> WordCounts {
    try trainer.counts(from: BufferedReader(MemoryReader(bytes, path: "counts")))
  }

  @Test func whatIsReadTrainsTheSameModel() throws {
    let (trainer, counts) = try counted(text)
    let bytes = counts.serialized()
    let read = try load(bytes, trainer)
    #expect(read.serialized() == bytes)
    #expect(read.sentences == 3)
    #expect(try trainer.train(read).serialized() == trainer.train(counts).serialized())
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/counts"
    try counts.write(to: path)
    #expect(try trainer.counts(path: path).serialized() == bytes)
  }

  @Test func goingOnFromWhatIsReadIsLikeNeverStopping() throws {
    let (trainer, whole) = try counted(text + text)
    var resumed = try load(counted(text).counts.serialized(), trainer)
    resumed.add(text)
    #expect(resumed.serialized() == whole.serialized())
  }

  @Test func theBytesDoNotDependOnTheOrderOfTheText() throws {
    let forwards = try counted(text).counts.serialized()
    let lines = text.split(separator: 0x0a).reversed().map { $0 + [0x0a] }
    #expect(try counted(lines.flatMap { $0 }).counts.serialized() == forwards)
  }

  @Test func manyWordsTakeManyBlocks() throws {
    let lines = (0..<40_000).map { "w\(String($0, radix: 36, uppercase: false))x" }
    let (trainer, counts) = try counted(Array(lines.joined(separator: "\n").utf8))
    let bytes = counts.serialized()
    #expect(try load(bytes, trainer).serialized() == bytes)
  }

  @Test func anyChangedByteIsAFault() throws {
    let (trainer, counts) = try counted(text)
    let bytes = counts.serialized()
    for place in bytes.indices {
      var damaged = bytes
      damaged[place] ^= 0x40
      #expect(throws: Fault.self, "byte \(place)") { try load(damaged, trainer) }
    }
  }

  @Test func anyMissingByteIsAFault() throws {
    let (trainer, counts) = try counted(text)
    let bytes = counts.serialized()
    for end in bytes.indices {
      #expect(throws: Fault.self, "\(end) bytes") { try load(Array(bytes[..<end]), trainer) }
    }
  }

  @Test func countsThatNoTextHasAreRefused() throws {
    let (trainer, once) = try counted(text)
    var counts = once
    for _ in 0..<44 {
      let same = counts
      counts.merge(same)
    }
    let bytes = counts.serialized()
    #expect {
      try load(bytes, trainer)
    } throws: {
      "\($0)".contains("counts above 2⁴⁷ bytes")
    }
  }

  @Test func bytesBehindTheCountsAreAFaultInAFileOfTheirOwn() throws {
    let (trainer, counts) = try counted(text)
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/counts"
    try writeAtomically(counts.serialized() + [0], to: path)
    #expect(throws: Fault.self) { try trainer.counts(path: path) }
  }

  @Test func countsOfOtherSettingsAreRefusedAndOfAnotherSizeNot() throws {
    let bytes = try counted(text).counts.serialized()
    var settings = TrainerSettings.llama
    settings.vocabSize = 290
    #expect(try load(bytes, BPETrainer(settings)).sentences == 3)
    settings.splitDigits = false
    let other = try BPETrainer(settings)
    #expect {
      try load(bytes, other)
    } throws: {
      "\($0)".contains("counted with other settings")
    }
  }
}
