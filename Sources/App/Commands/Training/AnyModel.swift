import Compute
import Ground
import Llama
import Trainer

/// A trained model to use, whoever wrote it: a run of ours, a Hugging Face folder or Meta's.
struct AnyModel {
  private enum Home {
    case run(RunFolder)
    case folder(ModelFolder)
  }

  let path: String
  let config: LlamaConfig
  private let home: Home

  /// Looks at what the folder holds; parameters are not read.
  ///
  /// - Throws: `Fault` where the folder has no model that is known.
  init(path: String) throws(Fault) {
    self.path = path
    if fileKind(path) == .folder, ModelFolder.layout(of: path) != nil {
      let folder = try ModelFolder(path: path)
      config = folder.config
      home = .folder(folder)
    } else {
      guard fileKind(path + "/model.json") == .file else {
        throw Fault(
          path, at: 0,
          .unusable(
            "no model is here: neither a run's model.json, nor Hugging Face's config.json, nor "
              + "Meta's params.json"))
      }
      let run = RunFolder(path: path)
      config = try run.config()
      home = .run(run)
    }
  }

  /// The tokenizer that belongs to the model; nil where the folder has none.
  var tokenizerPath: String? {
    switch home {
    case .run(let run): run.tokenizerPath
    case .folder(let folder): folder.tokenizerPath
    }
  }

  /// True where texts began with the end of the one before, as in our shards; models of others know
  /// the start token there.
  var isOurRun: Bool { if case .run = home { true } else { false } }

  /// The model with its parameters, without gradients.
  ///
  /// - Parameters:
  ///   - maximumTokens: Of the largest batch it will be given.
  ///   - workers: The threads it will run on.
  ///   - message: Is told about damaged checkpoints that are passed over.
  /// - Returns: The model, and the step it is of where that is known.
  /// - Throws: `Fault` where no parameters are whole.
  func model(
    maximumTokens: Int, workers: WorkerPool, message: (String) -> Void = { _ in }
  ) throws(Fault) -> (model: LlamaModel, step: Int?) {
    switch home {
    case .run(let run):
      let (model, step) = try run.model(
        maximumTokens: maximumTokens, workers: workers, message: message)
      return (model, step)
    case .folder(let folder):
      let model = LlamaModel(
        config: config, maximumTokens: maximumTokens, workers: workers, trains: false)
      try model.load(from: folder)
      return (model, nil)
    }
  }
}
