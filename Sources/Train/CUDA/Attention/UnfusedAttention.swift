internal import Compute

// Shape suffixes as with `AttentionShape`: B sequences, Q queries, K keys, N heads, M key-value
// heads, D channels of a head; G = N / M heads share keys.

/// Attention that stores the scores of one sequence: the oracle for fused kernels, and what there is
/// without cuDNN.
///
/// - Complexity: Memory of 10 · N · Q · K bytes.
final class UnfusedAttention: @unchecked Sendable {
  private let stream: CUDAStream
  private let kernels: KernelSet
  private let multiplier: Multiplier
  private let room: GrowingRoom

  init(_ stream: CUDAStream, _ kernels: KernelSet, _ multiplier: Multiplier) {
    self.stream = stream
    self.kernels = kernels
    self.multiplier = multiplier
    room = GrowingRoom(stream.device)
  }

  /// The places of one sequence: f32 scores, their gradients, bf16 probabilities, dots.
  private struct Places {
    let scores, gradients, shares, dots: UInt64
  }

  private func places(_ shape: AttentionShape) throws(CUDAError) -> Places {
    let count = shape.N * shape.Q * shape.K
    let base = try room.take(10 * count + 4 * shape.N * shape.Q)
    return Places(
      scores: base, gradients: base + UInt64(4 * count), shares: base + UInt64(8 * count),
      dots: base + UInt64(10 * count))
  }

  func forward(
    _ q: CUDAMemory, _ k: CUDAMemory, _ v: CUDAMemory, into y: CUDAMemory, logSum: CUDAMemory,
    _ shape: AttentionShape
  ) throws(CUDAError) {
    let places = try places(shape)
    let (Q, K, N, D) = (shape.Q, shape.K, shape.N, shape.D)
    for b in 0..<shape.B {
      let queries = q.address + bytes(b * Q * shape.queryStride)
      let keys = bytes(b * K * shape.keyStride)
      try multiplyToScores(
        queries, shape.queryStride, k.address + keys, into: places.scores, shape)
      try kernels.launch(
        .causalSoftmax, (N * Q, 1), threads: 256,
        [
          .address(places.shares), .address(logSum.address + UInt64(4 * b * N * Q)),
          .address(places.scores), .int(Q), .int(K), .int(K - Q + 1),
          .float(Double(shape.softmaxScale)),
        ])
      try mix(
        places.shares, v.address + keys, into: y.address + bytes(b * Q * N * D), N * D, shape)
    }
  }

  func backward(
    _ gradients: AttentionGradients, _ q: CUDAMemory, _ k: CUDAMemory, _ v: CUDAMemory,
    _ y: CUDAMemory, logSum: CUDAMemory, _ shape: AttentionShape
  ) throws(CUDAError) {
    let places = try places(shape)
    let (Q, K, N, D) = (shape.Q, shape.K, shape.N, shape.D)
    let scale = KernelArgument.float(Double(shape.softmaxScale))
    for b in 0..<shape.B {
      let queries = bytes(b * Q * shape.queryStride), keys = bytes(b * K * shape.keyStride)
      let outputs = bytes(b * Q * N * D)
      let dy = gradients.dy.address + outputs
      try multiplyToScores(
        q.address + queries, shape.queryStride, k.address + keys, into: places.scores, shape)
      try kernels.launch(
        .causalSoftmaxAgain, (N * Q, 1), threads: 256,
        [
          .address(places.shares), .address(logSum.address + UInt64(4 * b * N * Q)),
          .address(places.scores), .int(Q), .int(K), .int(K - Q + 1), scale,
        ])
      try kernels.launch(
        .headDots, ((Q * N + 7) / 8, 1), threads: 256,
        [
          .address(places.dots), .address(dy), .address(y.address + outputs), .int(Q), .int(N),
          .int(D),
        ])
      try sumOverQueries(places.shares, dy, N * D, into: gradients.dv.address + keys, shape)
      try multiplyToScores(dy, N * D, v.address + keys, into: places.gradients, shape)
      try kernels.launch(
        .scoreGradient, (N * Q, 1), threads: 256,
        [
          .address(places.shares), .address(places.gradients), .address(places.dots), .int(K),
          scale,
        ])
      try mix(
        places.shares, k.address + keys, into: gradients.dq.address + queries, shape.queryStride,
        shape)
      try sumOverQueries(
        places.shares, q.address + queries, shape.queryStride,
        into: gradients.dk.address + keys, shape)
    }
  }

  private func bytes(_ elements: Int) -> UInt64 { UInt64(2 * elements) }

  /// scores[n] = rows[n] · keysᵀ[m], in f32; one head of each group at a time.
  private func multiplyToScores(
    _ rows: UInt64, _ stride: Int, _ keys: UInt64, into scores: UInt64, _ shape: AttentionShape
  ) throws(CUDAError) {
    let (Q, K, D, G) = (shape.Q, shape.K, shape.D, shape.N / shape.M)
    var product = Product.layer(T: Q, I: D, O: K, isWide: true, adding: false)
    (product.strideA, product.strideB) = (shape.keyStride, stride)
    (product.batch, product.stepA, product.stepB) = (shape.M, D, G * D)
    product.stepD = G * Q * K
    for g in 0..<G {
      try multiplier.multiply(
        product, a: keys, b: rows + bytes(g * D), d: scores + UInt64(4 * g * Q * K))
    }
  }

  /// rows[n] = shares[n] · keys[m].
  private func mix(
    _ shares: UInt64, _ keys: UInt64, into rows: UInt64, _ stride: Int, _ shape: AttentionShape
  ) throws(CUDAError) {
    let (Q, K, D, G) = (shape.Q, shape.K, shape.D, shape.N / shape.M)
    var product = Product.inputGradient(T: Q, I: D, O: K, isWide: false, adding: false)
    (product.strideA, product.strideD) = (shape.keyStride, stride)
    (product.batch, product.stepA, product.stepB) = (shape.M, D, G * Q * K)
    product.stepD = G * D
    for g in 0..<G {
      try multiplier.multiply(
        product, a: keys, b: shares + bytes(g * Q * K), d: rows + bytes(g * D))
    }
  }

  /// keys[m] = Σ over the group's heads of sharesᵀ[n] · rows[n].
  private func sumOverQueries(
    _ shares: UInt64, _ rows: UInt64, _ stride: Int, into keys: UInt64, _ shape: AttentionShape
  ) throws(CUDAError) {
    let (Q, K, D, G) = (shape.Q, shape.K, shape.D, shape.N / shape.M)
    var product = Product.weightGradient(T: Q, I: D, O: K, isWide: false)
    (product.strideA, product.strideD) = (stride, shape.keyStride)
    (product.batch, product.stepA, product.stepB) = (shape.M, G * D, G * Q * K)
    product.stepD = D
    for g in 0..<G {
      product.adding = g > 0
      try multiplier.multiply(
        product, a: rows + bytes(g * D), b: shares + bytes(g * Q * K), d: keys)
    }
  }
}
