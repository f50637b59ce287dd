import Ground
import Manifest

extension Build {
  func tokenizerStage(
    _ kept: [(documents: DocumentsDone, kept: KeptDocuments)], _ coordinator: Coordinator
  ) throws -> LoadedTokenizer {
    var model: String?
    var shares = [Double](repeating: 0, count: plans.count)
    switch manifest.tokenizer {
    case .model(let path): model = path.hasPrefix("/") ? path : "\(inputs)/\(path)"
    case .train(let training):
      shares = sampleShares(kept.map(\.documents), wanted: training.sample)
    }
    let unit = try TokenizerUnit(
      manifest.tokenizer,
      pools: kept.map { .init(documents: $0.kept, share: shares[$0.documents.sourceIndex]) },
      model: model, seed: manifest.seed, jobs: jobs)
    guard try coordinator.run([unit], title: "tokenizer").first ?? nil != nil else {
      throw Fault(
        WorkFolder.tokenizer, at: 0,
        .unusable("no tokenizer: \(coordinator.failures.last?.fault ?? "its stage failed")"))
    }
    let bytes = try openDecoded(work(WorkFolder.tokenizer(unit.key))).readToEnd()
    try writeAtomically(bytes, to: work(WorkFolder.tokenizer))
    return try LoadedTokenizer(path: work(WorkFolder.tokenizer))
  }

  /// The share of each source's documents that the tokenizer's sample takes, so that the sample
  /// has the mix's proportions and about the wanted bytes.
  private func sampleShares(_ documents: [DocumentsDone], wanted: Int) -> [Double] {
    var bytes = [Double](repeating: 0, count: plans.count)
    for done in documents { bytes[done.sourceIndex] += Double(done.bytes) }
    let mixed = zip(bytes, plans).reduce(0) { $0 + $1.0 * $1.1.recipe.epochs }
    return plans.map { min(1, Double(wanted) * $0.recipe.epochs / max(1, mixed)) }
  }

  func tokensStage(
    _ kept: [(documents: DocumentsDone, kept: KeptDocuments)], _ tokenizer: LoadedTokenizer,
    _ coordinator: Coordinator
  ) throws -> [TokenPool] {
    let units = kept.map {
      TokensUnit(
        $0.kept, input: $0.documents.input, tokenizer: tokenizer, shards: manifest.shards)
    }
    let commits = try coordinator.run(units, title: "tokens")
    return zip(zip(units, kept), commits).compactMap { unit, commit in
      guard commit != nil else { return nil }
      return TokenPool(
        source: unit.0.source, sourceIndex: unit.1.documents.sourceIndex, tokens: unit.0.key,
        documents: unit.1.documents.key)
    }
  }
}
