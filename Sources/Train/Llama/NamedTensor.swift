internal import Compute

/// Where a tensor lies in the flat buffers of parameters and gradients.
public struct NamedTensor: Equatable, Sendable {
  /// As in a Hugging Face checkpoint, such as `model.layers.0.self_attn.q_proj.weight`.
  public let name: String
  /// Rows (outputs) and columns (inputs) of a matrix, row-major; one number for a gain.
  public let shape: [Int]
  public let offset: Int
  public let count: Int
  /// True for matrices, false for gains: the paper does not say what AdamW decays, and decaying
  /// gains towards 0 is what nobody does.
  public let decays: Bool

  public var range: Range<Int> { offset..<offset + count }
}

extension LlamaConfig {
  /// All tensors in the order of the flat buffers, without gaps.
  ///
  /// Queries, keys and values are neighbours, and so are gate and up: each group is one matrix to the
  /// products.
  public var tensors: [NamedTensor] {
    var tensors: [NamedTensor] = []
    var offset = 0
    func add(_ name: String, _ shape: Int...) {
      let count = shape.reduce(1, *)
      tensors.append(
        NamedTensor(
          name: name, shape: shape, offset: offset, count: count, decays: shape.count > 1))
      offset += count
    }
    add("model.embed_tokens.weight", vocabularySize, dim)
    for layer in 0..<layers {
      let name = "model.layers.\(layer)"
      add("\(name).input_layernorm.weight", dim)
      add("\(name).self_attn.q_proj.weight", heads * headDim, dim)
      add("\(name).self_attn.k_proj.weight", keyValueHeads * headDim, dim)
      add("\(name).self_attn.v_proj.weight", keyValueHeads * headDim, dim)
      add("\(name).self_attn.o_proj.weight", dim, heads * headDim)
      add("\(name).post_attention_layernorm.weight", dim)
      add("\(name).mlp.gate_proj.weight", hiddenDim, dim)
      add("\(name).mlp.up_proj.weight", hiddenDim, dim)
      add("\(name).mlp.down_proj.weight", dim, hiddenDim)
    }
    add("model.norm.weight", dim)
    add("lm_head.weight", vocabularySize, dim)
    return tensors
  }
}

/// The views of one flat buffer that the arithmetic uses.
struct Weights<Scalar: Real> {
  struct Layer {
    let attentionNorm, mixed, output, feedNorm, gateUp, down: View<Scalar>
  }
  let embedding, norm, head: View<Scalar>
  let layers: [Layer]

  init(_ config: LlamaConfig, in buffer: View<Scalar>) {
    var offset = 0
    func take(_ count: Int) -> View<Scalar> {
      defer { offset += count }
      return buffer.part(offset, count)
    }
    let (dim, hidden) = (config.dim, config.hiddenDim)
    embedding = take(config.vocabularySize * dim)
    layers = (0..<config.layers).map { _ in
      Layer(
        attentionNorm: take(dim), mixed: take(config.mixedDim * dim), output: take(dim * dim),
        feedNorm: take(dim), gateUp: take(2 * hidden * dim), down: take(dim * hidden))
    }
    norm = take(dim)
    head = take(config.vocabularySize * dim)
    precondition(offset == buffer.count, "\(buffer.count) parameters; the sizes say \(offset)")
  }
}
