import Dedup
import Ground
import Ledger
import Shards

/// One use of one document, as it lies in an order file: 48 bytes, little-endian.
struct DrawRecord: FixedRecord {
  var key, idHigh, idLow, epoch: UInt64
  /// The token unit, by its place in the build, and the document in it.
  var unit, document: UInt32
  var tokens: UInt64

  var id: Hash128 { Hash128(high: idHigh, low: idLow) }

  static func < (left: Self, right: Self) -> Bool {
    (left.key, left.idHigh, left.idLow, left.epoch)
      < (right.key, right.idHigh, right.idLow, right.epoch)
  }
}

/// One token unit and what the mix needs of it.
struct TokenPool: Sendable {
  var source: String
  /// The source's place in the manifest's epochs.
  var sourceIndex: Int
  /// The key of the token unit, which names its files.
  var tokens: String
  /// The key of the documents unit, by which provenance is found.
  var documents: String
}

/// All documents' tokens → the order in which each split uses them.
struct OrderUnit: UnitOfWork {
  let stage = "order"
  let key: String
  let pools: [TokenPool]
  let mix: Mix
  let memory: Int

  var source: String { "" }
  var input: String { "" }

  init(_ pools: [TokenPool], mix: Mix, memory: Int) {
    self.pools = pools
    self.mix = mix
    self.memory = memory
    var key = Key(stage: stage, version: 1)
    key.add("\(mix.seed) \(mix.validationFraction)")
    for pool in pools {
      key.add(pool.tokens)
      key.add("\(mix.epochs[pool.sourceIndex])")
    }
    self.key = key.text
  }

  static func path(_ key: String, _ split: Split) -> String { "order/\(key).\(split.rawValue)" }

  func run(in work: WorkFolder) throws -> Commit {
    var commit = begunCommit
    for split in Split.allCases {
      let path = Self.path(key, split)
      let space = SortSpace(folder: folder(of: try work.prepared(path)), memory: memory)
      var runs = SortedRuns<DrawRecord>(in: space)
      var used: [String: (documents: Int, tokens: Int)] = [:]
      try forEachDraw(of: split, in: work) { draw, source in
        try runs.add(draw)
        used[source, default: (0, 0)].documents += 1
        used[source, default: (0, 0)].tokens += Int(draw.tokens)
      }
      var file = try AtomicFile(path: work(path))
      try runs.forEach { draw in
        try unsafe withUnsafeBytes(of: draw) { try unsafe file.write(Array($0)) }
      }
      try file.commit()
      try commit.add(artifact: path, in: work)
      for (source, sums) in used.sorted(by: { $0.key < $1.key }) {
        commit.counts.append(.init("\(split.rawValue).documents", reason: source, sums.documents))
        commit.counts.append(.init("\(split.rawValue).tokens", reason: source, sums.tokens))
      }
    }
    return commit
  }

  private func forEachDraw(
    of split: Split, in work: WorkFolder, _ accept: (DrawRecord, String) throws -> Void
  ) throws {
    for (number, pool) in pools.enumerated() {
      let stem = work(WorkFolder.tokens(pool.source, pool.tokens))
      let reader = try ShardReader(path: stem)
      let ids = try openDecoded(stem + ".ids").readToEnd()
      guard ids.count == 16 * reader.documentCount else {
        throw Fault(
          stem + ".ids", at: 0,
          .truncated(expected: 16 * reader.documentCount, found: ids.count))
      }
      for document in 0..<reader.documentCount {
        let id = Hash128(bytes: ids[16 * document..<16 * document + 16])
        guard mix.split(of: id) == split else { continue }
        let tokens = reader.tokenRange(ofDocument: document).count
        for draw in mix.draws(of: id, source: pool.sourceIndex) {
          try accept(
            DrawRecord(
              key: draw.key, idHigh: id.high, idLow: id.low, epoch: UInt64(draw.epoch),
              unit: UInt32(number), document: UInt32(document), tokens: UInt64(tokens)),
            pool.source)
        }
      }
    }
  }
}

/// The sorted draws of one split, mapped.
struct DrawOrder: Sendable {
  private let file: MappedFile
  private static let size = MemoryLayout<DrawRecord>.stride

  init(path: String) throws(Fault) { file = try MappedFile(path: path) }

  var count: Int { file.count / Self.size }

  subscript(index: Int) -> DrawRecord {
    unsafe file.withBytes {
      unsafe $0.loadUnaligned(fromByteOffset: index * Self.size, as: DrawRecord.self)
    }
  }

  var tokens: Int { (0..<count).reduce(0) { $0 + Int(self[$1].tokens) } }

  /// The draws of one shard of `shards`, found by their keys.
  func draws(ofShard shard: Int, of shards: Int) -> Range<Int> {
    first(atShard: shard, of: shards)..<first(atShard: shard + 1, of: shards)
  }

  private func first(atShard shard: Int, of shards: Int) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if Mix.shard(ofKey: self[middle].key, count: shards) < shard {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
