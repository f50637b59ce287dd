internal import CUDA
internal import Compute
public import Llama

/// The check of a whole step: loss and gradients against the CPU in f32, from the same weights.
public enum ModelChecks {
  /// A model that a CPU trains in a second, with heads that share keys.
  public static let small = LlamaConfig(
    vocabularySize: 1024, dim: 256, layers: 4, heads: 4, keyValueHeads: 2, hiddenDim: 704,
    context: 256)

  /// Carries it out.
  ///
  /// - Parameters:
  ///   - bench: Gets a row for the loss, for all gradients, and for the worst tensor's.
  ///   - config: Of the model.
  ///   - recompute: What the backward pass computes again.
  ///   - sequences: Each as long as the context.
  /// - Throws: Never, on one rank.
  public static func run(
    _ bench: CheckBench, _ config: LlamaConfig = small, recompute: Recompute, sequences: Int = 4
  ) throws {
    let engine = bench.engine, length = config.context
    let batch = TokenBatch(
      sequences: sequences, length: length, vocabulary: config.vocabularySize, seed: 1)
    let cpu = LlamaModel(
      config: config, maximumTokens: batch.tokens.count, workers: bench.reference.workers)
    cpu.initialize(seed: 7, deviation: 0.1)
    let gpu = OptimizedModel(
      engine, config, maximumTokens: batch.tokens.count, recompute: recompute)
    gpu.set(cpu.parameters)
    // The CPU works with what bf16 has of the weights.
    cpu.parameters.copy(from: engine.download(gpu.parameters))
    let scale = 1 / Double(batch.tokens.count)
    let theirs = try cpu.forwardBackward(
      tokens: batch.tokens, targets: batch.targets, batch: sequences, length: length,
      lossScale: scale)
    let ours = try gpu.network.forwardBackward(
      tokens: batch.tokens, targets: batch.targets, batch: sequences, length: length,
      lossScale: scale)
    let name = "recompute \(recompute.rawValue)"
    bench.report(
      CheckRow(
        name: "model loss", sizes: name, error: abs(ours.mean - theirs.mean) / theirs.mean,
        limit: 1e-3))
    let gradients = engine.download(gpu.gradients).map(Double.init)
    let reference = cpu.gradients.array.map(Double.init)
    bench.report(
      CheckRow(
        name: "model gradients", sizes: name, error: distance(gradients, reference), limit: 2e-2))
    var worst = (error: 0.0, name: "")
    for tensor in config.tensors {
      let error = distance(Array(gradients[tensor.range]), Array(reference[tensor.range]))
      if !(error <= worst.error) { worst = (error, tensor.name) }
    }
    bench.report(
      CheckRow(
        name: "model worst tensor", sizes: "\(name): \(worst.name)", error: worst.error,
        limit: 5e-2))
  }
}
