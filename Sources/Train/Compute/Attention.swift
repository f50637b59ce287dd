internal import CKernels
import Glibc

// Shape suffixes: B sequences, Q queries of each, K keys of each, N heads, M key-value heads,
// D channels of a head. Query i of a sequence sees its first K - Q + i + 1 keys.

/// The sizes and strides of an attention; strides are between rows, in elements.
///
/// Sequences follow one another: query i of sequence b is row `b · Q + i`, and likewise for keys.
public struct AttentionShape: Equatable, Sendable {
  public var B: Int
  public var Q: Int
  public var K: Int
  /// Heads; a multiple of `M`.
  ///
  /// Head n reads key-value head `n / (N / M)`.
  public var N: Int
  public var M: Int
  public var D: Int
  /// Between the rows of q, and of dq.
  public var queryStride: Int
  /// Between the rows of k and v, and of dk and dv.
  public var keyStride: Int

  public init(
    B: Int, Q: Int, K: Int, N: Int, M: Int, D: Int, queryStride: Int, keyStride: Int
  ) {
    precondition(N % M == 0 && Q <= K, "\(N) heads on \(M), \(Q) queries on \(K) keys")
    (self.B, self.Q, self.K, self.N, self.M, self.D) = (B, Q, K, N, M, D)
    (self.queryStride, self.keyStride) = (queryStride, keyStride)
  }

  /// Queries that are worked on at a time.
  static let block = 64

  /// Elements of scratch that each thread needs: two blocks of scores, their dots, packed panels.
  public static func scratchCount(K: Int, D: Int) -> Int {
    let margin = 64  // no panel of any table is wider
    let deep = max(min(D, 256), block)  // 256: the depth of packed panels
    let scores = (K + margin + block + margin) * deep
    let sums = (K + margin + D + margin) * block
    let mixes = (block + margin + D + margin) * max(16, min(K, 256))  // 16: their least depth
    return 2 * block * K + block + max(scores, sums, mixes)
  }

  var scale: Double { 1 / Double(D).squareRoot() }
  var ownCount: Int { Self.scratchCount(K: K, D: D) }
}

extension Processor {
  /// Causal attention: `softmax(q · kᵀ / √D) · v`, heads in groups that share keys and values.
  ///
  /// Scores exist for 64 queries of one head at a time, in the thread's scratch.
  ///
  /// - Parameters:
  ///   - q: Queries; head n begins at element `n · D` of a row.
  ///   - k: Keys; key-value head m begins at element `m · D` of a row.
  ///   - v: Values, laid out as keys.
  ///   - y_BQND: Receives the mixed values.
  ///   - logSum_BNQ: Receives the logarithm of each softmax's denominator, for the backward pass.
  ///   - shape: Sizes and strides.
  /// - Complexity: O(B · N · Q · K · D) time; memory 64 · K for each thread.
  /// - SeeAlso: FlashAttention, arXiv:2205.14135, for keeping the logarithm; grouped queries,
  ///   arXiv:2305.13245.
  public func attend(
    _ q: View<Scalar>, _ k: View<Scalar>, _ v: View<Scalar>, into y_BQND: View<Scalar>,
    logSum logSum_BNQ: View<Scalar>, _ shape: AttentionShape
  ) {
    check(q, k, v, y_BQND, logSum_BNQ, shape)
    let (Q, K, N, D) = (shape.Q, shape.K, shape.N, shape.D)
    let blocks = (Q + AttentionShape.block - 1) / AttentionShape.block
    // Late blocks see most keys: they begin first.
    workers.run(shape.B * N * blocks) { task, worker in
      let block = blocks - 1 - task / (shape.B * N)
      let b = task % (shape.B * N) / N, n = task % N
      let m = n / (N / shape.M)
      let first = block * AttentionShape.block
      let rows = min(AttentionShape.block, Q - first)
      let width = K - Q + first + rows
      let scratch = unsafe scratch(of: worker, shape.ownCount)
      let scores = unsafe scratch, room = unsafe scratch + AttentionShape.block * K
      let q = unsafe q.start + (b * Q + first) * shape.queryStride + n * D
      let k = unsafe k.start + b * K * shape.keyStride + m * D
      let v = unsafe v.start + b * K * shape.keyStride + m * D
      unsafe productAlone(
        Strided(q, shape.queryStride, 1), Strided(k, 1, shape.keyStride), scores, width,
        rows: rows, depth: D, columns: width, adding: false, room)
      unsafe kernels.pointee.causal_softmax(
        scores, width, rows, width, K - Q + first + 1, shape.scale,
        logSum_BNQ.start + (b * N + n) * Q + first)
      unsafe productAlone(
        Strided(scores, width, 1), Strided(v, shape.keyStride, 1),
        y_BQND.start + (b * Q + first) * N * D + n * D, N * D,
        rows: rows, depth: width, columns: D, adding: false, room)
    }
  }

  /// The gradients of `attend`, from its inputs and outputs.
  ///
  /// One task does the heads of one key-value head in order, so that sums over them have one order.
  ///
  /// - Parameters:
  ///   - dy_BQND: Gradient of the output.
  ///   - q: Queries of the forward pass.
  ///   - k: Keys of the forward pass.
  ///   - v: Values of the forward pass.
  ///   - y_BQND: The output.
  ///   - logSum_BNQ: As the forward pass left it.
  ///   - dq: Receives the gradient of the queries, laid out as `q`.
  ///   - dk: Receives the gradient of the keys, laid out as `k`.
  ///   - dv: Receives the gradient of the values, laid out as `v`.
  ///   - shape: Sizes and strides.
  /// - Complexity: O(B · N · Q · K · D) time; memory 128 · K for each thread.
  public func attendBackward(
    _ dy_BQND: View<Scalar>, _ q: View<Scalar>, _ k: View<Scalar>, _ v: View<Scalar>,
    _ y_BQND: View<Scalar>, logSum logSum_BNQ: View<Scalar>,
    into dq: View<Scalar>, _ dk: View<Scalar>, _ dv: View<Scalar>, _ shape: AttentionShape
  ) {
    check(q, k, v, y_BQND, logSum_BNQ, shape)
    check(dq, dk, dv, dy_BQND, logSum_BNQ, shape)
    let (Q, K, N, M, D) = (shape.Q, shape.K, shape.N, shape.M, shape.D)
    workers.run(shape.B * M) { task, worker in
      let b = task / M, m = task % M
      let keys = b * K * shape.keyStride + m * D
      let k = unsafe k.start + keys, v = unsafe v.start + keys
      let dk = unsafe dk.start + keys, dv = unsafe dv.start + keys
      for key in 0..<K {
        unsafe memset(dk + key * shape.keyStride, 0, D * MemoryLayout<Scalar>.stride)
        unsafe memset(dv + key * shape.keyStride, 0, D * MemoryLayout<Scalar>.stride)
      }
      let scratch = unsafe scratch(of: worker, shape.ownCount)
      let p = unsafe scratch, dp = unsafe p + AttentionShape.block * K
      let dots = unsafe dp + AttentionShape.block * K
      let room = unsafe dots + AttentionShape.block
      for n in m * (N / M)..<(m + 1) * (N / M) {
        for first in stride(from: 0, to: Q, by: AttentionShape.block) {
          let rows = min(AttentionShape.block, Q - first)
          let width = K - Q + first + rows, visible = K - Q + first + 1
          let queries = (b * Q + first) * shape.queryStride + n * D
          let outputs = (b * Q + first) * N * D + n * D
          let q = unsafe q.start + queries
          let dy = unsafe Strided(dy_BQND.start + outputs, N * D, 1)
          unsafe productAlone(
            Strided(q, shape.queryStride, 1), Strided(k, 1, shape.keyStride), p, width,
            rows: rows, depth: D, columns: width, adding: false, room)
          unsafe kernels.pointee.causal_softmax_again(
            p, width, rows, width, visible, shape.scale,
            logSum_BNQ.start + (b * N + n) * Q + first)
          unsafe productAlone(
            Strided(p, 1, width), dy, dv, shape.keyStride,
            rows: width, depth: rows, columns: D, adding: true, room)
          unsafe productAlone(
            dy, Strided(v, 1, shape.keyStride), dp, width,
            rows: rows, depth: D, columns: width, adding: false, room)
          unsafe kernels.pointee.row_dots(
            dy.start, y_BQND.start + outputs, N * D, rows, D, dots)
          unsafe kernels.pointee.score_gradient(p, dp, width, rows, width, dots, shape.scale)
          unsafe productAlone(
            Strided(dp, width, 1), Strided(k, shape.keyStride, 1), dq.start + queries,
            shape.queryStride, rows: rows, depth: width, columns: D, adding: false, room)
          unsafe productAlone(
            Strided(dp, 1, width), Strided(q, shape.queryStride, 1), dk, shape.keyStride,
            rows: width, depth: rows, columns: D, adding: true, room)
        }
      }
    }
  }

  /// A product within one task, packed into `scratch`.
  private func productAlone(
    _ a: Strided<Scalar>, _ b: Strided<Scalar>, _ c: UnsafeMutablePointer<Scalar>, _ ld: Int,
    rows: Int, depth: Int, columns: Int, adding: Bool, _ scratch: UnsafeMutablePointer<Scalar>
  ) {
    let mr = unsafe panels.pointee.mr, kc = unsafe panels.pointee.kc
    for level in stride(from: 0, to: depth, by: kc) {
      let thick = min(kc, depth - level)
      let packed_B = unsafe scratch + wholes(rows, mr) * places(thick)
      unsafe panels.pointee.pack_a(
        scratch, a.at(0, level), a.rowStride, a.columnStride, rows, thick)
      unsafe panels.pointee.pack_b(
        packed_B, b.at(level, 0), b.rowStride, b.columnStride, thick, columns)
      unsafe panels.pointee.multiply_packed(
        scratch, packed_B, thick, c, ld, rows, columns, adding || level > 0 ? 1 : 0)
    }
  }

  private func check(
    _ q: View<Scalar>, _ k: View<Scalar>, _ v: View<Scalar>, _ y_BQND: View<Scalar>,
    _ logSum_BNQ: View<Scalar>, _ shape: AttentionShape
  ) {
    let (B, Q, K, N, D) = (shape.B, shape.Q, shape.K, shape.N, shape.D)
    precondition(
      q.count >= (B * Q - 1) * shape.queryStride + N * D
        && min(k.count, v.count) >= (B * K - 1) * shape.keyStride + shape.M * D
        && y_BQND.count == B * Q * N * D && logSum_BNQ.count == B * N * Q,
      "views too small for \(shape)")
  }
}
