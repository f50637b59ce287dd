public import Compute
import Glibc
public import Ground
public import Llama
import Ranks

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
    guard let found = try newestCheckpoint(Solo<View<Float>>(), message) else {
      throw Fault(path, at: 0, .unusable("the run has no whole checkpoint yet; train it first"))
    }
    let model = LlamaModel(
      config: config, maximumTokens: maximumTokens, workers: workers, trains: false)
    try found.reader().read(wholePieces(model.tensors, of: model.parameters))
    return (model, found.state.step)
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
      guard let step = Self.step(ofPart: name), fileKind(recordPath(step)) == .nothing else {
        continue
      }
      try removeFile("\(path)/\(name)")
    }
    if let tokenizer, tokenizer != tokenizerCopy {
      let bytes = try BufferedReader(try FileReader(path: tokenizer)).readToEnd()
      try writeAtomically(bytes, to: tokenizerCopy)
    }
    return lock
  }
}
