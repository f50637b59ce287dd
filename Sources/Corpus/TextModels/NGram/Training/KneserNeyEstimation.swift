import Ground

/// Estimates a model from the n-grams of a text and writes it.
struct KneserNeyEstimation: ~Copyable {
  private let settings: KneserNeySettings
  private let text: ARPAText
  private let types: Int
  /// Bytes that sorting may use.
  private let memory: Int
  private let progress: (KneserNeyProgress) -> Void

  init(
    _ settings: KneserNeySettings, _ vocabulary: consuming TextVocabulary,
    progress: @escaping (KneserNeyProgress) -> Void
  ) {
    self.settings = settings
    types = vocabulary.count
    vocabulary.forgetSlots()
    memory = max(1 << 20, settings.memory - vocabulary.memory - (1 << 20))
    text = ARPAText(vocabulary)
    self.progress = progress
  }

  /// Writes the model to `path`; gives what it has of each length, and its size in bytes.
  func run(_ runs: NGramRuns, excluded: [Bool], to path: String) throws -> (
    orders: [KneserNeyReport.Order], size: Int
  ) {
    let (lists, statistics) = try adjusted(runs, excluded)
    var discounts: [Discounts] = []
    for (index, counts) in statistics.enumerated() {
      discounts.append(
        try Discounts(counts, length: index + 1, fallback: settings.discountFallback))
    }
    var estimates: [ContextEstimates] = []
    // Three rooms are in use at once.
    let most = statistics.reduce(0) { max($0, $1.count) }
    let rooms = SortingRooms(size: min(most, memory / 48))
    for length in 2..<max(2, settings.order + 1) {
      report(.estimating, length - 2, settings.order - 1)
      estimates.append(
        try ContextEstimates(
          lists[..<length], contexts: estimates.last?.contexts, discounts[length - 1],
          rooms, settings))
    }
    let size = try write(lists, statistics, discounts, estimates, to: path)
    let orders = zip(statistics, discounts).map { counts, discounts in
      KneserNeyReport.Order(
        count: counts.count, kept: counts.kept, discounts: discounts.amounts,
        isFallback: discounts.isFallback)
    }
    return (orders, size)
  }

  private func report(_ stage: KneserNeyProgress.Stage, _ done: Int, _ total: Int?) {
    progress(KneserNeyProgress(stage: stage, done: done, total: total))
  }

  private func adjusted(_ runs: NGramRuns, _ excluded: [Bool]) throws(Fault)
    -> ([NGramList], [CountStatistics])
  {
    let counts = try AdjustedCounts(settings, excluded: excluded)
    let merge = try runs.merged(settings, memory: memory / 2)
    var done = 0
    report(.adjusting, 0, runs.total)
    while let batch = try unsafe merge.next() {
      unsafe counts.add(batch)
      done += batch.count / (settings.order + 1)
      report(.adjusting, done, runs.total)
    }
    let lists = try counts.finish()
    return (lists, counts.statistics)
  }

  private func write(
    _ lists: [NGramList], _ statistics: [CountStatistics], _ discounts: [Discounts],
    _ estimates: [ContextEstimates], to path: String
  ) throws -> Int {
    var file = try AtomicFile(path: path)
    try file.write(ARPAText.header(statistics.map(\.kept)))
    var probabilities: NumberFile?
    let total = statistics.reduce(0) { $0 + $1.count }
    var done = 0
    for length in 1...settings.order {
      try file.write(ARPAText.title(length: length))
      let source = try ProbabilityChunks(
        lists[..<length],
        estimates: length == 1
          ? try unigrams(lists[0], statistics[0], discounts[0]) : estimates[length - 2].estimates,
        shorter: probabilities, uniform: uniform(statistics[0]),
        backoffs: length < settings.order ? estimates[length - 1].backoffs : nil,
        size: text.linesAtOnce(length: length), folder: settings.temporaryFolder)
      let text = text
      try orderedMap(
        jobs: settings.jobs, next: { try source.next() },
        transform: { (text.lines($0, length: length), $0.read) },
        accept: { lines, read in
          try file.write(lines)
          done += read
          report(.writing, done, total)
        })
      probabilities = try source.finish()
      try file.write(Array("\n".utf8))
    }
    try file.write(ARPAText.end)
    let size = file.count
    try file.commit()
    return size
  }

  /// What every word has before anything is known of it.
  ///
  /// `<s>` is not among them, as it is never predicted.
  private func uniform(_ counts: CountStatistics) -> Float {
    Float(1 / Double(Float(max(settings.vocabPad, counts.kept - 1))))
  }

  /// The probabilities of unigrams before interpolation, and the weight of the uniform distribution.
  private func unigrams(
    _ list: NGramList, _ statistics: CountStatistics, _ discounts: Discounts
  ) throws(Fault) -> NumberFile {
    let words = list.words.reader()
    let counts = list.counts.reader()
    var sums = ContextSums()
    for _ in 0..<list.words.count {
      let isPruned = words.next() & NGramList.isPruned != 0
      sums.add(counts.next(), isPruned: isPruned)
    }
    try words.check()
    try counts.check()
    let gamma = sums.gamma(discounts)
    let total = Float(sums.total)
    let again = list.counts.reader()
    let estimates = try NumberWriter(in: settings.temporaryFolder)
    for word in 0..<UInt32(list.words.count) {
      let count = again.next()
      switch word {
      case 0:
        estimates.append(settings.interpolateUnigrams ? 0 : gamma)
        estimates.append(settings.interpolateUnigrams ? gamma : 0)
      case TextVocabulary.beginning:
        // Its probability multiplies nothing.
        estimates.append(1 as Float)
        estimates.append(0 as Float)
      default:
        estimates.append(discounts.applied(to: count) / total)
        estimates.append(settings.interpolateUnigrams ? gamma : 0)
      }
    }
    try again.check()
    return try estimates.finish()
  }
}
