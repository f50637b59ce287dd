public import Documents
import Dedup
public import Ground
public import Ledger
import Shards

/// Where a document came from, what judged it, and where its tokens went.
public struct Explanation: Sendable {
  public var source: String
  /// The key of the unit that read it.
  public var unit: String
  public var record: ProvenanceRow
  /// `kept`, or the reason for which it is not in the corpus, duplicates included.
  public var verdict: String
  /// The document that stands for it, with their similarity; nil for survivors.
  public var duplicateOf: (id: Hash128, similarity: Double)?
  /// Where its tokens lie: shard and range.
  public var places: [(shard: String, range: TokenRange)] = []

  /// Where the raw record lies in its input.
  public var origin: Origin { record.origin }
}

/// Answers where documents and tokens came from, from the databases of a work directory.
public struct Explainer: Sendable {
  private let work: WorkFolder
  private let documents: [Commit]
  private let duplicates: [String: String]
  private let shards: [Commit]

  public init(_ work: WorkFolder) throws {
    guard fileKind(work.ledger) == .file else {
      throw Fault(
        work.path, at: 0, .unusable("no ledger.sqlite here: this is no work directory of a build"))
    }
    self.work = work
    let ledger = try CorpusLedger(path: work.ledger)
    documents = try ledger.commits(stage: "documents")
    duplicates = try ledger.commits(stage: "duplicates").reduce(into: [:]) {
      $0[$1.source] = $1.key
    }
    shards = try ledger.commits(stage: "shards")
  }

  /// The document with this id; nil where no unit has read one.
  public func explain(id: Hash128) throws -> Explanation? {
    for commit in documents {
      let reader = try ProvenanceReader(
        path: work(WorkFolder.provenance(commit.source, commit.key)))
      if let row = try reader.row(id: id) { return try explanation(row, commit) }
    }
    return nil
  }

  /// All records of this URL, in the order of their inputs.
  public func explain(url: String) throws -> [Explanation] {
    try documents.flatMap { commit in
      try ProvenanceReader(path: work(WorkFolder.provenance(commit.source, commit.key)))
        .rows(url: url).map { try explanation($0, commit) }
    }
  }

  /// The document that a token of a shard belongs to, and that document's range in the shard.
  ///
  /// Shards are named as `train/00000`; tokens count from the start of the shard. A `Fault` says
  /// that there is no such shard or token.
  public func explain(
    token index: Int, ofShard shard: String
  ) throws -> (explanation: Explanation, range: TokenRange)? {
    let stem = "\(WorkFolder.shards)/\(shard)"
    guard shards.contains(where: { $0.input == stem }) else {
      let known = Split.allCases.map { split in
        let count = shards.count { $0.input.hasPrefix("\(WorkFolder.shards)/\(split.rawValue)/") }
        return "\(count) in \(split.rawValue)"
      }
      throw Fault(
        work(stem), at: 0,
        .unusable("no such shard; there are \(known.joined(separator: " and ")), from 00000 on"))
    }
    guard let range = try ShardProvenance.range(at: index, in: work(stem + ".sqlite")) else {
      let count = try ShardReader(path: work(stem)).tokenCount
      throw Fault(
        work(stem), at: 0, .unusable("the shard has no token \(index); it has \(count)"))
    }
    guard let commit = documents.first(where: { $0.key == range.unit }) else { return nil }
    let reader = try ProvenanceReader(
      path: work(WorkFolder.provenance(commit.source, commit.key)))
    guard let row = try reader.row(id: range.id) else { return nil }
    return (try explanation(row, commit), range)
  }

  private func explanation(_ row: ProvenanceRow, _ commit: Commit) throws -> Explanation {
    var explanation = Explanation(
      source: commit.source, unit: commit.key, record: row, verdict: row.verdict)
    if row.verdict == "kept", let key = duplicates[commit.source],
      let duplicate = try DuplicateFile(path: work(WorkFolder.verdicts(commit.source, key)))[row.id]
    {
      explanation.verdict = "duplicate.\(duplicate.kind.name)"
      explanation.duplicateOf = (duplicate.duplicateOf, duplicate.similarity)
    }
    for shard in shards {
      for range in try ShardProvenance.ranges(of: row.id, in: work(shard.input + ".sqlite")) {
        explanation.places.append(
          (String(shard.input.dropFirst(WorkFolder.shards.count + 1)), range))
      }
    }
    return explanation
  }
}
