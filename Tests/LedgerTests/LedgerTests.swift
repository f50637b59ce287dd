import Ground
import Ledger
import TestSupport
import Testing

@Suite struct LedgerTests {
  private func commit(key: String = String(repeating: "a", count: 32)) -> Commit {
    var commit = Commit(stage: "documents", key: key, source: "c4", input: "c4/0.json.gz")
    commit.counts = [
      .init("records", 5), .init("kept", 3), .init("dropped", reason: "short", 1),
      .init("errors", 1),
    ]
    commit.artifacts = [.init(path: "documents/c4/a.jsonl.zst", bytes: 7, digest: "00ff")]
    commit.faults = ["c4/0.json.gz: byte 12: not JSON"]
    return commit
  }

  @Test func balanceIsRecordsAgainstTheirFates() {
    var commit = commit()
    #expect(commit.isBalanced)
    commit.counts[1].count = 2
    #expect(!commit.isBalanced)
  }

  @Test func recordingTwiceCountsOnce() throws {
    let folder = try TemporaryFolder()
    let ledger = try CorpusLedger(path: "\(folder.path)/ledger.sqlite")
    try ledger.record(commit())
    try ledger.record(commit())
    let counts = try #require(try ledger.counts(stage: "documents")["c4"])
    #expect(counts.map(\.count).sorted() == [1, 1, 3, 5])
    #expect(try ledger.commits(stage: "documents") == [sorted(commit())])
  }

  /// Counts come back in the order of their key.
  private func sorted(_ commit: Commit) -> Commit {
    var commit = commit
    commit.counts.sort { ($0.what, $0.reason) < ($1.what, $1.reason) }
    return commit
  }

  @Test func unitsOfOtherManifestsAreNotCounted() throws {
    let folder = try TemporaryFolder()
    let ledger = try CorpusLedger(path: "\(folder.path)/ledger.sqlite")
    let other = String(repeating: "b", count: 32)
    try ledger.record(commit())
    try ledger.record(commit(key: other))
    try ledger.setCurrent([other])
    #expect(try ledger.commits(stage: "documents").map(\.key) == [other])
  }

  @Test func aReopenedLedgerRemembers() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/ledger.sqlite"
    let run = try CorpusLedger(path: path).beginRun(manifest: "m.yaml", command: "build")
    let again = try CorpusLedger(path: path)
    #expect(try again.runs().map(\.outcome) == [nil])
    try again.endRun(run, outcome: "done")
    #expect(try again.runs().map(\.outcome) == ["done"])
  }

  @Test func aDigestIsKnownWhileTheFileIsTheSame() throws {
    let folder = try TemporaryFolder()
    let ledger = try CorpusLedger(path: "\(folder.path)/ledger.sqlite")
    try ledger.recordInput(source: "c4", input: "a", bytes: 5, modified: 100, digest: "d")
    #expect(try ledger.digest(source: "c4", input: "a", bytes: 5, modified: 100) == "d")
    #expect(try ledger.digest(source: "c4", input: "a", bytes: 6, modified: 100) == nil)
  }

  @Test func aDamagedLedgerIsNamed() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("this is no database, but it is long enough", to: "ledger.sqlite")
    #expect {
      try CorpusLedger(path: path)
    } throws: { error in
      "\(error)".hasPrefix("\(path): byte 0: ") && "\(error)".contains("not a database")
    }
  }
}

@Suite struct ProvenanceTests {
  @Test func rowsAreFoundByIDAndURL() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/unit.sqlite"
    var writer = try ProvenanceWriter(path: path)
    for index in 0..<2500 {
      try writer.add(
        ProvenanceRow(
          id: Hash128(high: UInt64(index), low: .max), path: "p", offset: index, skip: 0, length: 9,
          url: "https://example.org/\(index % 1000)", verdict: index % 2 == 0 ? "kept" : "short",
          line: index % 2 == 0 ? index / 2 : nil, signals: "{}"))
    }
    #expect(fileKind(path) == .nothing)
    try writer.commit()
    let reader = try ProvenanceReader(path: path)
    #expect(try reader.row(id: Hash128(high: 7, low: .max))?.verdict == "short")
    #expect(try reader.row(id: Hash128(high: 7, low: 0)) == nil)
    #expect(try reader.rows(url: "https://example.org/42").map(\.offset) == [42, 1042, 2042])
    #expect(try reader.allRows().count == 2500)
  }

  @Test func everyTokenBelongsToOneDocument() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/00000.sqlite"
    let ranges = [3, 1, 6].reduce(into: [TokenRange]()) { ranges, count in
      let start = ranges.last.map { $0.start + $0.count } ?? 0
      ranges.append(
        TokenRange(
          start: start, count: count, id: Hash128(high: 0, low: UInt64(count)), source: "books",
          unit: "u", epoch: 0))
    }
    try ShardProvenance.write(ranges, to: path)
    let owners = try (0..<11).map { try ShardProvenance.range(at: $0, in: path)?.count }
    #expect(owners == [3, 3, 3, 1, 6, 6, 6, 6, 6, 6, nil])
    #expect(try ShardProvenance.ranges(of: Hash128(high: 0, low: 6), in: path) == [ranges[2]])
  }
}
