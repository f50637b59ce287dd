import Formats
import Ground
import Llama

/// `model.json`: the sizes of a run's model.
extension LlamaConfig {
  var fields: [Field] {
    [
      Field("vocabularySize", vocabularySize), Field("dim", dim), Field("layers", layers),
      Field("heads", heads), Field("keyValueHeads", keyValueHeads),
      Field("hiddenDim", hiddenDim), Field("context", context),
      Field("normEpsilon", normEpsilon), Field("ropeTheta", ropeTheta),
    ]
  }

  var json: [UInt8] {
    var json = JSONWriter()
    json.object { $0.members(fields) }
    return json.bytes + [0x0a]
  }

  /// Reads what `json` writes.
  init(modelFile path: String) throws(Fault) {
    let text = try BufferedReader(try FileReader(path: path), limit: 1 << 20).readToEnd()
    let parser = JSONParser()
    let root: JSONNode
    do throws(JSONError) { root = try parser.parse(text) } catch {
      throw Fault(path, at: 0, .malformed("not JSON: \(error.description)"))
    }
    func integer(_ name: String) throws(Fault) -> Int {
      guard let value = root[name]?.integer else {
        throw Fault(path, at: 0, .malformed("\(name) is missing or no whole number"))
      }
      return value
    }
    func number(_ name: String) throws(Fault) -> Double {
      guard let value = root[name]?.number else {
        throw Fault(path, at: 0, .malformed("\(name) is missing or no number"))
      }
      return value
    }
    self.init(
      vocabularySize: try integer("vocabularySize"), dim: try integer("dim"),
      layers: try integer("layers"), heads: try integer("heads"),
      keyValueHeads: try integer("keyValueHeads"), hiddenDim: try integer("hiddenDim"),
      context: try integer("context"), normEpsilon: try number("normEpsilon"),
      ropeTheta: try number("ropeTheta"))
    try validate()
  }
}
