public import Ground

extension Evaluator {
  /// Asks the questions of a task.
  ///
  /// - Parameters:
  ///   - task: Its questions and examples.
  ///   - shots: Examples before each question.
  ///   - seed: Of the draw of examples.
  ///   - limit: Only the first so many questions; nil for all.
  ///   - progress: Is told how many questions are done.
  /// - Returns: For choices, the accuracy under the task's normalisation and then the others that
  ///   cost nothing; for answers, the exact match.
  /// - Throws: `Fault` where the task has fewer examples than `shots`.
  public func evaluate(
    _ task: TaskFile, shots: Int = 0, seed: UInt64 = 1, limit: Int? = nil,
    progress: (Int) -> Void = { _ in }
  ) throws(Fault) -> [Measurement] {
    precondition(shots >= 0 && limit ?? 1 > 0, "\(shots) shots, limit \(limit ?? 0)")
    let count = min(task.questions.count, limit ?? task.questions.count)
    let measures = task.kind == .choice ? task.measured : [("exact match", .none)]
    var isRight = [[Bool]](repeating: [], count: measures.count)
    for number in 0..<count {
      let question = task.questions[number]
      let preamble = try task.preamble(of: number, shots: shots, seed: seed)
      switch task.kind {
      case .choice:
        let choices = try likelihoods(question, preamble, task)
        for (index, measure) in measures.enumerated() {
          isRight[index].append(choices.best(measure.1) == question.right)
        }
      case .answer:
        let text = try written(
          after: preamble + question.pairs[0].context, stops: task.stops,
          maximumTokens: task.maximumTokens)
        let answer = comparable(text)
        isRight[0].append(question.pairs.contains { comparable($0.ending) == answer })
      }
      progress(number + 1)
    }
    return zip(measures, isRight).map { measure, isRight in
      .share(of: isRight, name: task.name, measure: measure.0, shots: shots)
    }
  }

  /// What the comparison of a question's choices needs.
  struct Likelihoods {
    /// Of each choice after its context, in nats.
    var conditional: [Double]
    /// Of each choice after the unconditional context; empty where not asked for.
    var unconditional: [Double] = []
    /// Unicode scalars of each choice, the delimiter left out.
    var characters: [Int]

    /// The choice with the highest score; of equal ones the first.
    func best(_ normalisation: TaskFile.Normalisation) -> Int {
      let scores = conditional.indices.map { index in
        switch normalisation {
        case .none: conditional[index]
        case .characters: conditional[index] / Double(max(1, characters[index]))
        case .unconditional: conditional[index] - unconditional[index]
        }
      }
      return scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
    }
  }

  private func likelihoods(
    _ question: TaskFile.Question, _ preamble: [UInt8], _ task: TaskFile
  ) throws(Fault) -> Likelihoods {
    let endings = question.pairs.map { task.delimiter + $0.ending }
    var likelihoods = Likelihoods(
      conditional: try logLikelihoods(
        zip(question.pairs, endings).map { continuation(preamble + $0.context, $1) }),
      characters: question.pairs.map {
        String(decoding: $0.ending, as: UTF8.self).unicodeScalars.count
      })
    if task.normalisation == .unconditional {
      likelihoods.unconditional = try logLikelihoods(
        endings.map { continuation(task.unconditional, $0) })
    }
    return likelihoods
  }
}

extension TaskFile {
  /// The accuracies that are measured, the task's own first.
  fileprivate var measured: [(String, Normalisation)] {
    let names: [(String, Normalisation)] = [
      ("accuracy", .none), ("accuracy by characters", .characters),
      ("accuracy by \"\(String(decoding: unconditional, as: UTF8.self))\"", .unconditional),
    ]
    let own = names.filter { $0.1 == normalisation }
    return own + names.filter { $0.1 != normalisation && $0.1 != .unconditional }
  }
}
