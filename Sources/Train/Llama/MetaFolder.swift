internal import Compute
internal import Formats
internal import Ground

/// The files of a Meta checkpoint, by their parts.
///
/// - Throws: `Fault` where a part before the last is missing.
func metaFiles(in folder: String) throws(Fault) -> [any TensorSource] {
  let names = try names(in: folder)
  for ending in [".pth", ".safetensors"] {
    let parts = names.filter { $0.hasPrefix("consolidated.") && $0.hasSuffix(ending) }
    guard !parts.isEmpty else { continue }
    var files: [any TensorSource] = []
    for (number, name) in parts.enumerated() {
      let expected = partName(number, ending)
      guard name == expected else {
        throw Fault(
          "\(folder)/\(expected)", at: 0, .unusable("the part is missing; \(name) is here"))
      }
      let path = "\(folder)/\(name)"
      if ending == ".pth" {
        files.append(try TorchFile(path: path))
      } else {
        files.append(try SafetensorsFile(path: path))
      }
    }
    return files
  }
  throw Fault(
    "\(folder)/\(partName(0, ".pth"))", at: 0, .unusable("the checkpoint has no such part"))
}

func partName(_ number: Int, _ ending: String = ".pth") -> String {
  "consolidated.\(number < 10 ? "0" : "")\(number)\(ending)"
}

extension LlamaConfig {
  /// Reads `params.json`; the vocabulary and the hidden width come from the shapes in the files.
  ///
  /// - Throws: `Fault` where a size is absent, the parts are not as many as the shapes say, or positions
  ///   are scaled.
  init(meta path: String, files: [any TensorSource]) throws(Fault) {
    let bytes = try contents(of: path)
    let parser = JSONParser()
    func fault(_ what: String) -> Fault { Fault(path, at: 0, .malformed(what)) }
    let root: JSONNode
    do { root = try parser.parse(bytes) } catch { throw fault("no JSON: \(error)") }
    func size(_ key: String) throws(Fault) -> Int {
      guard let number = root[key]?.integer, number > 0 else { throw fault("no \(key)") }
      return number
    }
    if root["use_scaled_rope"]?.bool == true { throw fault("positions are scaled") }
    let dim = try size("dim"), heads = try size("n_heads"), parts = files.count
    let first = files[0]
    func shape(_ name: String) throws(Fault) -> [Int] {
      guard let shape = try first.matrix(name)?.shape, shape.count == 2,
        (1...1 << 24).contains(shape[0])
      else {
        throw Fault(first.path, at: 0, .malformed("no matrix \(name)"))
      }
      return shape
    }
    let query = try shape("layers.0.attention.wq.weight")
    guard dim % query[0] == 0, dim / query[0] == parts else {
      let said = dim % query[0] == 0 ? "\(dim / query[0])" : "another number of"
      throw Fault(
        first.path, at: 0,
        .unusable("wq is \(query): the model of dim \(dim) is in \(said) parts; \(parts) are here"))
    }
    let rows = try shape("output.weight")[0]
    let vocabulary = rows * parts
    if let stated = root["vocab_size"]?.integer, stated != -1, stated != vocabulary {
      throw fault("vocab_size is \(stated); output.weight has \(rows) rows in \(parts) parts")
    }
    self.init(
      vocabularySize: vocabulary, dim: dim, layers: try size("n_layers"), heads: heads,
      keyValueHeads: root["n_kv_heads"]?.integer ?? heads,
      hiddenDim: try shape("layers.0.feed_forward.w1.weight")[0] * parts,
      // The default of `model.py`; LLaMA-1's files say 1e-6.
      normEpsilon: root["norm_eps"]?.number ?? 1e-5,
      ropeTheta: root["rope_theta"]?.number ?? 10_000)
    try validate()
    if let obstacle = obstacle(toParts: parts) { throw fault(obstacle) }
  }

  /// `params.json` as `model.py` takes it: what LLaMA-1's has, and what later models added only where it
  /// differs.
  var metaParameters: [UInt8] {
    var json = JSONWriter()
    json.object { root in
      func number(_ key: String, _ value: Int) {
        root.key(key)
        root.integer(value)
      }
      number("dim", dim)
      // The width is worked out of dim: rounded up to a multiple, or by a factor where none gives it.
      let multiple = [256, 128, 64, 32, 16, 8, 4, 2, 1].first {
        Self.hiddenDim(for: dim, multipleOf: $0) == hiddenDim
      }
      number("multiple_of", multiple ?? 1)
      if multiple == nil {
        root.key("ffn_dim_multiplier")
        root.number((Double(hiddenDim) + 0.5) / Double(8 * dim / 3))
      }
      number("n_heads", heads)
      if keyValueHeads != heads { number("n_kv_heads", keyValueHeads) }
      number("n_layers", layers)
      root.key("norm_eps")
      root.number(normEpsilon)
      if ropeTheta != 10_000 {
        root.key("rope_theta")
        root.number(ropeTheta)
      }
      number("vocab_size", vocabularySize)
    }
    return json.bytes + [0x0a]
  }

  /// Writes a Meta checkpoint: `params.json` and `consolidated.NN.pth`, one for each part.
  ///
  /// `parameters` is laid out as `tensors` says. `model.py` is not told the context.
  ///
  /// - Throws: `Fault` where the model cannot be cut so, or a file cannot be written.
  func exportMeta(
    _ parameters: View<Float>, to folder: String, as type: ElementType, parts: Int
  ) throws(Fault) {
    if let obstacle = obstacle(toParts: parts) { throw Fault(folder, at: 0, .unusable(obstacle)) }
    try makeFolder(folder)
    for part in 0..<parts {
      let rows = metaPieces(part: part, of: parts).map { tensor, piece in
        let width = tensor.shape.count > 1 ? tensor.shape[1] : tensor.shape[0]
        return RowsToStore(name: piece.name, shape: piece.shape) { row in
          parameters.part(
            tensor.offset + piece.row(row) * width + piece.columns.lowerBound, piece.columns.count)
        }
      }
      try writeTorch(rows, as: type, to: "\(folder)/\(partName(part))")
    }
    // Parts of an earlier export would be believed.
    for part in parts..<100 { try removeFile("\(folder)/\(partName(part))") }
    // Last: a folder is a checkpoint when it has its sizes.
    try writeAtomically(metaParameters, to: "\(folder)/params.json")
  }
}
