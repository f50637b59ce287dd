public import Ground

/// Makes a classifier small, as the program's `quantize` does: rows in bytes, and only the best rows.
///
/// The same model and settings give the same file for any number of threads.
///
/// - SeeAlso: Joulin et al., FastText.zip: Compressing text classification models
///   (arXiv:1612.03651).
public struct FastTextQuantizer: Sendable {
  /// Rows of words and n-grams that are kept, those of the greatest length; 0 for all.
  public var cutoff = 0
  /// Whether the lengths of rows are quantised apart from their directions.
  public var qnorm = false
  /// Whether the rows of labels are quantised, too; there must be 256 or more.
  public var qout = false
  /// Columns that share a byte.
  public var dsub = 2
  /// Trains the rows that were kept on a text again; its settings but for `lr`, `epoch`, `seed`,
  /// `jobs` and `memory` are those of the model.
  public var retrain: FastTextTrainer?
  /// Files that `retrain` learns from.
  public var retrainFiles: [String] = []
  /// Threads.
  public var jobs = 1

  public init() {}

  /// - Throws: `Fault` where a setting makes no sense or the model has too few rows, and whatever
  ///   `progress` throws while rows are trained again.
  public func quantize(
    _ model: TrainedFastText, progress: (FastTextProgress) throws -> Void = { _ in }
  ) throws -> QuantizedFastText {
    try check(model)
    var model = model
    var kept: [FastTextFile.Kept]?
    if cutoff > 0 && cutoff < model.input.rows {
      let pruning = RowPruning(model, keeping: cutoff)
      model = try pruning.model(epoch: retrain?.settings.epoch)
      kept = pruning.kept
      if var retrain {
        retrain.settings = model.settings
        try retrain.check()
        let text = try retrain.read(retrainFiles)
        try retrain.check(text, model.entries, retrainFiles)
        let rows = pruning.rows
        let vocabulary = try retrain.vocabulary(of: model, text, rows)
        try retrain.train(model, text, vocabulary, rows, progress: progress)
      }
    }
    let input = try QuantizedRows(
      model.input, name: "input matrix", partDim: dsub, lengths: qnorm, jobs: jobs)
    let output =
      qout
      ? try QuantizedRows(
        model.output, name: "output matrix", partDim: 2, lengths: qnorm, jobs: jobs) : nil
    return QuantizedFastText(model, pruned: kept, input: input, output: output)
  }

  private func check(_ model: TrainedFastText) throws(Fault) {
    func fault(_ what: String) -> Fault { Fault("quantize", at: 0, .unusable(what)) }
    guard jobs > 0 else { throw fault("jobs is \(jobs); it must be at least 1") }
    guard dsub > 0, dsub <= 1 << 16 else {
      throw fault("dsub is \(dsub); it must be from 1 to 65536")
    }
    guard cutoff >= 0 else { throw fault("cutoff is \(cutoff); it must not be negative") }
    guard cutoff == 0 || cutoff >= ProductQuantizer.centroidCount else {
      throw fault("cutoff is \(cutoff), and 256 rows are the least that can be quantised")
    }
    guard model.settings.kind == .supervised else { throw fault("only classifiers are quantised") }
    guard retrain == nil || cutoff > 0 else {
      throw fault("retrain is of use with a cutoff only: without one no row is lost")
    }
    guard retrain == nil || !retrainFiles.isEmpty else {
      throw fault("retrain needs the text that the model was trained on")
    }
  }
}

/// A quantised classifier in memory, to be written.
public final class QuantizedFastText: Sendable {
  private let header: [UInt8]
  private let input: QuantizedRows
  private let denseOutput: RowMatrix
  private let output: QuantizedRows?

  init(
    _ model: TrainedFastText, pruned: [FastTextFile.Kept]?, input: QuantizedRows,
    output: QuantizedRows?
  ) {
    header = FastTextFile.header(
      model.settings, model.entries, tokens: model.tokens, pruned: pruned)
    self.input = input
    self.output = output
    denseOutput = model.output
  }

  /// Writes a `.ftz` file, which appears whole or not at all.
  public func write(to path: String) throws(Fault) {
    var file = try AtomicFile(path: path)
    try file.write(header)
    try file.write([1])
    try input.write(to: &file)
    if let output {
      try file.write([1])
      try output.write(to: &file)
    } else {
      try file.write([0])
      try FastTextFile.write(denseOutput, to: &file)
    }
    try file.commit()
  }
}
