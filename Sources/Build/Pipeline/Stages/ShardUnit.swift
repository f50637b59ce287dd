import Ground
import Ledger
import Shards

/// A stretch of the order → one shard, and beside it whose tokens they are.
struct ShardUnit: UnitOfWork {
  let stage = "shards"
  let key: String
  let split: Split
  let number: Int
  let count: Int
  let order: DrawOrder
  let pools: [TokenPool]
  let width: TokenWidth

  var source: String { "" }
  var input: String { stem }

  init(
    _ split: Split, _ number: Int, of count: Int, order: DrawOrder, orderKey: String,
    pools: [TokenPool], width: TokenWidth
  ) {
    self.split = split
    self.number = number
    self.count = count
    self.order = order
    self.pools = pools
    self.width = width
    var key = Key(stage: stage, version: 1)
    key.add(orderKey)
    key.add("\(split.rawValue) \(number) of \(count)")
    self.key = key.text
  }

  /// The shard's path without ending, below the work directory: `shards/train/00017`.
  var stem: String {
    let digits = String(number)
    let zeros = String(repeating: "0", count: max(0, 5 - digits.count))
    return "\(WorkFolder.shards)/\(split.rawValue)/\(zeros)\(digits)"
  }

  func run(in work: WorkFolder) throws -> Commit {
    var writer = try ShardWriter(path: work.prepared(stem), width: width)
    var readers: [UInt32: ShardReader] = [:]
    var ranges: [TokenRange] = []
    var tokens: [UInt32] = []
    for index in order.draws(ofShard: number, of: count) {
      let draw = order[index]
      let pool = pools[Int(draw.unit)]
      let reader =
        try readers[draw.unit]
        ?? ShardReader(path: work(WorkFolder.tokens(pool.source, pool.tokens)))
      readers[draw.unit] = reader
      tokens.removeAll(keepingCapacity: true)
      reader.append(reader.tokenRange(ofDocument: Int(draw.document)), to: &tokens)
      ranges.append(
        TokenRange(
          start: writer.tokens, count: tokens.count, id: draw.id, source: pool.source,
          unit: pool.documents, epoch: Int(draw.epoch)))
      try writer.write(tokens)
    }
    let summary = try writer.commit()
    try ShardProvenance.write(ranges, to: work(stem + ".sqlite"))
    var commit = begunCommit
    commit.counts = [.init("documents", summary.documents), .init("tokens", summary.tokens)]
    for end in [".bin", ".idx", ".sqlite"] { try commit.add(artifact: stem + end, in: work) }
    return commit
  }
}
