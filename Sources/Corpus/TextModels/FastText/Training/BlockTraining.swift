internal import CTextModels
internal import Ground
internal import Synchronization

/// Trains the rows of a model, to the same bits on any number of threads.
///
/// Lines are taken in blocks (`TrainingPlan`), and a block in three steps, between which all threads
/// wait for one another:
///
/// 1. Each line's hidden vector is computed from the input rows as they are at the block's beginning;
///    threads share the lines out.
/// 2. One thread steps the output layer through the lines in order, and stores the gradients.
/// 3. Each line's gradient is added to its input rows; threads share the rows out, by number.
///
/// Nothing depends on the number of threads: a hidden vector is a function of rows that nobody changes
/// meanwhile, summed in one order; step 2 has one thread; and a row in step 3 belongs to one thread,
/// which adds the gradients of lines in their order, as a single thread would.
@safe final class BlockTraining: @unchecked Sendable {
  private let text: TrainingText
  private let vocabulary: TrainingVocabulary
  private let rules: TrainingRows
  private let plan: TrainingPlan
  private let input: RowMatrix
  private var output: OutputLayer
  private let schedule: TrainingSchedule
  private let jobs: Int
  private let barrier: Barrier
  private let level: CInt

  /// The rows of the lines of a block, and how many each has.
  private let rows: Room<UInt32>
  private let counts: Room<Int>
  private let hidden: RowMatrix
  private let gradients: RowMatrix
  /// Threads look at it between barriers only.
  private let isStopped = Atomic<Bool>(false)

  init(
    text: consuming TrainingText, vocabulary: consuming TrainingVocabulary, rules: TrainingRows,
    input: RowMatrix, output: consuming OutputLayer, schedule: TrainingSchedule,
    jobs: Int, memory: Int?, level: CInt
  ) throws(Fault) {
    let plan = TrainingPlan(text, vocabulary, rules)
    let room = 4 * plan.capacity
    self.plan = plan
    guard room <= memory ?? .max else {
      throw Fault(
        "training text", at: 0,
        .unusable(
          "a line has so many n-grams that they take \(room) bytes of memory, more than "
            + "training has left: give it more, or use fewer words an n-gram"))
    }
    self.text = text
    self.vocabulary = vocabulary
    self.rules = rules
    self.input = input
    self.output = output
    self.schedule = schedule
    self.jobs = jobs
    self.level = level
    barrier = Barrier(jobs)
    rows = Room(room / 4 + TrainingPlan.slack)
    rows.fill(0, 0..<room / 4 + TrainingPlan.slack)
    counts = Room(TrainingPlan.blockLines)
    hidden = try RowMatrix(rows: TrainingPlan.blockLines, dim: input.dim)
    gradients = try RowMatrix(rows: TrainingPlan.blockLines, dim: input.dim)
  }

  /// Trains through all epochs; `progress` is called now and then on the calling thread, and ends the
  /// training by throwing.
  func run(progress: (FastTextProgress) throws -> Void) throws {
    var failure: (any Error)?
    _ = inParallel(jobs) { [self] job in
      guard job == 0 else {
        self.work(job) { _ in }
        return
      }
      var meter = TrainingMeter(schedule)
      var targets: [UInt32] = []
      self.work(0) { block in
        do {
          try self.stepOutput(block, &meter, &targets)
          try meter.report(progress)
        } catch {
          failure = error
          isStopped.store(true, ordering: .relaxed)
        }
      }
      if failure == nil {
        do { try meter.finish(progress) } catch { failure = error }
      }
    }
    if let failure { throw failure }
  }

  private func work(_ job: Int, _ middle: (Range<Int>) -> Void) {
    var mine = Room<UInt32>(64)
    for _ in 0..<schedule.epochs {
      var first = 0
      for end in plan.ends {
        computeHidden(first..<end, job, &mine)
        barrier.wait()
        middle(first..<end)
        barrier.wait()
        if isStopped.load(ordering: .relaxed) { return }
        addGradients(first..<end, job, &mine)
        barrier.wait()
        first = end
      }
    }
  }

  /// Step 1, for the lines that are this thread's by the rows before them.
  private func computeHidden(_ block: Range<Int>, _ job: Int, _ hashes: inout Room<UInt32>) {
    let last = Int(plan.places[block.upperBound - 1]) + 1
    for line in block {
      let place = Int(plan.places[line])
      guard place * jobs / last == job else { continue }
      let words = unsafe text.words(of: line)
      guard let base = words.baseAddress else {
        counts[line - block.lowerBound] = 0
        continue
      }
      let start = unsafe rows.start + place
      var count = unsafe quipu_training_gather(
        base, words.count, vocabulary.starts.start, vocabulary.lists.start, start)
      if rules.areOfWords {
        unsafe count += rules.writeWordGrams(text.hashes(of: words, in: &hashes), to: start + count)
      }
      counts[line - block.lowerBound] = count
      guard count > 0 else { continue }
      unsafe quipu_training_sum(
        level, input.floats, input.width, start, count, 1 / Float(count),
        hidden.row(line - block.lowerBound))
    }
  }

  /// Step 2, for all lines in order.
  private func stepOutput(
    _ block: Range<Int>, _ meter: inout TrainingMeter, _ targets: inout [UInt32]
  ) throws(Fault) {
    for line in block {
      let slot = line - block.lowerBound
      let rate = meter.rate
      meter.advance(tokens: text.tokens(of: line))
      targets.removeAll(keepingCapacity: true)
      let labels = unsafe text.labels(of: line)
      for index in labels.indices {
        let label = vocabulary.label(unsafe labels[index])
        if label >= 0 { targets.append(UInt32(label)) }
      }
      let count = counts[slot]
      if targets.isEmpty || count == 0 {
        counts[slot] = 0
        continue
      }
      let loss = unsafe targets.withUnsafeBufferPointer { targets in
        unsafe output.step(hidden.row(slot), targets, rate: rate, gradient: gradients.row(slot))
      }
      unsafe quipu_training_scale(gradients.row(slot), gradients.width, 1 / Float(count))
      try meter.add(loss: loss)
    }
  }

  /// Step 3, for the rows that are this thread's.
  private func addGradients(_ block: Range<Int>, _ job: Int, _ mine: inout Room<UInt32>) {
    let low = UInt32(64 * job / jobs)
    let high = UInt32(64 * (job + 1) / jobs)
    for line in block {
      let slot = line - block.lowerBound
      var count = counts[slot]
      if count == 0 { continue }
      var list = unsafe rows.start + Int(plan.places[line])
      if jobs > 1 {
        mine.reserve(count + TrainingPlan.slack)
        unsafe count = quipu_training_keep(level, list, count, low, high, mine.start)
        unsafe list = mine.start
      }
      unsafe quipu_training_add(level, input.floats, input.width, list, count, gradients.row(slot))
    }
  }
}
