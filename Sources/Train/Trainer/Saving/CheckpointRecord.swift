import Formats
import Ground
import Llama

/// The record that makes a checkpoint count: written last, it names what it belongs to.
struct CheckpointRecord {
  static let format = "quipu checkpoint 1"

  var state: TrainingState
  /// The file of the tensors, beside the record.
  var tensors: String
  var bytes: Int
  var hash: Hash128

  func json(
    settings: TrainingSettings, config: LlamaConfig, shards: [ShardMark]
  ) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.members([
        Field("format", Self.format), Field("step", state.step), Field("updates", state.updates),
        Field("sample", state.sample), Field("tokens", state.tokens), Field("skips", state.skips),
        Field("tensors", tensors), Field("bytes", bytes), Field("xxh3", hash.description),
      ])
      json.key("settings")
      json.object { $0.members(settings.fields) }
      json.key("model")
      json.object { $0.members(config.fields) }
      json.key("shards")
      json.array { json in
        for shard in shards {
          json.object {
            $0.members([
              Field("name", shard.name), Field("tokens", shard.tokens),
              Field("fingerprint", shard.fingerprint),
            ])
          }
        }
      }
    }
    return json.bytes + [0x0a]
  }

  /// Reads a record, without its settings, model and shards.
  init(path: String) throws(Fault) {
    let parser = JSONParser()
    let root = try Self.parse(path, parser)
    func integer(_ name: String) throws(Fault) -> Int {
      guard let value = root[name]?.integer, value >= 0 else {
        throw Fault(path, at: 0, .malformed("\(name) is missing or no count"))
      }
      return value
    }
    guard root["format"]?.string == Self.format else {
      throw Fault(path, at: 0, .malformed("not a record of \(Self.format)"))
    }
    state = TrainingState()
    state.step = try integer("step")
    state.updates = try integer("updates")
    state.sample = try integer("sample")
    state.tokens = try integer("tokens")
    state.skips = try integer("skips")
    bytes = try integer("bytes")
    guard let name = root["tensors"]?.string, !name.utf8.contains(UInt8(ascii: "/")),
      let hash = root["xxh3"]?.string.flatMap({ Hash128($0) })
    else { throw Fault(path, at: 0, .malformed("tensors or xxh3 are missing or malformed")) }
    tensors = name
    self.hash = hash
  }

  init(state: TrainingState, tensors: String, bytes: Int, hash: Hash128) {
    self.state = state
    self.tensors = tensors
    self.bytes = bytes
    self.hash = hash
  }

  /// Throws where the run of a record differs in a setting, the model or the data.
  static func check(
    _ path: String, settings: TrainingSettings, config: LlamaConfig, shards: [ShardMark]
  ) throws(Fault) {
    let parser = JSONParser()
    let root = try parse(path, parser)
    let remedy = "resume with the same, or start a run in another folder"
    for (name, fields) in [("settings", settings.fields), ("model", config.fields)] {
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
    guard stored == shards else {
      let first = zip(stored, shards).first { $0 != $1 }
      let what =
        first.map { "shard \($0.1.name) is not the one it was" }
        ?? "there were \(stored.count) shards and now are \(shards.count)"
      throw Fault(
        path, at: 0, .unusable("the checkpoint was made with other data: \(what); \(remedy)"))
    }
  }

  private static func parse(_ path: String, _ parser: JSONParser) throws(Fault) -> JSONNode {
    let text = try BufferedReader(try FileReader(path: path)).readToEnd()
    do throws(JSONError) { return try parser.parse(text) } catch {
      throw Fault(path, at: 0, .malformed("not JSON: \(error.description)"))
    }
  }
}
