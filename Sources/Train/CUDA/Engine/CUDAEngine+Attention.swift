public import Compute
import Glibc

/// The angles of rotary position embedding, on a device.
public struct CUDAAngles: Sendable {
  public let positions: Int
  public let half: Int
  let cosines_PH: CUDAMemory
  let sines_PH: CUDAMemory
}

extension CUDAEngine {
  /// Shapes that cuDNN was asked for and has no fused kernel for, with its words.
  public var attentionRefusals: [(shape: AttentionShape, error: CUDAError)] { attention.refusals }

  public func angles(positions: Int, headDim: Int, theta: Double) -> CUDAAngles {
    precondition(
      headDim % 16 == 0, "heads of \(headDim) channels; the kernel turns 8 pairs at a time")
    let half = headDim / 2
    var cosines: [Float] = []
    var sines: [Float] = []
    for position in 0..<positions {
      for pair in 0..<half {
        let angle = Double(position) * pow(theta, -Double(2 * pair) / Double(headDim))
        cosines.append(Float(cos(angle)))
        sines.append(Float(sin(angle)))
      }
    }
    let memory = carryOut { () throws(CUDAError) in try allocate(2 * positions * half, .f32) }
    let table = CUDAAngles(
      positions: positions, half: half, cosines_PH: memory.part(0, positions * half),
      sines_PH: memory.part(positions * half, positions * half))
    upload(cosines.span, to: table.cosines_PH)
    upload(sines.span, to: table.sines_PH)
    return table
  }

  public func rotate(
    _ x_TR: CUDAMemory, T: Int, R: Int, heads: Int, table: CUDAAngles, length: Int, start: Int,
    backward: Bool
  ) {
    precondition(
      x_TR.count == T * R && heads * 2 * table.half <= R && R % 8 == 0, "\(T) rows of \(R)")
    precondition(
      start >= 0 && length > 0 && start + length <= table.positions,
      "positions \(start)..<\(start + length) of \(table.positions)")
    let vectors = heads * table.half / 8
    launch(
      .rotate, (T, (vectors + 255) / 256), threads: 256,
      [
        .address(x_TR.address), .address(table.cosines_PH.address),
        .address(table.sines_PH.address), .int(R / 8), .int(heads), .int(table.half / 8),
        .int(length), .int(start), .float(backward ? -1 : 1),
      ])
  }

  public func attend(
    _ q: CUDAMemory, _ k: CUDAMemory, _ v: CUDAMemory, into y_BQND: CUDAMemory,
    logSum logSum_BNQ: CUDAMemory, _ shape: AttentionShape
  ) {
    check(q, k, v, y_BQND, logSum_BNQ, shape)
    carryOut { () throws(CUDAError) in
      try attention.forward(q, k, v, into: y_BQND, logSum: logSum_BNQ, shape)
    }
  }

  public func attendBackward(
    _ dy_BQND: CUDAMemory, _ q: CUDAMemory, _ k: CUDAMemory, _ v: CUDAMemory,
    _ y_BQND: CUDAMemory, logSum logSum_BNQ: CUDAMemory, into dq: CUDAMemory, _ dk: CUDAMemory,
    _ dv: CUDAMemory, _ shape: AttentionShape
  ) {
    check(q, k, v, y_BQND, logSum_BNQ, shape)
    check(dq, dk, dv, dy_BQND, logSum_BNQ, shape)
    let gradients = AttentionGradients(dy: dy_BQND, dq: dq, dk: dk, dv: dv)
    carryOut { () throws(CUDAError) in
      try attention.backward(gradients, q, k, v, y_BQND, logSum: logSum_BNQ, shape)
    }
  }

  private func check(
    _ q: CUDAMemory, _ k: CUDAMemory, _ v: CUDAMemory, _ y_BQND: CUDAMemory,
    _ logSum_BNQ: CUDAMemory, _ shape: AttentionShape
  ) {
    let (B, Q, K, N, D) = (shape.B, shape.Q, shape.K, shape.N, shape.D)
    precondition(
      q.count >= (B * Q - 1) * shape.queryStride + N * D
        && min(k.count, v.count) >= (B * K - 1) * shape.keyStride + shape.M * D
        && y_BQND.count == B * Q * N * D && logSum_BNQ.count == B * N * Q * Self.sumPlaces,
      "memory too small for \(shape)")
  }
}
