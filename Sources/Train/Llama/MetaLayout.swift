// Meta cuts a model for several GPUs: the products that make channels (`wq wk wv w1 w3 output`) by rows,
// those that sum them (`wo w2`) and the embedding by columns; every part has all gains. See fairscale's
// `ColumnParallelLinear`, `RowParallelLinear` and `ParallelEmbedding`, and `model.py` of the release.

/// The row of ours that row `row` of Meta's `wq` or `wk` is.
///
/// Meta rotates neighbours (2i, 2i + 1) of a head, Hugging Face and we pairs (i, i + half); `wv` and
/// `wo` stay as they are.
///
/// - SeeAlso: transformers `convert_llama_weights_to_hf.py`, `permute`.
public func rotateHalfRow(ofMetaRow row: Int, headDim: Int) -> Int {
  let inHead = row % headDim
  return row - inHead + inHead % 2 * (headDim / 2) + inHead / 2
}

extension LlamaConfig {
  /// What keeps the model from being cut into so many equal parts, as a sentence; nil for nothing.
  func obstacle(toParts parts: Int) -> String? {
    let sizes = [
      ("heads", heads), ("key-value heads", keyValueHeads), ("channels", dim),
      ("hidden channels", hiddenDim), ("vocabulary entries", vocabularySize),
    ]
    guard parts > 0 && parts < 100 else { return "\(parts) parts; 1 to 99 can be" }
    for (name, size) in sizes where size % parts != 0 {
      return "\(parts) parts cannot share \(size) \(name) evenly"
    }
    return nil
  }

  /// The tensors of part `part` of `parts`, each with ours, in the order of Meta's module.
  ///
  /// - Precondition: `obstacle(toParts: parts)` is nil.
  func metaPieces(
    part: Int, of parts: Int
  ) -> [(tensor: NamedTensor, piece: TensorPiece)] {
    let headDim = headDim
    return tensors.compactMap { tensor in
      guard let place = metaPlace(of: tensor.name) else { return nil }
      let columns = tensor.shape.last ?? 1
      let piece: TensorPiece
      switch place.cut {
      case .none:
        piece = TensorPiece(name: place.name, shape: tensor.shape, columns: 0..<columns) { $0 }
      case .rows(let isRotated):
        let rows = tensor.shape[0] / parts
        piece = TensorPiece(name: place.name, shape: [rows, columns], columns: 0..<columns) { row in
          let row = part * rows + row
          return isRotated ? rotateHalfRow(ofMetaRow: row, headDim: headDim) : row
        }
      case .columns:
        let width = columns / parts
        piece = TensorPiece(
          name: place.name, shape: [tensor.shape[0], width],
          columns: part * width..<(part + 1) * width
        ) { $0 }
      }
      return (tensor, piece)
    }
  }
}

private enum Cut {
  case none, columns
  case rows(isRotated: Bool)
}

/// Meta's name of a tensor of ours, and how it is cut.
private func metaPlace(of name: String) -> (name: String, cut: Cut)? {
  switch name {
  case "model.embed_tokens.weight": return ("tok_embeddings.weight", .columns)
  case "model.norm.weight": return ("norm.weight", .none)
  case "lm_head.weight": return ("output.weight", .rows(isRotated: false))
  default: break
  }
  let prefix = "model.layers."
  guard name.hasPrefix(prefix) else { return nil }
  let rest = name.dropFirst(prefix.count)
  guard let dot = rest.firstIndex(of: ".") else { return nil }
  let place: (name: String, cut: Cut)
  switch rest[dot...] {
  case ".input_layernorm.weight": place = ("attention_norm", .none)
  case ".self_attn.q_proj.weight": place = ("attention.wq", .rows(isRotated: true))
  case ".self_attn.k_proj.weight": place = ("attention.wk", .rows(isRotated: true))
  case ".self_attn.v_proj.weight": place = ("attention.wv", .rows(isRotated: false))
  case ".self_attn.o_proj.weight": place = ("attention.wo", .columns)
  case ".post_attention_layernorm.weight": place = ("ffn_norm", .none)
  case ".mlp.gate_proj.weight": place = ("feed_forward.w1", .rows(isRotated: false))
  case ".mlp.up_proj.weight": place = ("feed_forward.w3", .rows(isRotated: false))
  case ".mlp.down_proj.weight": place = ("feed_forward.w2", .columns)
  default: return nil
  }
  return ("layers.\(rest[..<dot]).\(place.name).weight", place.cut)
}
