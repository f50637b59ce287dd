import Formats
import Ground
import Ledger

extension Commit {
  /// The commit as it lies in the work directory: the mark that a unit is done.
  var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      for (name, text) in [("stage", stage), ("key", key), ("source", source), ("input", input)] {
        json.key(name)
        json.string(text)
      }
      json.key("counts")
      json.array { json in
        for count in counts {
          json.object { json in
            json.key("what")
            json.string(count.what)
            json.key("reason")
            json.string(count.reason)
            json.key("count")
            json.integer(count.count)
          }
        }
      }
      json.key("artifacts")
      json.array { json in
        for artifact in artifacts {
          json.object { json in
            json.key("path")
            json.string(artifact.path)
            json.key("bytes")
            json.integer(artifact.bytes)
            json.key("sha256")
            json.string(artifact.digest)
          }
        }
      }
      json.key("faults")
      json.array { json in for fault in faults { json.string(fault) } }
    }
    return json.bytes + [0x0a]
  }

  /// Reads what `json` wrote.
  init(json bytes: [UInt8], path: String) throws(Fault) {
    let parser = JSONParser()
    do throws(JSONError) {
      let node = try parser.parse(bytes)
      self.init(
        stage: node["stage"]?.string ?? "", key: node["key"]?.string ?? "",
        source: node["source"]?.string ?? "", input: node["input"]?.string ?? "")
      counts = (node["counts"]?.elements ?? []).map {
        Count(
          $0["what"]?.string ?? "", reason: $0["reason"]?.string ?? "", $0["count"]?.integer ?? 0)
      }
      artifacts = (node["artifacts"]?.elements ?? []).map {
        Artifact(
          path: $0["path"]?.string ?? "", bytes: $0["bytes"]?.integer ?? 0,
          digest: $0["sha256"]?.string ?? "")
      }
      faults = (node["faults"]?.elements ?? []).compactMap(\.string)
    } catch {
      throw Fault(path, at: 0, .malformed("damaged commit record: \(error)"))
    }
  }

  /// Adds a file that the unit wrote, with its size and digest.
  mutating func add(artifact path: String, in work: WorkFolder) throws(Fault) {
    artifacts.append(
      Artifact(
        path: path, bytes: Int(clamping: try fileSize(work(path))),
        digest: try sha256(file: work(path))))
  }
}
