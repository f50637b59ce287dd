internal import CTextModels
internal import Glibc
internal import Ground

/// The rows of labels, or of questions on the way to them, and a step of each kind of loss.
///
/// One thread steps through a block's examples in order, exactly as one thread of the program would.
struct OutputLayer: ~Copyable {
  private let loss: FastTextSettings.Loss
  private let labels: Int
  private let negatives: Int
  private let matrix: RowMatrix
  /// By label, where the rows on the way to the tree's root begin in `pathRows`; and the answers.
  private var pathStarts = [0]
  private var pathRows: [UInt32] = []
  private var pathAnswers: [UInt8] = []
  /// The sums of the roots of the labels' counts up to each: how often a label is drawn as a negative.
  private let shares: [Double]
  private let level: CInt
  private let scores: RowMatrix
  private var random: SplitMix
  private var questions: [UInt32] = []
  private var answers: [UInt8] = []

  init(
    _ settings: FastTextSettings, labelCounts: ArraySlice<Int>, _ matrix: RowMatrix, seed: UInt64,
    level: CInt
  ) throws(Fault) {
    self.level = level
    loss = settings.loss
    labels = labelCounts.count
    negatives = Int(settings.neg)
    self.matrix = matrix
    var sum = 0.0
    shares = labelCounts.map { count in
      sum += Double(count).squareRoot()
      return sum
    }
    scores = try RowMatrix(rows: 1, dim: labels)
    random = SplitMix(seed: seed)
    guard loss == .hierarchicalSoftmax else { return }
    let tree = FastTextTree(counts: labelCounts.map(Int64.init))
    for label in 0..<labels {
      for (row, isRight) in tree.path(of: label) {
        pathRows.append(UInt32(row))
        pathAnswers.append(isRight ? 1 : 0)
      }
      pathStarts.append(pathRows.count)
    }
  }

  /// Learns that a hidden vector belongs to `targets`, and stores the gradient of the vector.
  ///
  /// All targets count where each label is a question of its own; else one of them, drawn at random.
  mutating func step(
    _ hidden: UnsafePointer<Float>, _ targets: UnsafeBufferPointer<UInt32>, rate: Float,
    gradient: UnsafeMutablePointer<Float>
  ) -> Float {
    guard let first = targets.baseAddress else { return 0 }
    if loss == .oneVersusAll {
      return unsafe quipu_training_all(
        level, matrix.floats, labels, matrix.width, hidden, rate, 0, first, targets.count,
        scores.floats, gradient)
    }
    let chosen = targets.count == 1 ? 0 : random.below(targets.count)
    if loss == .softmax {
      return unsafe quipu_training_all(
        level, matrix.floats, labels, matrix.width, hidden, rate, 1, first + chosen, 1,
        scores.floats, gradient)
    }
    let target = unsafe Int(first[chosen])
    if loss == .hierarchicalSoftmax {
      let start = pathStarts[target]
      let count = pathStarts[target + 1] - start
      return unsafe pathRows.withUnsafeBufferPointer { nodes in
        unsafe pathAnswers.withUnsafeBufferPointer { answers in
          guard let nodes = nodes.baseAddress, let answers = answers.baseAddress else { return 0 }
          return unsafe quipu_training_some(
            level, matrix.floats, matrix.width, hidden, rate, nodes + start, answers + start, count,
            gradient)
        }
      }
    }
    drawQuestions(target)
    return unsafe questions.withUnsafeBufferPointer { questions in
      unsafe answers.withUnsafeBufferPointer { answers in
        guard let rows = questions.baseAddress, let answers = answers.baseAddress else { return 0 }
        return unsafe quipu_training_some(
          level, matrix.floats, matrix.width, hidden, rate, rows, answers, questions.count, gradient
        )
      }
    }
  }

  /// The target, answered yes, and negatives other than it, answered no.
  private mutating func drawQuestions(_ target: Int) {
    questions.removeAll(keepingCapacity: true)
    answers.removeAll(keepingCapacity: true)
    questions.append(UInt32(target))
    answers.append(1)
    while questions.count <= negatives {
      let drawn = random.unit() * (shares.last ?? 0)
      var low = 0
      var high = labels - 1
      while low < high {
        let middle = (low + high) / 2
        if shares[middle] > drawn { high = middle } else { low = middle + 1 }
      }
      if low == target { continue }
      questions.append(UInt32(low))
      answers.append(0)
    }
  }
}
