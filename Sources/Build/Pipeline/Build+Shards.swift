import Formats
import Ground
import Ledger
import Manifest
import Shards
import Tokenizer

extension Build {
  func shardsStage(
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
