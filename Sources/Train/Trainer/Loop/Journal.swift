import Formats
import Glibc
import Ground

/// What rank 0 writes down about a run: `metrics.jsonl` and TensorBoard's event file.
///
/// Both are cut where a run goes back, so that they read as if it had never been further.
final class Journal {
  private let metrics: MetricsFile
  private let events: EventFile?
  /// The number of a resume that no step has followed yet.
  private var resume: Int?

  /// Goes on after a step.
  init(
    _ folder: RunFolder, after step: Int, isResumed: Bool, tensorBoard: Bool
  ) throws(Fault) {
    metrics = try MetricsFile(folder.metricsPath, after: step)
    if tensorBoard {
      try makeFolder(folder.path + "/tensorboard")
      // TensorBoard wants `tfevents` in the name, the rest is free; a resumed run goes on with it.
      events = try EventFile(
        folder.path + "/tensorboard/events.out.tfevents.0.quipu", after: step)
    } else {
      events = nil
    }
    resume = isResumed ? metrics.resumes + 1 : nil
  }

  func note(_ step: StepReport) throws(Fault) {
    let time = secondsNow()
    if let resume {
      try metrics.append(
        Array("{\"step\":\(step.step),\"event\":\"resume\",\"resumes\":\(resume)}".utf8))
      self.resume = nil
    }
    try metrics.append(step.json(time: time))
    try events?.append(step.scalars, step: step.step, time: time)
  }

  /// Cuts off what is later than a step.
  func cut(after step: Int) throws(Fault) {
    try metrics.cut(after: step)
    try events?.cut(after: step)
  }

  /// Says why the run has gone back to a step.
  func noteRewind(to step: Int, from bad: BadBatch, rewinds: Int) throws(Fault) {
    var json = JSONWriter()
    json.object { json in
      json.key("step")
      json.integer(step + 1)
      json.key("event")
      json.string("rewind")
      json.key("rewinds")
      json.integer(rewinds)
      json.key("from")
      json.integer(bad.step)
      json.key("loss")
      json.number(bad.loss)
      json.key("gradientNorm")
      json.number(bad.gradientNorm)
      bad.write(to: &json)
    }
    try metrics.append(json.bytes)
  }
}

/// Seconds since 1970, to the millisecond.
private func secondsNow() -> Double {
  var now = timespec()
  unsafe clock_gettime(CLOCK_REALTIME, &now)
  return Double(now.tv_sec) + Double(now.tv_nsec / 1_000_000) / 1000
}

extension StepReport {
  /// The numbers of the step for TensorBoard, under the names that it groups by.
  fileprivate var scalars: [(tag: String, value: Double)] {
    var scalars = [
      ("loss/train", loss), ("optimizer/learning rate", learningRate),
      ("optimizer/gradient norm", gradientNorm), ("speed/tokens per second", tokensPerSecond),
    ]
    if let utilisation { scalars.append(("speed/utilisation", utilisation)) }
    if let parameterNorm { scalars.append(("optimizer/parameter norm", parameterNorm)) }
    if let validationLoss { scalars.append(("loss/validation", validationLoss)) }
    scalars += validationBySource.map { ("validation/\($0.source)", $0.loss) }
    return scalars.map { (tag: $0.0, value: $0.1) }
  }
}
