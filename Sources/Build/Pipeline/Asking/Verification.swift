import Ground
import Ledger
import Shards
import Synchronization

/// Checks of a finished work directory: what was checked, and everything that is wrong.
public struct Verification: Sendable {
  public private(set) var artifacts = 0
  public private(set) var bytes = 0
  public private(set) var units = 0
  public private(set) var tokens = 0
  /// One sentence for each thing that is wrong; empty where all is well.
  public private(set) var problems: [String] = []

  static let stages = ["documents", "duplicates", "tokenizer", "tokens", "order", "shards"]

  /// Reads every artifact again and compares digests, balances, orders and owners.
  ///
  /// - Complexity: O(bytes of the work directory).
  public init(_ work: WorkFolder, jobs: Int, quiet: Bool) throws {
    guard fileKind(work.ledger) == .file else {
      throw Fault(
        work.path, at: 0, .unusable("no ledger.sqlite here: this is no work directory of a build"))
    }
    let ledger = try CorpusLedger(path: work.ledger)
    var commits: [Commit] = []
    for stage in Self.stages { commits += try ledger.commits(stage: stage) }
    units = commits.count
    if commits.isEmpty { problems.append("the ledger has no finished unit") }
    for commit in commits where !commit.isBalanced {
      problems.append("\(commit.stage) \(commit.key): the counts do not balance")
    }
    try checkDigests(commits.flatMap(\.artifacts), in: work, jobs: jobs, quiet: quiet)
    try checkShards(commits.filter { $0.stage == "shards" }, in: work)
    checkTokens(commits)
    checkRoot(commits.filter { $0.stage == "shards" }, in: work)
  }

  private mutating func checkDigests(
    _ artifacts: [Commit.Artifact], in work: WorkFolder, jobs: Int, quiet: Bool
  ) throws {
    self.artifacts = artifacts.count
    bytes = artifacts.reduce(0) { $0 + $1.bytes }
    let next = Atomic<Int>(0)
    var found: [String] = []
    try withProgress(
      quiet: quiet,
      line: { "verify: \(next.load(ordering: .relaxed)) of \(artifacts.count) files" }
    ) {
      try orderedMap(
        jobs: jobs,
        next: {
          let index = next.add(1, ordering: .relaxed).oldValue
          return index < artifacts.count ? artifacts[index] : nil
        },
        transform: { artifact -> String? in
          do throws(Fault) {
            let digest = try sha256(file: work(artifact.path))
            return digest == artifact.digest
              ? nil : "\(artifact.path): is not what was written: its digest is \(digest)"
          } catch { return "\(error)" }
        },
        accept: { if let problem = $0 { found.append(problem) } })
    }
    problems += found
  }

  /// Every shard's pair fits together, its documents' owners cover each token once, and the order
  /// of the draws goes up from shard to shard.
  private mutating func checkShards(_ commits: [Commit], in work: WorkFolder) throws {
    let mix = Mix(
      seed: UInt64(MixSummary(work).seed), epochs: [], validationFraction: 0, tokensPerShard: 1)
    var owners: [String: Set<Hash128>] = [:]
    var last: [String: UInt64] = [:]
    for commit in commits.sorted(by: { $0.input < $1.input }) {
      let split = folder(of: commit.input)
      do {
        let shard = try ShardReader(path: work(commit.input))
        let ranges = try ShardProvenance.allRanges(in: work(commit.input + ".sqlite"))
        tokens += shard.tokenCount
        var start = 0
        for (document, range) in ranges.enumerated() {
          let bounds = range.start..<range.start + range.count
          if range.start != start || document >= shard.documentCount
            || shard.tokenRange(ofDocument: document) != bounds
          {
            problems.append("\(commit.input): token \(start): no owner, or more than one")
            break
          }
          start += range.count
          let key = mix.orderKey(of: range.id, epoch: range.epoch)
          if let before = last[split], key < before {
            problems.append("\(commit.input): document \(document): out of order")
          }
          last[split] = key
          owners[split, default: []].insert(range.id)
        }
        if start != shard.tokenCount || start != commit.total("tokens") {
          problems.append(
            "\(commit.input): owners for \(start) tokens, but it has \(shard.tokenCount)")
        }
      } catch { problems.append("\(error)") }
    }
    let both = (owners["shards/train"] ?? []).intersection(owners["shards/validation"] ?? [])
    if !both.isEmpty {
      problems.append("\(both.count) documents are in training and validation at once")
    }
  }

  /// As many tokens are in the shards as the order has drawn.
  private mutating func checkTokens(_ commits: [Commit]) {
    guard let order = commits.first(where: { $0.stage == "order" }) else { return }
    let drawn = order.total("train.tokens") + order.total("validation.tokens")
    if commits.contains(where: { $0.stage == "shards" }) && drawn != tokens {
      problems.append("the mix drew \(drawn) tokens, but the shards have \(tokens)")
    }
  }

  private mutating func checkRoot(_ commits: [Commit], in work: WorkFolder) {
    guard !commits.isEmpty else { return }
    let order = commits.sorted { left, right in
      // `mix.json` lists training first, as the build made them.
      (left.input.hasPrefix("shards/validation") ? 1 : 0, left.input)
        < (right.input.hasPrefix("shards/validation") ? 1 : 0, right.input)
    }
    let digests = order.flatMap { commit in
      [".bin", ".idx"].compactMap { end in
        commit.artifacts.first { $0.path == commit.input + end }?.digest
      }
    }
    if merkleRoot(digests) != MixSummary(work).root {
      problems.append("\(WorkFolder.mix): its root is not that of the shards")
    }
  }
}
