import Formats
import Ground
public import Ledger

/// A corpus in numbers, from its ledger alone.
public struct CorpusStatistics: Sendable {
  /// One source's row.
  public struct Row: Sendable {
    public var source: String
    /// Raw records, and what became of them when they were read and judged.
    public var records = 0
    public var kept = 0
    public var errors = 0
    /// Reasons with counts, those of duplicates among them, most frequent first.
    public var dropped: [(reason: String, count: Int)] = []
    /// Documents and bytes of text after duplicates are gone.
    public var documents = 0
    public var bytes = 0
    /// Tokens of those documents, once through.
    public var tokens = 0
    public var epochs = 0.0
    /// Tokens in the training shards, by all epochs.
    public var trainTokens = 0
    public var validationTokens = 0
    /// Percent of the training tokens, and what the manifest expects.
    public var share = 0.0
    public var wantedShare: Double?
  }

  public var rows: [Row] = []
  public var shards: [Commit] = []
  public var runs: [CorpusLedger.Run] = []
  public var failures: [Failure] = []
  /// Where bad records lie and why, by source; the first hundred of each unit.
  public var faults: [(source: String, fault: String)] = []

  /// Reads the ledger of a work directory.
  public init(_ work: WorkFolder) throws {
    guard fileKind(work.ledger) == .file else {
      throw Fault(
        work.path, at: 0, .unusable("no ledger.sqlite here: this is no work directory of a build"))
    }
    let ledger = try CorpusLedger(path: work.ledger)
    let read = try ledger.counts(stage: "documents")
    let tokens = try ledger.counts(stage: "tokens")
    let order = try ledger.counts(stage: "order")[""] ?? []
    let mix = MixSummary(work)
    for source in read.keys.sorted() {
      var row = Row(source: source)
      let (before, after) = (read[source] ?? [], tokens[source] ?? [])
      row.records = before.total("records")
      row.kept = before.total("kept")
      row.errors = before.total("errors")
      row.dropped = (before + after).filter { $0.what == "dropped" }
        .map { ($0.reason, $0.count) }.sorted { ($1.count, $0.reason) < ($0.count, $1.reason) }
      row.documents = after.total("kept")
      row.bytes = after.total("bytes")
      row.tokens = after.total("tokens")
      row.trainTokens = order.total("train.tokens", reason: source)
      row.validationTokens = order.total("validation.tokens", reason: source)
      row.epochs = mix.epochs[source] ?? 0
      row.wantedShare = mix.shares[source]
      rows.append(row)
    }
    let all = rows.reduce(0) { $0 + $1.trainTokens }
    for index in rows.indices where all > 0 {
      rows[index].share = 100 * Double(rows[index].trainTokens) / Double(all)
    }
    shards = try ledger.commits(stage: "shards")
    faults = try ledger.commits(stage: "documents").flatMap { commit in
      commit.faults.map { (commit.source, $0) }
    }
    runs = try ledger.runs()
    if let run = runs.last {
      failures = try ledger.failures(run: run.id).map {
        Failure(stage: $0.stage, source: $0.source, input: $0.input, fault: $0.fault)
      }
    }
  }
}

extension [Commit.Count] {
  func total(_ what: String, reason: String? = nil) -> Int {
    reduce(0) { $0 + ($1.what == what && (reason == nil || $1.reason == reason) ? $1.count : 0) }
  }
}

/// What `mix.json` says; empty where no shards are made yet.
struct MixSummary {
  var epochs: [String: Double] = [:]
  var shares: [String: Double] = [:]
  var seed = 0
  var root = ""

  init(_ work: WorkFolder) {
    let parser = JSONParser()
    guard let bytes = try? openDecoded(work(WorkFolder.mix)).readToEnd(),
      let node = try? parser.parse(bytes)
    else { return }
    node["epochs"]?.forEachMember { epochs[$0] = $1.number }
    node["shares"]?.forEachMember { shares[$0] = $1.number }
    seed = node["seed"]?.integer ?? 0
    root = node["root"]?.string ?? ""
  }
}
