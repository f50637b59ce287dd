internal import Compute
internal import Formats
public import Ground

extension LlamaConfig {
  /// Reads the `config.json` of a Hugging Face LLaMA.
  ///
  /// - Throws: `Fault` where a size is absent or the model is another than LLaMA-1's kind: biases,
  ///   tied embeddings, scaled positions, other activations.
  public init(huggingFace path: String) throws(Fault) {
    let bytes = try contents(of: path)
    let parser = JSONParser()
    func fault(_ what: String) -> Fault { Fault(path, at: 0, .malformed(what)) }
    let root: JSONNode
    do { root = try parser.parse(bytes) } catch { throw fault("no JSON: \(error)") }
    func size(_ key: String, default standard: Int? = nil) throws(Fault) -> Int {
      guard let number = root[key]?.integer ?? standard else { throw fault("no \(key)") }
      return number
    }
    guard root["model_type"]?.string == "llama" else { throw fault("model_type is not llama") }
    if let activation = root["hidden_act"]?.string, activation != "silu" {
      throw fault("hidden_act is \(activation), not silu")
    }
    for key in ["attention_bias", "mlp_bias", "tie_word_embeddings"] where root[key]?.bool == true {
      throw fault("\(key) is true, which LLaMA-1 has not")
    }
    let rope = root["rope_parameters"]
    let kind = (root["rope_scaling"] ?? rope).flatMap { $0["rope_type"] ?? $0["type"] }?.string
    if let kind, kind != "default" { throw fault("positions are scaled (\(kind))") }
    let heads = try size("num_attention_heads"), dim = try size("hidden_size")
    self.init(
      vocabularySize: try size("vocab_size"), dim: dim, layers: try size("num_hidden_layers"),
      heads: heads, keyValueHeads: try size("num_key_value_heads", default: heads),
      hiddenDim: try size("intermediate_size"),
      context: try size("max_position_embeddings", default: 2048),
      normEpsilon: root["rms_norm_eps"]?.number ?? 1e-6,
      ropeTheta: (rope?["rope_theta"] ?? root["rope_theta"])?.number ?? 10_000)
    try validate()
    if let stated = root["head_dim"]?.integer, stated != headDim {
      throw fault("head_dim is \(stated), not hidden_size / num_attention_heads")
    }
  }

  /// The `config.json` of this model, as transformers 4 and 5 read it.
  func huggingFace(_ type: ElementType) -> [UInt8] {
    var json = JSONWriter()
    json.object { root in
      func number(_ key: String, _ value: Int) {
        root.key(key)
        root.integer(value)
      }
      root.key("architectures")
      root.array { $0.string("LlamaForCausalLM") }
      for key in ["attention_bias", "mlp_bias", "tie_word_embeddings"] {
        root.key(key)
        root.bool(false)
      }
      number("bos_token_id", 1)
      number("eos_token_id", 2)
      number("head_dim", headDim)
      root.key("hidden_act")
      root.string("silu")
      number("hidden_size", dim)
      root.key("initializer_range")
      root.number(0.02)
      number("intermediate_size", hiddenDim)
      number("max_position_embeddings", context)
      root.key("model_type")
      root.string("llama")
      number("num_attention_heads", heads)
      number("num_hidden_layers", layers)
      number("num_key_value_heads", keyValueHeads)
      root.key("pad_token_id")
      root.null()
      root.key("rms_norm_eps")
      root.number(normEpsilon)
      root.key("rope_scaling")
      root.null()
      root.key("rope_theta")
      root.number(ropeTheta)
      root.key("torch_dtype")
      root.string(type == .f32 ? "float32" : type == .bf16 ? "bfloat16" : "float16")
      root.key("use_cache")
      root.bool(true)
      number("vocab_size", vocabularySize)
    }
    return json.bytes
  }
}

extension LlamaConfig {
  /// Writes what `LlamaForCausalLM.from_pretrained` reads; `parameters` is laid out as `tensors` says.
  func exportHuggingFace(
    _ parameters: View<Float>, to folder: String, as type: ElementType, shardBytes: Int
  ) throws(Fault) {
    try makeFolder(folder)
    try writeAtomically(
      Array(#"{"_from_model_config":true,"bos_token_id":1,"eos_token_id":2}"#.utf8),
      to: "\(folder)/generation_config.json")
    let stored = tensors.map {
      TensorToStore(name: $0.name, shape: $0.shape, values: parameters.part($0.range))
    }
    try writeShardedSafetensors(stored, as: type, to: folder, shardBytes: shardBytes)
    // Last: a folder is a model when it has its sizes.
    try writeAtomically(huggingFace(type), to: "\(folder)/config.json")
  }
}

/// The safetensors files of a Hugging Face folder: those that the index names, or the only one.
func huggingFaceFiles(in folder: String) throws(Fault) -> [any TensorSource] {
  let index = "\(folder)/model.safetensors.index.json"
  let names =
    try fileKind(index) == .file ? Set(shardNames(index)).sorted() : ["model.safetensors"]
  var files: [any TensorSource] = []
  for name in names { files.append(try SafetensorsFile(path: "\(folder)/\(name)")) }
  return files
}

/// The files that an index names, each as often as it has tensors.
private func shardNames(_ path: String) throws(Fault) -> [String] {
  let bytes = try contents(of: path)
  let parser = JSONParser()
  let root: JSONNode
  do { root = try parser.parse(bytes) } catch {
    throw Fault(path, at: 0, .malformed("no JSON: \(error)"))
  }
  var names: [String] = []
  root["weight_map"]?.forEachMember { _, name in names.append(name.string ?? "/") }
  // A name with a slash could lead anywhere on the disk.
  guard !names.isEmpty, names.allSatisfy({ !$0.utf8.contains(UInt8(ascii: "/")) }) else {
    throw Fault(path, at: 0, .malformed("no usable weight_map"))
  }
  return names
}

/// A small file, whole.
func contents(of path: String) throws(Fault) -> [UInt8] {
  let file = try MappedFile(path: path)
  guard file.count < 1 << 26 else { throw Fault(path, at: 0, .tooLong(limit: 1 << 26)) }
  return unsafe file.withBytes { unsafe Array($0) }
}
