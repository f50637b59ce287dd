import Formats
public import Ground
import Shards

/// What a build says of its shards, in `mix.json` beside their folder.
public struct MixRecord: Equatable, Sendable {
  /// Of the order of sequences: with the number of samples seen, all that the data's order takes.
  public var seed: UInt64
  /// Tokens of each training shard, in order.
  public var trainTokens: [Int]

  /// Nil where there is no `mix.json` beside the folder.
  ///
  /// - Throws: `Fault` where it is damaged.
  public init?(beside shards: String) throws(Fault) {
    let path = "\(folder(of: shards))/mix.json"
    guard fileKind(path) == .file else { return nil }
    let text = try BufferedReader(try FileReader(path: path), limit: 1 << 26).readToEnd()
    let parser = JSONParser()
    let root: JSONNode
    do throws(JSONError) { root = try parser.parse(text) } catch {
      throw Fault(path, at: 0, .malformed("not JSON: \(error.description)"))
    }
    guard let seed = root["seed"]?.integer, seed >= 0, let listed = root["shards"]?.elements else {
      throw Fault(path, at: 0, .malformed("seed or shards are missing"))
    }
    self.seed = UInt64(seed)
    trainTokens = []
    for shard in listed where shard["path"]?.string?.contains("train/") == true {
      guard let tokens = shard["tokens"]?.integer else {
        throw Fault(path, at: 0, .malformed("a shard without tokens"))
      }
      trainTokens.append(tokens)
    }
  }

  /// Checks that the shards are those of the record.
  ///
  /// - Throws: `Fault` where a shard is missing, or has another number of tokens.
  func check(_ stream: TokenStream, in folder: String) throws(Fault) {
    let here = stream.shards.map(\.tokenCount)
    guard here != trainTokens else { return }
    let first = zip(here, trainTokens).enumerated().first { $0.element.0 != $0.element.1 }
    throw Fault(
      folder, at: 0,
      .unusable(
        (first.map {
          "shard \($0.offset) has \($0.element.0) tokens, and mix.json says \($0.element.1)"
        }
          ?? "there are \(here.count) training shards, and mix.json lists \(trainTokens.count)")
          + "; build them anew, or copy them all"))
  }
}
