public import Compute
import Glibc
public import Ground
public import Llama

/// The folder of a run: model, tokenizer, metrics and checkpoints.
///
/// - SeeAlso: `Docs/Formats/run.md`.
public struct RunFolder: Sendable {
  public let path: String

  public init(path: String) { self.path = path }

  var modelPath: String { path + "/model.json" }
  var metricsPath: String { path + "/metrics.jsonl" }
  private var tokenizerCopy: String { path + "/tokenizer.model" }

  /// The tokenizer that the run's tokens were made with; nil where the run has none.
  public var tokenizerPath: String? {
    fileKind(tokenizerCopy) == .file ? tokenizerCopy : nil
  }

  /// The sizes of the run's model.
  ///
  /// - Throws: `Fault` where the folder has no run.
  public func config() throws(Fault) -> LlamaConfig {
    guard fileKind(modelPath) == .file else {
      throw Fault(path, at: 0, .unusable("the folder has no run: there is no model.json in it"))
    }
    return try LlamaConfig(modelFile: modelPath)
  }

  /// The steps of the checkpoints whose record is there, ascending.
  public func checkpoints() throws(Fault) -> [Int] {
    guard fileKind(path) == .folder else { return [] }
    return try names(in: path).compactMap { Self.step(of: $0, ending: ".json") }.sorted()
  }

  /// A model with the parameters of the newest checkpoint that is whole.
  ///
  /// - Parameters:
  ///   - maximumTokens: Of the largest batch it will be given.
  ///   - workers: The threads it will run on.
  ///   - message: Is told about damaged checkpoints that are passed over.
  /// - Returns: The model, without gradients, and the step it is of.
  /// - Throws: `Fault` where no checkpoint is whole.
  public func model(
    maximumTokens: Int, workers: WorkerPool, message: (String) -> Void = { _ in }
  ) throws(Fault) -> (model: LlamaModel, step: Int) {
    let config = try config()
    guard let (record, file) = try newest(message) else {
      throw Fault(path, at: 0, .unusable("the run has no whole checkpoint yet; train it first"))
    }
    let model = LlamaModel(
      config: config, maximumTokens: maximumTokens, workers: workers, trains: false)
    try read(named(model.tensors, of: model.parameters), from: file)
    return (model, record.state.step)
  }

  /// Makes the folder for a run, and sweeps what a killed one left half written.
  ///
  /// - Parameters:
  ///   - config: Stored in the folder; that of a run which is there must be the same.
  ///   - tokenizer: Copied into the folder, so that generation needs nothing else.
  ///   - resumes: Without it, a folder with checkpoints is refused.
  /// - Returns: What keeps other processes out for as long as it is held.
  /// - Throws: `Fault` where the folder has a run of another model or of another process, or cannot
  ///   be written.
  func prepare(
    _ config: LlamaConfig, tokenizer: String?, resumes: Bool
  ) throws(Fault) -> FolderLock {
    try makeFolder(path)
    let lock = try FolderLock(path, for: "training in this folder")
    if !resumes, let step = try checkpoints().last {
      throw Fault(
        path, at: 0,
        .unusable(
          "the folder has a run already, up to step \(step); resume it or choose another folder"))
    }
    try sweepLeftovers(under: path)
    if fileKind(modelPath) == .file, try LlamaConfig(modelFile: modelPath) != config {
      throw Fault(
        modelPath, at: 0,
        .unusable("the folder has a run of another model; choose another folder"))
    }
    try writeAtomically(config.json, to: modelPath)
    for name in try names(in: path) {
      guard let step = Self.step(of: name, ending: ".safetensors"),
        fileKind(recordPath(step)) == .nothing
      else { continue }
      try remove("\(path)/\(name)")
    }
    if let tokenizer, tokenizer != tokenizerCopy {
      let bytes = try BufferedReader(try FileReader(path: tokenizer)).readToEnd()
      try writeAtomically(bytes, to: tokenizerCopy)
    }
    return lock
  }

  /// The newest checkpoint whose tensors are whole, and where they are.
  func newest(_ message: (String) -> Void) throws(Fault) -> (CheckpointRecord, String)? {
    for step in try checkpoints().reversed() {
      do throws(Fault) {
        let record = try CheckpointRecord(path: recordPath(step))
        let file = "\(path)/\(record.tensors)"
        let size = Int(try fileSize(file))
        guard size == record.bytes else {
          throw Fault(file, at: 0, .truncated(expected: record.bytes, found: size))
        }
        guard try xxh3Wide(file: file) == record.hash else {
          throw Fault(file, at: 0, .malformed("the content is not what was saved"))
        }
        return (record, file)
      } catch {
        message("passed over the damaged checkpoint of step \(step): \(error)")
      }
    }
    return nil
  }

  func tensorsName(_ step: Int) -> String { "checkpoint-\(Self.digits(step)).safetensors" }

  func recordPath(_ step: Int) -> String { "\(path)/checkpoint-\(Self.digits(step)).json" }

  /// Removes a checkpoint: the record first, so that it is never without its tensors.
  func removeCheckpoint(_ step: Int) throws(Fault) {
    try remove(recordPath(step))
    try remove("\(path)/\(tensorsName(step))")
  }

  private func remove(_ file: String) throws(Fault) {
    guard unsafe unlink(file) == 0 || errno == ENOENT else { throw .system("remove", file) }
  }

  private static func digits(_ step: Int) -> String {
    let digits = String(step)
    return String(repeating: "0", count: max(0, 6 - digits.utf8.count)) + digits
  }

  private static func step(of name: String, ending: String) -> Int? {
    let start = "checkpoint-"
    guard name.hasPrefix(start), name.hasSuffix(ending) else { return nil }
    let middle = name.dropFirst(start.count).dropLast(ending.count)
    guard middle.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let step = Int(middle),
      digits(step) == middle
    else { return nil }
    return step
  }
}
