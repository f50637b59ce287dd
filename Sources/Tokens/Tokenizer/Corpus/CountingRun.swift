import Ground

/// One count of a corpus, from the saved state to the end.
struct CountingRun {
  private let trainer: BPETrainer
  private let corpus: TrainingCorpus
  private let options: CountingOptions
  private let progress: CountingProgress
  private let store: CountingStore?
  private(set) var state: CountingState

  init(
    _ trainer: BPETrainer, _ corpus: TrainingCorpus, _ options: CountingOptions,
    _ progress: CountingProgress
  ) throws(Fault) {
    self.trainer = trainer
    self.corpus = corpus
    self.options = options
    self.progress = progress
    let identity = countingIdentity(trainer.settings, corpus, options)
    store = options.stateFolder.map { CountingStore(folder: $0, identity: identity, trainer) }
    state =
      try store?.load() ?? CountingState(trainer.counts(), isSampled: options.sampleSize > 0)
  }

  /// What a batch adds, beside what goes into tables.
  private struct Outcome: Sendable {
    var tally = CorpusTally()
    var faults: [Fault] = []
    var candidates: [SampleCandidate] = []
  }

  /// Counts the keys of all sentences, to know where the sample ends.
  mutating func drawSample(_ reject: (Fault) throws -> Void) throws {
    guard state.phase == .sampling else { return }
    let (corpus, tables) = (corpus, Tables(SampleCut()))
    let keys = SentenceKeys(trainer.settings, corpus, options)
    try pass("drawing the sample", reject) { batch, outcome in
      tables.with { cut in
        let (documents, faults) = batch.forEachText(of: corpus) { text in
          keys.forEach(in: text, of: batch.input, tally: &outcome.tally) { key, _ in cut.add(key) }
        }
        outcome.tally.documents = documents
        outcome.faults = faults
      }
    } isFull: {
      false
    } collect: { state in
      for cut in tables.drain() { state.cut.merge(cut) }
    }
    state.phase = .counting
    state.cursor = .init()
  }

  /// Counts the words of all sentences, or of those in the sample.
  mutating func countWords(_ reject: (Fault) throws -> Void) throws {
    if options.sampleSize > 0 { return try countSample() }
    let (corpus, share, tables) = (
      corpus, TrainingMemory.share(of: options.memory), Tables(trainer.counts())
    )
    try pass("counting", reject) { batch, outcome in
      tables.with { words in
        let (documents, faults) = batch.forEachText(of: corpus) { words.add($0.bytes) }
        outcome.tally.documents = documents
        outcome.faults = faults
      }
    } isFull: {
      tables.sum(\.memoryInUse) > share
    } collect: { state in
      state.words.merge(tables.drain())
    }
    state.tally.sentences = state.words.sentences
    state.tally.tooLong += state.words.tooLong
    state.tally.reserved = state.words.reserved
  }

  private mutating func countSample() throws {
    let (corpus, share, tables) = (
      corpus, TrainingMemory.share(of: options.memory), Tables(trainer.counts())
    )
    let keys = SentenceKeys(trainer.settings, corpus, options)
    let end = state.cut.end(of: options.sampleSize)
    let found = state.tally  // in the first pass
    try pass("counting", { _ in }) { batch, outcome in
      var taken: [UInt8] = []
      _ = batch.forEachText(of: corpus) { text in
        keys.forEach(in: text, of: batch.input, tally: &outcome.tally) { key, line in
          let bin = SampleCut.bin(of: key)
          if bin < end.bin {
            taken += text.bytes[line]
            taken.append(0x0a)
          } else if bin == end.bin {
            outcome.candidates.append(SampleCandidate(key: key, bytes: Array(text.bytes[line])))
          }
        }
      }
      tables.with { $0.add(taken) }
    } isFull: {
      tables.sum(\.memoryInUse) > share
    } collect: { state in
      state.words.merge(tables.drain())
      state.tally = found
    }
    state.candidates.sort { $0.key < $1.key }
    guard state.words.sentences == end.below, state.candidates.count >= end.within else {
      throw Fault(
        corpus.inputs.first?.path ?? "", at: 0,
        .unusable("the text changed between the two times that it was read"))
    }
    for candidate in state.candidates.prefix(end.within) { state.words.add(candidate.bytes) }
  }

  /// Reads from the state's cursor to the end of the corpus, batch by batch on many threads, and
  /// saves now and then.
  private mutating func pass(
    _ name: String, _ reject: (Fault) throws -> Void,
    count: @Sendable @escaping (CorpusBatch, inout Outcome) -> Void,
    isFull: () -> Bool, collect: (inout CountingState) -> Void
  ) throws {
    let limit = corpus.format == .jsonl ? 1 << 28 : max(trainer.settings.maxSentenceLength, 1 << 20)
    let reader = CorpusReader(corpus, from: state.cursor, lineLimit: limit)
    progress.begin(name, corpus)
    while !reader.isAtEnd {
      reader.allow(store == nil ? Int.max : options.saveInterval)
      try orderedMap(
        jobs: options.jobs, next: { try reader.next() },
        transform: { [progress] batch in
          var outcome = Outcome()
          count(batch, &outcome)
          outcome.tally.bytes = batch.bytes.count
          outcome.tally.badDocuments = outcome.faults.count
          outcome.tally.tooLong += batch.unread
          progress.add(batch)
          return outcome
        },
        accept: { outcome in
          state.tally += outcome.tally
          state.candidates += outcome.candidates
          for fault in outcome.faults { try reject(fault) }
          if isFull() {
            collect(&state)
            try checkMemory()
          }
        })
      state.cursor = reader.cursor
      collect(&state)
      try checkMemory()
      if !reader.isAtEnd { try store?.save(state) }
    }
  }

  /// Training takes more memory than the counts do, so what no longer fits cannot be trained on:
  /// there is nothing to gain from putting counts on the disk.
  private func checkMemory() throws(Fault) {
    let need = TrainingMemory.needed(for: state.words)
    guard need <= options.memory else {
      throw Fault(
        corpus.inputs[min(state.cursor.input, corpus.inputs.count - 1)].path, at: 0,
        .unusable(
          "training on the words up to here needs about \(need / 1_000_000) MB of memory, and "
            + "\(options.memory / 1_000_000) MB are allowed: allow more with --memory, or draw fewer "
            + "sentences with --input-sentence-size"))
    }
  }
}

extension WordCounts {
  /// Adds all of `counts`, the first without a copy where there is nothing yet.
  fileprivate mutating func merge(_ counts: consuming [WordCounts]) {
    if units.count == 0 && sentences == 0, tooLong == 0, reserved == 0, let last = counts.popLast()
    {
      self = last
    }
    for counts in counts { merge(counts) }
  }
}
