import Ground
import Ledger
import Shards

/// The sources of documents of shards, as the databases beside the shards tell them.
///
/// - Returns: Nil where a shard has no such database, as those that were not built here.
/// - Throws: Where a database is damaged or of another build.
func shardSources(of stream: TokenStream) throws -> ShardSources? {
  var sources: [[String]] = []
  for shard in stream.shards {
    let path = shard.path + ".sqlite"
    guard fileKind(path) == .file else { return nil }
    sources.append(try ShardProvenance.allRanges(in: path).map(\.source))
  }
  return try ShardSources(sources, of: stream)
}
