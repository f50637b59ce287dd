/// The rows of Meta's `wq` or `wk` in the order that Hugging Face checkpoints, and we, have them.
///
/// Meta rotates neighbours (2i, 2i + 1) of a head, Hugging Face pairs (i, i + half): row
/// `h · D + j · half + i` of the result is row `h · D + 2i + j` of `rows`. `wv` and `wo` stay as they are.
///
/// - Precondition: `rows.count` is a multiple of `2 · heads`.
/// - Complexity: O(n).
/// - SeeAlso: transformers `convert_llama_weights_to_hf.py`, `permute`.
public func rotateHalfOrder<Element>(ofMetaRows rows: [Element], heads: Int) -> [Element] {
  precondition(heads > 0 && rows.count % (2 * heads) == 0, "\(rows.count) rows for \(heads) heads")
  let half = rows.count / heads / 2
  return rows.indices.map { index in
    let head = index / (2 * half), j = index % (2 * half) / half, i = index % half
    return rows[head * 2 * half + 2 * i + j]
  }
}
