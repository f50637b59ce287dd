internal import Compute

/// What a plan of attention reads and writes.
enum AttentionOperand: CaseIterable {
  case q, k, v, y, logSum
  case dy, dq, dk, dv
  /// The backward pass's own room: a dot for every row, and dq in f32.
  case dots, wideQueries
}

extension AttentionGraph {
  /// Scores beyond what a query sees become -∞.
  private func masked(_ scores: GraphTensor) throws(CUDAError) -> GraphTensor {
    let queries = try self.scores(.int32), keys = try self.scores(.int32)
    let isSeen = try self.scores(.bool), masked = try self.scores()
    try pointwise(.index, scores, to: queries, in: .int32, axis: 2)
    try pointwise(.index, scores, to: keys, in: .int32, axis: 3)
    try pointwise(.isAtLeast, queries, keys, to: isSeen, in: .bool)
    try pointwise(.select, scores, try constant(-.infinity), mask: isSeen, to: masked)
    return masked
  }

  /// y = softmax(q · kᵀ · scale) · v, and each softmax's logarithm.
  func addForward() throws(CUDAError) {
    let q = try queries(.q), kT = try transposedKeys(.k), v = try keys(.v)
    let y = try outputs(.y), logSum = try row(.logSum)
    let dots = try scores(), scaled = try scores()
    try multiply(q, kT, to: dots)
    try pointwise(.multiply, dots, try constant(shape.softmaxScale), to: scaled)
    let seen = try masked(scaled)
    let most = try row(), shifted = try scores(), shares = try scores()
    try reduce(.maximum, seen, to: most)
    try pointwise(.subtract, seen, most, to: shifted)
    try pointwise(.exponential, shifted, to: shares)
    let sum = try row(), logarithm = try row(), p = try scores(.bf16)
    try reduce(.sum, shares, to: sum)
    try pointwise(.logarithm, sum, to: logarithm)
    try pointwise(.add, most, logarithm, to: logSum)
    try pointwise(.divide, shares, sum, to: p)
    try multiply(p, v, to: y)
  }

  /// The gradients of q, k and v from that of y.
  ///
  /// - Parameter isDeterministic: Sums dq in a fixed order, which takes a workspace of B · N · Q · K
  ///   numbers; otherwise in f32 by atomic additions.
  /// - Throws: Where cuDNN does not take an operation.
  func addBackward(isDeterministic: Bool) throws(CUDAError) {
    let q = try queries(.q), kT = try transposedKeys(.k), vT = try transposedKeys(.v)
    let y = try outputs(.y), dy = try outputs(.dy), logSum = try row(.logSum)
    let dq = try queries(.dq), dk = try keys(.dk), dv = try keys(.dv)
    // dots = Σ dy · y
    let products = try packedQueries(.f32), sums = try row(), dots = try row(.dots)
    try pointwise(.multiply, dy, y, to: products)
    try reduce(.sum, products, to: sums)
    try pointwise(.multiply, sums, try constant(1), to: dots)
    // p = e^(q · kᵀ · scale - logSum)
    let scores0 = try scores(), scaled = try scores(), shifted = try scores()
    try multiply(q, kT, to: scores0)
    let scale = try constant(shape.softmaxScale)
    try pointwise(.multiply, scores0, scale, to: scaled)
    try pointwise(.subtract, scaled, logSum, to: shifted)
    let seen = try masked(shifted), p = try scores(), pT = try transposedScores()
    try pointwise(.exponential, seen, to: p)
    // dv = pᵀ · dy
    try reshape(p, to: pT)
    try multiplyOverHeads(pT, dy, to: dv)
    // ds = p · (dy · vᵀ - dots) · scale
    let dp = try scores(), less = try scores(), weighted = try scores()
    try multiply(dy, vT, to: dp)
    try pointwise(.subtract, dp, dots, to: less)
    try pointwise(.multiply, less, p, to: weighted)
    let ds = try scores(.bf16), dsT = try transposedScores()
    try pointwise(.multiply, weighted, scale, to: ds)
    // dk = dsᵀ · q, dq = ds · k
    try reshape(ds, to: dsT)
    try multiplyOverHeads(dsT, q, to: dk)
    let k = try keys(nil)
    try reshape(kT, to: k)
    guard !isDeterministic else { return try multiply(ds, k, to: dq) }
    let wide = try packedQueries(.f32, .wideQueries)
    try multiply(ds, k, to: wide)
    try pointwise(.identity, wide, to: dq)
  }

  /// A product for each head; heads that share keys are summed.
  private func multiplyOverHeads(
    _ a: GraphTensor, _ b: GraphTensor, to c: GraphTensor
  ) throws(CUDAError) {
    if shape.N == shape.M { return try multiply(a, b, to: c) }
    let heads = try packedKeys()
    try multiply(a, b, to: heads)
    try reduce(.sum, heads, to: c)
  }

  private func packedKeys() throws(CUDAError) -> GraphTensor {
    let (B, N, K, D) = (shape.B, shape.N, shape.K, shape.D)
    return try tensor([B, N, K, D], [N * K * D, K * D, D, 1], .bf16)
  }
}

extension AttentionShape {
  var softmaxScale: Float { Float(1 / Double(D).squareRoot()) }
}
