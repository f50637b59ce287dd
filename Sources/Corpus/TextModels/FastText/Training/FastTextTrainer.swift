internal import CTextModels
internal import Ground

/// Trains a fastText classifier of lines, as the program's `supervised` does.
///
/// The same text, settings and seed give the same model, to the bit, for any number of `jobs`
/// (`BlockTraining` says how) and on every kind of processor.
///
/// - SeeAlso: Joulin et al., Bag of Tricks for Efficient Text Classification (arXiv:1607.01759);
///   `facebookresearch/fastText` `src/fasttext.cc`.
public struct FastTextTrainer: Sendable {
  /// What the program calls `dim`, `epoch` and so on.
  public var settings = FastTextSettings()
  /// The learning rate at the beginning.
  public var lr = 0.1
  /// Labels that come less often are no labels; examples without another are skipped.
  public var minCountLabel = 0
  /// What a token begins with that is a label.
  public var labelPrefix = FastTextSettings.labelPrefix
  public var seed = 0
  /// Goes through the lines in an order made from `seed`, and not as they stand.
  ///
  /// The program takes them as they stand, and so forgets in a sorted text what it learned first.
  public var shuffles = true
  /// A file of word vectors to begin with (`.vec`), which may be compressed.
  public var pretrainedVectors: String?
  /// Threads.
  public var jobs = 1
  /// Bytes that training may use; nil for no bound of its own.
  public var memory: Int?

  /// What of the processor is used; results do not depend on it.
  package var level: CInt = quipu_training_best()

  public init() {}

  /// Trains on lines `__label__xx text` of files, plain or compressed, in this order.
  ///
  /// `progress` is called a few times a second on the calling thread; where it throws, training ends
  /// with that error.
  ///
  /// - Throws: `Fault` where the settings make no sense, a file cannot be read, there is nothing to
  ///   learn, or memory does not suffice; nothing large is allocated before that is known.
  public func train(
    _ files: [String], progress: (FastTextProgress) throws -> Void = { _ in }
  ) throws -> TrainedFastText {
    try check()
    let text = try read(files)
    var entries = TrainingVocabulary.entries(
      text, minCount: Int(settings.minCount), minCountLabel: minCountLabel)
    try check(text, entries, files)
    var settings = settings
    if settings.wordNgrams <= 1 && settings.maxn <= 0 { settings.bucket = 0 }
    let vectors = try pretrainedVectors.map { path throws(Fault) in
      try PretrainedVectors(path, dim: Int(settings.dim), memory: memory)
    }
    if let vectors { entries = vectors.joined(to: entries) }
    let rowCount = entries.wordCount + Int(settings.bucket)
    try checkMemory(rows: rowCount, labels: entries.labelCount, text: text.memoryInUse)
    let input = try RowMatrix(rows: rowCount, dim: Int(settings.dim))
    let output = try RowMatrix(rows: entries.labelCount, dim: Int(settings.dim))
    let model = TrainedFastText(
      settings: settings, entries: entries, tokens: text.counts.tokens, textCounts: text.counts,
      input: input, output: output)
    let rules = TrainingRows(settings, wordRows: entries.wordCount)
    let vocabulary = try vocabulary(of: model, text, rules)
    let used = UsedRows(of: rowCount, text, vocabulary, rules)
    used.randomize(input, seed: UInt64(bitPattern: Int64(seed)), jobs: jobs, level: level)
    vectors?.copy(to: input, entries)
    try train(model, text, vocabulary, rules, progress: progress)
    return model
  }

  /// Reads the lines of files, in the order they are to be taken.
  func read(_ files: [String]) throws(Fault) -> TrainingText {
    var text = TrainingText(labelPrefix: labelPrefix)
    for file in files { try text.read(file, memory: memory) }
    if shuffles { text.shuffle(seed: UInt64(bitPattern: Int64(seed))) }
    return text
  }

  /// The rows of the tokens of a text, in what the text and the model leave of `memory`.
  func vocabulary(
    of model: TrainedFastText, _ text: borrowing TrainingText, _ rules: TrainingRows
  ) throws(Fault) -> TrainingVocabulary {
    let left = memory.map { $0 - text.memoryInUse - model.input.size - model.output.size }
    return try TrainingVocabulary(model.entries, text, rules, memory: left)
  }

  /// Trains the rows of a model on a text that has been read.
  func train(
    _ model: TrainedFastText, _ text: consuming TrainingText,
    _ vocabulary: consuming TrainingVocabulary, _ rules: TrainingRows,
    progress: (FastTextProgress) throws -> Void
  ) throws {
    let output = try OutputLayer(
      model.settings, labelCounts: model.entries.labelCounts, model.output,
      seed: UInt64(bitPattern: Int64(seed)), level: level)
    let schedule = TrainingSchedule(
      rate: lr, epochs: Int(model.settings.epoch), tokens: text.counts.tokens,
      updateRate: Int(model.settings.lrUpdateRate))
    let left = memory.map {
      $0 - text.memoryInUse - model.input.size - model.output.size - vocabulary.memoryInUse
    }
    let training = try BlockTraining(
      text: text, vocabulary: vocabulary, rules: rules, input: model.input, output: output,
      schedule: schedule, jobs: jobs, memory: left, level: level)
    try training.run(progress: progress)
  }
}
