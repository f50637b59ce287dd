import Formats
import Ground

/// What `metrics.jsonl` of a run tells.
struct RunStats {
  /// A step that is done.
  struct Step {
    var step: Int
    var tokens: Int
    /// Nil where they were not finite.
    var loss: Double?
    var gradientNorm: Double?
    var learningRate: Double
    var isSkipped: Bool
    var validationLoss: Double?
    var tokensPerSecond: Double
    var utilisation: Double?
    var memory: Int
  }

  var folder: String
  var steps: [Step] = []
  /// The losses by source of the latest validation that has them.
  var validationBySource: [(source: String, loss: Double)] = []
  var resumes = 0
  var rewinds = 0

  /// True where a folder has a run.
  static func isRun(_ folder: String) -> Bool {
    fileKind(folder + "/model.json") == .file && fileKind(folder + "/metrics.jsonl") == .file
  }

  /// Reads a run's metrics; a last line that is still being written is left out.
  ///
  /// - Throws: `Fault` where the file cannot be read, or a line is none of a run.
  init(folder: String) throws(Fault) {
    self.folder = folder
    let reader = BufferedReader(try FileReader(path: folder + "/metrics.jsonl"))
    let parser = JSONParser()
    var line: [UInt8] = []
    var start = reader.offset
    while try reader.readLine(into: &line) == .whole {
      do throws(JSONError) { try add(parser.parse(line)) } catch {
        if try reader.isAtEnd() { break }  // still being written, or cut short
        throw reader.fault(.malformed("not a line of metrics: \(error.description)"), at: start)
      }
      start = reader.offset
    }
  }

  private mutating func add(_ node: JSONNode) throws(JSONError) {
    guard let step = node["step"]?.integer else { throw JSONError("there is no step") }
    if node["event"] != nil {
      resumes = max(resumes, node["resumes"]?.integer ?? 0)
      rewinds = max(rewinds, node["rewinds"]?.integer ?? 0)
      return
    }
    steps.append(
      Step(
        step: step, tokens: node["tokens"]?.integer ?? 0, loss: node["loss"]?.number,
        gradientNorm: node["gradientNorm"]?.number,
        learningRate: node["learningRate"]?.number ?? 0,
        isSkipped: node["skipped"] != nil, validationLoss: node["validationLoss"]?.number,
        tokensPerSecond: node["tokensPerSecond"]?.number ?? 0,
        utilisation: node["utilisation"]?.number, memory: node["memory"]?.integer ?? 0))
    guard let sources = node["validation"], sources.isObject else { return }
    validationBySource = []
    sources.forEachMember { validationBySource.append(($0, $1.number ?? .nan)) }
  }

  var skipped: Int { steps.count { $0.isSkipped } }

  var bestValidation: Step? {
    steps.filter { $0.validationLoss != nil }.min {
      ($0.validationLoss ?? 0) < ($1.validationLoss ?? 0)
    }
  }

  var lastValidation: Step? { steps.last { $0.validationLoss != nil } }

  /// The median over all steps; single ones are disturbed.
  var speed: Double { Self.median(steps.map(\.tokensPerSecond)) }

  var utilisation: Double? {
    let known = steps.compactMap(\.utilisation)
    return known.isEmpty ? nil : Self.median(known)
  }

  private static func median(_ numbers: [Double]) -> Double {
    numbers.isEmpty ? 0 : numbers.sorted()[numbers.count / 2]
  }

  /// The losses of training, smoothed: an exponential mean that forgets with a fiftieth of the run.
  ///
  /// Divided by the sum of its weights, as Adam's means are, so that it begins at the first loss.
  var smoothed: [(step: Int, value: Double)] {
    let keep = 1 - 1 / max(1, Double(steps.count) / 50)
    var (sum, weight) = (0.0, 0.0)
    return steps.compactMap { step in
      guard let loss = step.loss, !step.isSkipped else { return nil }
      sum = keep * sum + (1 - keep) * loss
      weight = keep * weight + (1 - keep)
      return (step.step, sum / weight)
    }
  }

  var validation: [(step: Int, value: Double)] {
    steps.compactMap { step in step.validationLoss.map { (step.step, $0) } }
  }

  /// The last loss, smoothed.
  var lastLoss: Double? { smoothed.last?.value }
}
