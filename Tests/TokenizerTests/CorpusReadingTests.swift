import Ground
import TestSupport
import Testing
import Tokenizer

/// What is read as sentences, from which files.
@Suite struct CorpusReadingTests {
  private let folder: TemporaryFolder
  private let trainer: BPETrainer
  private let text = zipfText(lines: 3000, seed: 1)

  init() throws {
    folder = try TemporaryFolder()
    trainer = try BPETrainer(.llama)
  }

  private var expected: [UInt8] {
    var counts = trainer.counts()
    counts.add(Array(text.utf8))
    return counts.serialized()
  }

  @Test func compressedFilesGiveTheSameCounts() throws {
    let bytes = Array(text.utf8)
    for stored in [bytes, gzipMember(of: bytes), bzip2Stream(of: bytes), zstdFrame(of: bytes)] {
      let path = try folder.write(stored, to: "text")
      #expect(try trainer.countedBytes(TrainingCorpus([path])) == expected)
    }
  }

  @Test func filesOfAFolderCountInAnyOrder() throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let parts = [lines[..<1000], lines[1000..<1001], lines[1001...]]
    for (number, part) in parts.enumerated() {
      _ = try folder.write(part.joined(separator: "\n"), to: "many/\(number)/part.txt")
    }
    _ = try folder.write("", to: "many/empty")
    let whole = try TrainingCorpus(["\(folder.path)/many"])
    #expect(
      whole.inputs.map(\.path)
        == ["0/part.txt", "1/part.txt", "2/part.txt", "empty"].map {
          "\(folder.path)/many/\($0)"
        })
    #expect(try trainer.countedBytes(whole) == expected)
    let backwards = try TrainingCorpus(whole.inputs.map(\.path).reversed(), format: .files)
    #expect(try trainer.countedBytes(backwards) { $0.jobs = 3 } == expected)
    #expect(try trainer.countWords(in: backwards).tally.documents == 3)
  }

  @Test func whatIsWrittenIntoAFolderIsNoInput() throws {
    let path = try folder.write(text, to: "many/text")
    for name in ["a.model", "a.model.state/counting"] {
      _ = try folder.write("no text", to: "many/\(name)")
    }
    for above in ["\(folder.path)/many", "\(folder.path)/many/"] {
      let corpus = try TrainingCorpus([above], output: "\(folder.path)/many/a.model")
      #expect(corpus.inputs.map(\.path) == [path])
    }
    // What is named is read, whatever it is.
    #expect(try TrainingCorpus([path], output: path).inputs.count == 1)
  }

  @Test func documentsAreCutIntoLines() throws {
    let lines = text.split(separator: "\n")
    let documents = stride(from: 0, to: lines.count, by: 7).map {
      "{" + lines[$0..<min($0 + 7, lines.count)].joined(separator: "|") + "}"
    }
    let stored = documents.joined(separator: "\n\n") + "\n  \nno document\n{x"
    let path = try folder.write(gzipMember(of: Array(stored.utf8)), to: "a.jsonl.gz")
    let plain = try folder.write(stored, to: "a.jsonl")
    for (path, places) in [
      (path, [0, 0]), (plain, [stored.utf8.count - 14, stored.utf8.count - 2]),
    ] {
      let corpus = try TrainingCorpus([path], format: .jsonl, documentReader: readBraces)
      var faults: [Fault] = []
      let (words, tally) = try trainer.countWords(in: corpus) { faults.append($0) }
      #expect(words.serialized() == expected)
      #expect(faults.map(\.offset) == places.map { UInt64($0) })
      #expect(faults.allSatisfy { $0.cause == .malformed("no braces") && $0.file == path })
      #expect(tally.documents == documents.count && tally.badDocuments == 2)
      #expect(tally.sentences == 3000)
    }
  }

  @Test func whatIsLeftOutIsTold() throws {
    let long = String(repeating: "x", count: 5000)
    let endless = String(repeating: "y", count: 3_000_000)
    let path = try folder.write("one\n\n\(long)\n▅\n\(endless)\ntwo\n\(endless)", to: "text")
    var plain = CountingOptions()
    var sampled = plain
    sampled.sampleSize = 1
    plain.jobs = 2
    for options in [plain, sampled] {
      let (words, tally) = try trainer.countWords(in: TrainingCorpus([path]), options)
      #expect(words.sentences == (options.sampleSize == 0 ? 2 : 1))
      #expect(tally.sentences == 2)
      #expect(tally.tooLong == 3)
      #expect(tally.reserved == 1)
    }
  }

  @Test func littleMemoryGivesTheSameCountsOrAFault() throws {
    let path = try folder.write(zipfText(lines: 60_000, seed: 3), to: "text")
    let corpus = try TrainingCorpus([path])
    let ample = try trainer.countedBytes(corpus)
    var least: Int?
    for memory in [1_000_000, 40_000_000, 42_000_000, 44_000_000, 50_000_000] {
      var options = CountingOptions()
      (options.memory, options.jobs) = (memory, 4)
      do {
        let counts = try trainer.countWords(in: corpus, options).words
        #expect(counts.serialized() == ample)
        least = least ?? memory
      } catch let fault as Fault {
        #expect(least == nil && "\(fault)".contains("--input-sentence-size"), "\(fault)")
      }
    }
    #expect(least ?? 0 > 1_000_000)
  }

  @Test func wrongInputsAreRefused() throws {
    let path = try folder.write("a b", to: "text")
    #expect(throws: Fault.self) { try TrainingCorpus(["\(folder.path)/none"]) }
    for weight in [0, -1, .infinity, .nan, 1e7] {
      #expect(throws: Fault.self) { try TrainingCorpus([path], weights: [path: weight]) }
    }
    #expect(throws: Fault.self) { try TrainingCorpus([path], weights: ["other": 2]) }
    let cut = try folder.write(Array(gzipMember(of: Array(text.utf8)).dropLast(9)), to: "cut.gz")
    #expect(throws: Fault.self) { try trainer.countedBytes(TrainingCorpus([cut])) }
  }
}
