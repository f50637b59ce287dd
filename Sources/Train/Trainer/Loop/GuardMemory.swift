import Formats
import Ground

/// What decisions about spikes depend on, besides the batch at hand.
///
/// All of it follows from the lines of `metrics.jsonl` up to a step, which are cut and written with
/// the checkpoints: so a resumed run reads it there, and decides as one that was never stopped.
public struct GuardMemory: Hashable, Sendable {
  /// How often the run went back.
  public var rewinds = 0
  /// The step of the newest regular checkpoint, which a rewind goes back to; 0 is the beginning.
  public var anchor = 0
  /// The losses of the steps that changed the parameters.
  public var losses = LossWindow()

  public init() {}

  /// Takes in a step that is done; `loss` is nil where it was skipped.
  ///
  /// A checkpoint amid skipped steps is none to go back to: what made them bad may be in the
  /// parameters already.
  mutating func note(step: Int, loss: Double?, _ settings: TrainingSettings) {
    guard let loss else { return }
    losses.add(loss, length: settings.spikeWindow)
    if step % settings.checkpointEvery == 0 { anchor = step }
  }

  /// Reads what the lines of a run say, and counts the steps that there are lines of.
  init(metrics path: String, _ settings: TrainingSettings, steps: inout Int) throws(Fault) {
    let reader = BufferedReader(try FileReader(path: path))
    let parser = JSONParser()
    var line: [UInt8] = []
    while try reader.readLine(into: &line) == .whole {
      guard let node = try? parser.parse(line), let step = node["step"]?.integer else { continue }
      if node["event"] != nil {
        rewinds = max(rewinds, node["rewinds"]?.integer ?? 0)
      } else {
        steps += 1
        note(step: step, loss: node["skipped"] == nil ? node["loss"]?.number : nil, settings)
      }
    }
  }

  /// Numbers that another rank can rebuild it from, as many for every window of that length.
  func numbers(_ length: Int) -> [Double] {
    let losses = losses.losses
    return [Double(rewinds), Double(anchor), Double(losses.count)] + losses
      + repeatElement(0, count: length - losses.count)
  }

  init(numbers: [Double]) {
    (rewinds, anchor) = (Int(numbers[0]), Int(numbers[1]))
    losses = LossWindow(Array(numbers[3...].prefix(Int(numbers[2]))))
  }
}
