// Shape suffixes: C channels, X mixed channels (queries, keys, values), A attention's output,
// H hidden channels, V vocabulary.

/// Where a tensor, or a rank's block of it, lies in the flat buffers of parameters and gradients.
public struct NamedTensor: Equatable, Sendable {
  /// As in a Hugging Face checkpoint, such as `model.layers.0.self_attn.q_proj.weight`.
  public let name: String
  /// Rows (outputs) and columns (inputs) of the whole matrix, row-major; one number for a gain.
  public let shape: [Int]
  /// The block that is here; all of it unless ranks share the layer.
  public let rows: Range<Int>
  /// The block's columns; 0..<1 for a gain.
  public let columns: Range<Int>
  public let offset: Int
  /// True for matrices, false for gains: the paper does not say what AdamW decays, and decaying
  /// gains towards 0 is what nobody does.
  public var decays: Bool { shape.count > 1 }

  /// Elements that are here.
  public var count: Int { rows.count * columns.count }
  public var range: Range<Int> { offset..<offset + count }
  /// True where all ranks of tensor parallelism have the same elements.
  public var isReplicated: Bool { shape.count == 1 }
}

/// What is gathered and reduced at a time: the embedding, each layer, the last norm with the head.
public struct ParameterUnits: Equatable, Sendable {
  /// The tensors that are here, in the order of the flat buffers, without gaps.
  public let tensors: [NamedTensor]
  /// Each unit's elements of the flat buffers.
  public let ranges: [Range<Int>]

  public var count: Int { ranges.last?.upperBound ?? 0 }
}

extension LlamaConfig {
  /// All tensors in the order of the flat buffers, without gaps.
  ///
  /// Queries, keys and values are neighbours, and so are gate and up: each group is one matrix to the
  /// products.
  public var tensors: [NamedTensor] { units(.whole).tensors }

  /// A rank's tensors, by units.
  public func units(_ share: TensorShare) -> ParameterUnits {
    var tensors: [NamedTensor] = []
    var ranges: [Range<Int>] = []
    var offset = 0, start = 0
    func add(_ name: String, _ shape: [Int], _ rows: Range<Int>, _ columns: Range<Int>) {
      let tensor = NamedTensor(
        name: name, shape: shape, rows: rows, columns: columns, offset: offset)
      tensors.append(tensor)
      offset += tensor.count
    }
    func gain(_ name: String) { add(name, [dim], 0..<dim, 0..<1) }
    func byRows(_ name: String, _ rows: Int, _ columns: Int) {
      add(name, [rows, columns], share.part(of: rows), 0..<columns)
    }
    func byColumns(_ name: String, _ rows: Int, _ columns: Int) {
      add(name, [rows, columns], 0..<rows, share.part(of: columns))
    }
    func endUnit() {
      ranges.append(start..<offset)
      start = offset
    }
    byRows("model.embed_tokens.weight", vocabularySize, dim)
    endUnit()
    for layer in 0..<layers {
      let name = "model.layers.\(layer)"
      gain("\(name).input_layernorm.weight")
      byRows("\(name).self_attn.q_proj.weight", heads * headDim, dim)
      byRows("\(name).self_attn.k_proj.weight", keyValueHeads * headDim, dim)
      byRows("\(name).self_attn.v_proj.weight", keyValueHeads * headDim, dim)
      byColumns("\(name).self_attn.o_proj.weight", dim, heads * headDim)
      gain("\(name).post_attention_layernorm.weight")
      byRows("\(name).mlp.gate_proj.weight", hiddenDim, dim)
      byRows("\(name).mlp.up_proj.weight", hiddenDim, dim)
      byColumns("\(name).mlp.down_proj.weight", dim, hiddenDim)
      endUnit()
    }
    gain("model.norm.weight")
    byRows("lm_head.weight", vocabularySize, dim)
    endUnit()
    return ParameterUnits(tensors: tensors, ranges: ranges)
  }
}
