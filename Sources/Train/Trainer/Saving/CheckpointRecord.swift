import Formats
import Ground
public import Llama

/// What a run is made of, and so must be the same when it goes on.
public struct RunIdentity: Sendable {
  var settings: TrainingSettings
  var config: LlamaConfig
  var shards: [ShardMark]
  /// Of the order of sequences.
  var orderSeed: UInt64

  public init(
    settings: TrainingSettings, config: LlamaConfig, shards: [ShardMark], orderSeed: UInt64? = nil
  ) {
    self.settings = settings
    self.config = config
    self.shards = shards
    self.orderSeed = orderSeed ?? settings.seed
  }

  /// What the outcome depends on beside the model and the shards.
  var settingFields: [Field] { settings.fields + [Field("orderSeed", String(orderSeed))] }
}

/// The record that makes a checkpoint count: written last, it names what it belongs to.
struct CheckpointRecord: Sendable {
  static let format = "quipu checkpoint 2"
  /// Had one file, which the record named itself.
  static let formerFormat = "quipu checkpoint 1"

  var state: TrainingState
  var parts: [PartMark]

  func json(_ run: RunIdentity) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.members([
        Field("format", Self.format), Field("step", state.step), Field("updates", state.updates),
        Field("sample", state.sample), Field("tokens", state.tokens), Field("skips", state.skips),
      ])
      json.key("parts")
      json.array { json in
        for part in parts {
          json.object {
            $0.members([
              Field("tensors", part.name), Field("bytes", part.bytes),
              Field("xxh3", part.hash.description),
            ])
          }
        }
      }
      json.key("settings")
      json.object { $0.members(run.settingFields) }
      json.key("model")
      json.object { $0.members(run.config.fields) }
      json.key("shards")
      json.array { json in
        for shard in run.shards {
          json.object {
            $0.members([
              Field("name", shard.name), Field("tokens", shard.tokens),
              Field("fingerprint", shard.fingerprint),
            ])
          }
        }
      }
    }
    return json.bytes.dropLast() + Self.end(after: json.bytes.dropLast())
  }

  /// The last member, the XXH3 of all that stands before it: no damage to a record goes unseen.
  private static func end(after text: some Sequence<UInt8>) -> [UInt8] {
    Array(",\"xxh3\":\"\(xxh3Wide(Array(text)))\"}\n".utf8)
  }

  /// Reads a record, without its settings, model and shards.
  init(path: String) throws(Fault) {
    let parser = JSONParser()
    let (root, text) = try Self.parse(path, parser)
    func integer(_ name: String, of node: JSONNode) throws(Fault) -> Int {
      guard let value = node[name]?.integer, value >= 0 else {
        throw Fault(path, at: 0, .malformed("\(name) is missing or no count"))
      }
      return value
    }
    let format = root["format"]?.string
    guard format == Self.format || format == Self.formerFormat else {
      throw Fault(path, at: 0, .malformed("not a record of \(Self.format)"))
    }
    let end = Self.end(after: [])
    if format == Self.format,
      text.suffix(end.count) != Self.end(after: text.dropLast(end.count))[...]
    {
      throw Fault(path, at: 0, .malformed("the content is not what was saved"))
    }
    state = TrainingState()
    state.step = try integer("step", of: root)
    state.updates = try integer("updates", of: root)
    state.sample = try integer("sample", of: root)
    state.tokens = try integer("tokens", of: root)
    state.skips = try integer("skips", of: root)
    parts = []
    for node in format == Self.formerFormat ? [root] : root["parts"]?.elements ?? [] {
      guard let name = node["tensors"]?.string, !name.utf8.contains(UInt8(ascii: "/")),
        let hash = node["xxh3"]?.string.flatMap({ Hash128($0) })
      else { throw Fault(path, at: 0, .malformed("tensors or xxh3 are missing or malformed")) }
      parts.append(PartMark(name: name, bytes: try integer("bytes", of: node), hash: hash))
    }
    guard !parts.isEmpty else { throw Fault(path, at: 0, .malformed("parts are missing")) }
  }

  init(state: TrainingState, parts: [PartMark]) {
    self.state = state
    self.parts = parts
  }

  /// Throws where the run of a record differs in a setting, the model or the data.
  static func check(_ path: String, _ run: RunIdentity) throws(Fault) {
    let parser = JSONParser()
    let (root, _) = try parse(path, parser)
    let remedy = "resume with the same, or start a run in another folder"
    for (name, fields) in [("settings", run.settingFields), ("model", run.config.fields)] {
      for field in fields where !field.equals(root[name]?[field.name]) {
        throw Fault(
          path, at: 0,
          .unusable("the checkpoint was made with another \(field.name) (\(name)); \(remedy)"))
      }
    }
    let stored = (root["shards"]?.elements ?? []).map {
      ShardMark(
        name: $0["name"]?.string ?? "", tokens: $0["tokens"]?.integer ?? -1,
        fingerprint: $0["fingerprint"]?.string ?? "")
    }
    guard stored == run.shards else {
      let first = zip(stored, run.shards).first { $0 != $1 }
      let what =
        first.map { "shard \($0.1.name) is not the one it was" }
        ?? "there were \(stored.count) shards and now are \(run.shards.count)"
      throw Fault(
        path, at: 0, .unusable("the checkpoint was made with other data: \(what); \(remedy)"))
    }
  }

  private static func parse(
    _ path: String, _ parser: JSONParser
  ) throws(Fault) -> (root: JSONNode, text: [UInt8]) {
    let text = try BufferedReader(try FileReader(path: path)).readToEnd()
    do throws(JSONError) { return (try parser.parse(text), text) } catch {
      throw Fault(path, at: 0, .malformed("not JSON: \(error.description)"))
    }
  }
}
