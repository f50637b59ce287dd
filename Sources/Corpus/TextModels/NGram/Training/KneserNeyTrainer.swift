import CTextModels
public import Ground

/// Trains an n-gram language model with modified Kneser-Ney smoothing, as `lmplz` does.
///
/// Give it sentences, or files with one on each line, and have the model written. It is that of `lmplz`
/// to the byte, whatever the memory and the number of threads.
///
/// What does not fit into memory goes through unnamed files, so the text may be many times larger: up
/// to 2³²−2 words and sentence ends.
///
/// It goes in four steps. Blocks of text become sorted lists of the longest n-grams, which are merged
/// (`CountingBlock`, `RecordMerge`). One pass over these makes the shorter ones and all adjusted counts
/// (`AdjustedCounts`). Length by length, n-grams are brought together by their contexts, where
/// probabilities are estimated and backoffs come from (`ContextEstimates`). The last pass interpolates
/// and prints (`ProbabilityChunks`, `ARPAText`).
///
/// Unlike `lmplz` it ends a last line that has no line feed with `</s>` as well, and never leaves out
/// `</s>`, however high the threshold for unigrams.
///
/// - SeeAlso: Heafield and others, "Scalable Modified Kneser-Ney Language Model Estimation", ACL 2013;
///   kpu/kenlm `lm/builder`.
public struct KneserNeyTrainer: ~Copyable {
  public let settings: KneserNeySettings
  /// Words so far, sentence marks not counted.
  public private(set) var tokens = 0
  public private(set) var sentences = 0

  private var vocabulary: TextVocabulary
  private var block: CountingBlock
  private let runs: NGramRuns
  private let cut = Room<quipu_word>(Self.batch)
  private var buffer = Room<UInt8>(1 << 10)
  /// How many words the block may have.
  private var limit = 0

  private static let batch = 1 << 10
  private static let chunk = 1 << 18
  /// The longest word, in bytes.
  public static let longestWord = 1 << 20
  /// The most words and sentence ends.
  private static let mostTokens = Int(UInt32.max) - 1

  /// - Throws: `Fault` where a setting is out of its range or contradicts another, or where the
  ///   temporary folder cannot be written to.
  public init(_ settings: KneserNeySettings) throws(Fault) {
    try settings.check()
    runs = try NGramRuns(order: settings.order, folder: settings.temporaryFolder)
    self.settings = settings
    vocabulary = TextVocabulary(expecting: min(settings.vocabEstimate, settings.memory / 128))
    block = CountingBlock(
      order: settings.order, capacity: settings.memory / CountingBlock.bytesEach)
  }

  /// Adds a sentence, whose words are parted by spaces, tabs, line feeds, carriage returns and NULs.
  ///
  /// - Throws: `Fault` where a word is `<s>`, `</s>` or `<unk>` and such are not skipped, where a word
  ///   is above `longestWord`, or where memory or disk are too small.
  public mutating func add(sentence: Span<UInt8>) throws(Fault) {
    buffer.reserve(sentence.count + 9)
    unsafe sentence.withUnsafeBufferPointer { bytes in
      if let base = bytes.baseAddress {
        unsafe buffer.start.update(from: base, count: bytes.count)
      }
    }
    buffer[sentence.count] = 0x20
    var done = 0
    while done <= sentence.count {
      let used = try addWords(done..<sentence.count + 1, isLines: false, path: "sentence")
      if used == 0 { break }
      done += used
    }
    try endSentence()
  }

  /// Adds every line of a file, stored plainly or compressed, as a sentence.
  ///
  /// `progress` is told now and then.
  ///
  /// - Throws: `Fault` as `add(sentence:)` does, with the byte; and where the file cannot be read.
  public mutating func addLines(
    of path: String, progress: (KneserNeyProgress) -> Void = { _ in }
  ) throws(Fault) {
    let reader = try openDecoded(path)
    var chunk: [UInt8] = []
    var waiting = 0
    while true {
      chunk.removeAll(keepingCapacity: true)
      let fresh = reader.offset
      let start = fresh - UInt64(waiting)
      let count = try reader.read(Self.chunk, into: &chunk)
      buffer.reserve(waiting + count + 9, keeping: waiting)
      unsafe chunk.withUnsafeBufferPointer { bytes in
        if let base = bytes.baseAddress {
          unsafe (buffer.start + waiting).update(from: base, count: count)
        }
      }
      waiting += count
      if count == 0 && (waiting > 0 || block.isInSentence) {
        // The last line needs no line feed.
        buffer[waiting] = 0x0a
        waiting += 1
      }
      var done = 0
      while true {
        let used = try addWords(
          done..<waiting, isLines: true, path: path,
          location: { reader.location(of: max(fresh, start + UInt64($0))).offset })
        if used == 0 { break }
        done += used
      }
      waiting -= done
      unsafe buffer.start.update(from: buffer.start + done, count: waiting)
      guard waiting <= Self.longestWord else {
        throw reader.fault(.tooLong(limit: Self.longestWord), at: max(fresh, start + UInt64(done)))
      }
      progress(KneserNeyProgress(stage: .counting, done: tokens, total: nil))
      if count == 0 { break }
    }
  }

  /// Adds a word to the sentence that the next `endSentence` ends: for text that is cut already.
  ///
  /// - Throws: `Fault` as `add(sentence:)` does, and where the word is empty or has white space in it.
  public mutating func add(word: Span<UInt8>) throws(Fault) {
    try setLimit(at: "word", 0)
    let count = word.count
    buffer.reserve(count + 9)
    for index in word.indices { buffer[index] = word[index] }
    buffer[count] = 0x20
    var used = 0
    let cuts = unsafe quipu_words_cut(buffer.start, count + 1, cut.start, 2, &used)
    guard cuts == 1, Int(cut[0].length) == count else {
      throw Fault("word", at: 0, .unusable("a word must not be empty nor have white space in it"))
    }
    try unsafe add(buffer.start, count, cut[0].hash, path: "word", location: { 0 })
  }

  /// Ends a sentence; an empty one where no word was added since the last.
  public mutating func endSentence() throws(Fault) {
    try append(TextVocabulary.end)
    sentences += 1
  }

  /// Adds the words of a part of the buffer, and says how many bytes they and what parts them take; 0
  /// where a word goes on behind it.
  private mutating func addWords(
    _ range: Range<Int>, isLines: Bool, path: String, location: (Int) -> UInt64 = { _ in 0 }
  ) throws(Fault) -> Int {
    try setLimit(at: path, location(range.lowerBound))
    var used = 0
    let start = unsafe buffer.start + range.lowerBound
    let count = unsafe quipu_words_cut(start, range.count, cut.start, Self.batch, &used)
    for index in 0..<count { vocabulary.prefetch(cut[index].hash) }
    for index in 0..<count {
      let word = cut[index]
      if word.length == 0 {
        if isLines { try endSentence() }
        continue
      }
      try unsafe add(
        start + Int(word.start), Int(word.length), word.hash, path: path,
        location: { location(range.lowerBound + Int(word.start)) })
    }
    return used
  }

  @inline(__always)
  private mutating func add(
    _ word: UnsafePointer<UInt8>, _ length: Int, _ hash: UInt64, path: String,
    location: () -> UInt64
  ) throws(Fault) {
    guard length <= Self.longestWord else {
      throw Fault(path, at: location(), .tooLong(limit: Self.longestWord))
    }
    let id = unsafe vocabulary.id(of: word, length, hash)
    if id <= TextVocabulary.end {
      if settings.skipSymbols { return }
      let name = TextVocabulary.specials[Int(id)]
      throw Fault(
        path, at: location(),
        .unusable(
          "the word \(name) is a mark of the model; take such words for white space with --skip-symbols"
        ))
    }
    try append(id)
    tokens &+= 1
  }

  @inline(__always)
  private mutating func append(_ id: UInt32) throws(Fault) {
    if block.count &+ 2 > limit { try writeBlock() }
    block.append(id)
  }

  @inline(never)
  private mutating func writeBlock() throws(Fault) {
    try block.write(to: runs, types: vocabulary.count, jobs: settings.jobs)
  }

  /// Shares the memory out between the vocabulary and the block.
  private mutating func setLimit(at path: String, _ offset: UInt64) throws(Fault) {
    let rest = settings.memory - vocabulary.memory - 4 * vocabulary.count - (3 << 19)
    guard rest >= 1 << 20, vocabulary.count < TextVocabulary.most - Self.batch else {
      throw Fault(
        path, at: offset,
        .unusable(
          "the vocabulary of \(vocabulary.count) words alone takes \(vocabulary.memory) bytes of the "
            + "\(settings.memory) that may be used: allow more memory"))
    }
    guard tokens + sentences <= Self.mostTokens - Self.batch else {
      throw Fault(
        path, at: offset,
        .unusable("more than \(Self.mostTokens) words: a model counts no further; train on fewer"))
    }
    limit = rest / CountingBlock.bytesEach
  }

  /// Estimates the model and writes it to `path` as an ARPA file, which appears whole or not at all.
  ///
  /// - Throws: `Fault` where there is no text, where it is too small for discounts to be estimated and
  ///   there is no fallback, or where the disk is full.
  /// - Complexity: O(n) in the words, in memory; on disk O(n log n).
  public consuming func finish(
    writing path: String, progress: @escaping (KneserNeyProgress) -> Void = { _ in }
  ) throws(Fault) -> KneserNeyReport {
    guard sentences > 0 else { throw fault("there is no text to train on") }
    try block.write(to: runs, types: vocabulary.count, jobs: settings.jobs)
    let settings = settings
    let excluded = try vocabulary.excluded(by: settings.limitVocabFile)
    var report = KneserNeyReport(
      tokens: tokens, types: vocabulary.count, sentences: sentences, orders: [], runs: runs.count,
      size: 0)
    block.forget()
    do {
      let estimation = KneserNeyEstimation(settings, vocabulary, progress: progress)
      (report.orders, report.size) = try estimation.run(runs, excluded: excluded, to: path)
    } catch let fault as Fault {
      throw fault
    } catch {
      throw Fault(path, at: 0, .unusable("\(error)"))
    }
    return report
  }
}
