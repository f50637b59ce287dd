import Documents
import Formats
import Ground
import Ledger
public import Manifest
import Shards
import Tokenizer

/// Makes a corpus: raw inputs → documents → duplicates → tokenizer → tokens → shards.
///
/// Killed at any moment and run again, it goes on with what is left and gives the same bytes.
public struct Build: Sendable {
  public enum Stage: String, CaseIterable, Sendable {
    case documents, duplicates, tokenizer, tokens, shards
  }

  public var manifest: CorpusManifest
  public var plans: [SourcePlan]
  public var work: WorkFolder
  /// The folder that relative inputs start from.
  public var inputs: String
  public var jobs: Int
  /// Bytes that a sorting stage may use before it sorts on disk.
  public var memory: Int
  public var quiet: Bool

  public init(
    manifest: CorpusManifest, plans: [SourcePlan], work: WorkFolder, inputs: String, jobs: Int,
    memory: Int, quiet: Bool
  ) {
    self.manifest = manifest
    // Whatever order the manifest has, the corpus is the same.
    self.plans = plans.sorted { $0.name < $1.name }
    self.work = work
    self.inputs = inputs
    self.jobs = jobs
    self.memory = memory
    self.quiet = quiet
  }

  /// Runs all stages up to `last`.
  ///
  /// - Returns: The inputs that failed; they are tried again by the next run.
  /// - Throws: `Fault` or `LedgerError` for what stops the run as a whole.
  public func run(through last: Stage = .shards) throws -> [Failure] {
    try makeFolder(work.path)
    let lock = try FolderLock(work.path)
    defer { lock.release() }
    try sweepLeftovers(under: work.path)
    let ledger = try CorpusLedger(path: work.ledger)
    let run = try ledger.beginRun(manifest: manifest.name, command: "build")
    let coordinator = Coordinator(
      work: work, ledger: ledger, run: run, jobs: jobs, quiet: quiet)
    do {
      try stages(through: last, coordinator)
    } catch {
      try ledger.endRun(run, outcome: "stopped: \(error)")
      throw error
    }
    try ledger.setCurrent(coordinator.keys)
    let failures = coordinator.failures
    try ledger.endRun(
      run, outcome: failures.isEmpty ? "done" : "done, \(failures.count) failed")
    return failures
  }

  private func stages(through last: Stage, _ coordinator: Coordinator) throws {
    let documents = try documentsStage(coordinator)
    if last == .documents { return }
    let kept = try duplicatesStage(documents, coordinator)
    if last == .duplicates { return }
    let tokenizer = try tokenizerStage(kept, coordinator)
    if last == .tokenizer { return }
    let pools = try tokensStage(kept, tokenizer, coordinator)
    if last == .tokens { return }
    try shardsStage(pools, tokenizer, coordinator)
  }
}

// MARK: - Documents and duplicates

/// A finished unit of documents, as later stages see it.
struct DocumentsDone: Sendable {
  var source: String
  var sourceIndex: Int
  var input: String
  var key: String
  var bytes: Int
}

extension Build {
  private func documentsStage(_ coordinator: Coordinator) throws -> [DocumentsDone] {
    var units: [DocumentsUnit] = []
    var indexes: [Int] = []
    for (index, plan) in plans.enumerated() {
      for unit in try self.units(of: plan, coordinator) {
        units.append(unit)
        indexes.append(index)
      }
    }
    let commits = try coordinator.run(units, title: "documents")
    return zip(zip(units, indexes), commits).compactMap { unit, commit in
      commit.map {
        DocumentsDone(
          source: unit.0.source, sourceIndex: unit.1, input: unit.0.input, key: unit.0.key,
          bytes: $0.total("bytes"))
      }
    }
  }

  /// The units of all inputs of a source, in byte order of the inputs' names, each input once.
  private func units(of plan: SourcePlan, _ coordinator: Coordinator) throws -> [DocumentsUnit] {
    var found: [String: Input] = [:]
    for pattern in plan.recipe.inputs {
      do {
        for input in try findInputs(pattern.text, under: inputs, for: plan.source) {
          found[input.name] = input
        }
      } catch {
        try coordinator.fail(
          Failure(
            stage: "documents", source: plan.name, input: pattern.text, fault: "\(error)"))
      }
    }
    var units: [DocumentsUnit] = []
    for input in found.values.sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
      do {
        let digest = try self.digest(of: input, source: plan.name, coordinator.ledger)
        units += try plan.source.units(of: input).map {
          try DocumentsUnit($0, digest: digest, of: plan, added: manifest.added)
        }
      } catch let fault as Fault {
        try coordinator.fail(
          Failure(stage: "documents", source: plan.name, input: input.name, fault: "\(fault)"))
      }
    }
    return units
  }

  /// The input's hash, from the ledger where the file has not changed since.
  private func digest(of input: Input, source: String, _ ledger: CorpusLedger) throws -> String {
    guard fileKind(input.path) == .file else { return try input.digest() }
    let bytes = Int(clamping: try fileSize(input.path))
    let modified = try modificationTime(input.path)
    if let known = try ledger.digest(
      source: source, input: input.name, bytes: bytes, modified: modified)
    {
      return known
    }
    let digest = try input.digest()
    try ledger.recordInput(
      source: source, input: input.name, bytes: bytes, modified: modified, digest: digest)
    return digest
  }

  private func duplicatesStage(
    _ documents: [DocumentsDone], _ coordinator: Coordinator
  ) throws -> [(documents: DocumentsDone, kept: KeptDocuments)] {
    let units = plans.map { plan in
      DuplicatesUnit(
        plan.recipe, units: documents.filter { $0.source == plan.name }.map(\.key),
        memory: memory)
    }
    let commits = try coordinator.run(units, title: "duplicates")
    var kept: [(DocumentsDone, KeptDocuments)] = []
    for (unit, commit) in zip(units, commits) where commit != nil {
      for (index, done) in documents.filter({ $0.source == unit.source }).enumerated() {
        kept.append(
          (
            done,
            KeptDocuments(source: unit.source, unit: done.key, duplicates: unit, index: index)
          ))
      }
    }
    return kept
  }
}

// MARK: - Tokenizer, tokens and shards

extension Build {
  private func tokenizerStage(
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

  private func tokensStage(
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

  private func shardsStage(
    _ pools: [TokenPool], _ tokenizer: LoadedTokenizer, _ coordinator: Coordinator
  ) throws {
    let mix = Mix(
      seed: manifest.seed, epochs: plans.map(\.recipe.epochs),
      validationFraction: manifest.shards.validation, tokensPerShard: manifest.shards.tokens)
    let order = OrderUnit(pools, mix: mix, memory: memory)
    guard try coordinator.run([order], title: "order").first ?? nil != nil else { return }
    let width = TokenWidth(vocabulary: tokenizer.encoder.count)
    var units: [ShardUnit] = []
    for split in Split.allCases {
      let draws = try DrawOrder(path: work(OrderUnit.path(order.key, split)))
      let count = mix.shardCount(tokens: draws.tokens)
      for number in 0..<count {
        units.append(
          ShardUnit(
            split, number, of: count, order: draws, orderKey: order.key, pools: pools,
            width: width))
      }
    }
    try makeRoom(for: units)
    let commits = try coordinator.run(units, title: "shards").compactMap { $0 }
    guard commits.count == units.count else { return }
    try writeAtomically(
      mixSummary(units, commits, tokenizer: tokenizer), to: work(WorkFolder.mix))
  }

  /// Shards have names that do not tell their keys, so what other manifests left there goes first:
  /// its commit records, then its files.
  private func makeRoom(for units: [ShardUnit]) throws(Fault) {
    let keys = Set(units.map { "\($0.key).json" })
    let stems = Set(units.map(\.stem))
    let commits = folder(of: work(WorkFolder.commit("shards", "")))
    if fileKind(commits) == .folder {
      for name in try names(in: commits) where !keys.contains(name) {
        try removeFile("\(commits)/\(name)")
      }
      try syncFolder(of: "\(commits)/")
    }
    guard fileKind(work(WorkFolder.shards)) == .folder else { return }
    for file in try files(under: work(WorkFolder.shards)) {
      let stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
      if !stems.contains("\(WorkFolder.shards)/\(stem)") {
        try removeFile(work("\(WorkFolder.shards)/\(file)"))
      }
    }
  }

  /// `mix.json`: how the shards came about, and one digest for all of them.
  private func mixSummary(
    _ units: [ShardUnit], _ commits: [Commit], tokenizer: LoadedTokenizer
  ) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.key("name")
      json.string(manifest.name)
      json.key("seed")
      json.integer(Int(manifest.seed))
      json.key("vocabulary")
      json.integer(tokenizer.encoder.count)
      json.key("tokenizer")
      json.string(tokenizer.digest)
      json.key("epochs")
      json.object { json in
        for plan in plans {
          json.key(plan.name)
          json.number(plan.recipe.epochs)
        }
      }
      json.key("shares")
      json.object { json in
        for plan in plans {
          guard let share = plan.recipe.share else { continue }
          json.key(plan.name)
          json.number(share)
        }
      }
      json.key("shards")
      json.array { json in
        for (unit, commit) in zip(units, commits) {
          json.object { json in
            json.key("path")
            json.string(unit.stem + ".bin")
            json.key("documents")
            json.integer(commit.total("documents"))
            json.key("tokens")
            json.integer(commit.total("tokens"))
            json.key("sha256")
            json.string(commit.artifacts.first?.digest ?? "")
          }
        }
      }
      json.key("root")
      json.string(merkleRoot(commits.flatMap { $0.artifacts.prefix(2).map(\.digest) }))
    }
    return json.bytes + [0x0a]
  }
}

/// One digest of many: neighbours are hashed together, level by level, an odd one goes up as it is.
///
/// Digests are hashed as their hexadecimal digits.
func merkleRoot(_ digests: [String]) -> String {
  var level = digests
  while level.count > 1 {
    level = stride(from: 0, to: level.count, by: 2).map { index in
      guard index + 1 < level.count else { return level[index] }
      let pair = Array((level[index] + level[index + 1]).utf8)
      return hexadecimal(sha256(pair.span))
    }
  }
  return level.first ?? ""
}
