// The operations of passes, noted; shape suffixes as with `Processor`'s operations.

extension Profiled {
  // MARK: Products

  public func multiply(
    _ x_TI: Memory, transposed w_OI: Memory, into y_TO: Memory, T: Int, I: Int, O: Int,
    adding: Bool
  ) {
    log.timed(.products, "product \(T) x \(I) x \(O)") {
      engine.multiply(x_TI, transposed: w_OI, into: y_TO, T: T, I: I, O: O, adding: adding)
    }
  }

  public func multiply(
    _ dy_TO: Memory, by w_OI: Memory, into dx_TI: Memory, T: Int, I: Int, O: Int, adding: Bool
  ) {
    log.timed(.products, "product, d inputs \(T) x \(I) x \(O)") {
      engine.multiply(dy_TO, by: w_OI, into: dx_TI, T: T, I: I, O: O, adding: adding)
    }
  }

  public func addProduct(
    transposed dy_TO: Memory, _ x_TI: Memory, to dw_OI: Memory, T: Int, I: Int, O: Int
  ) {
    log.timed(.products, "product, d weights \(T) x \(I) x \(O)") {
      engine.addProduct(transposed: dy_TO, x_TI, to: dw_OI, T: T, I: I, O: O)
    }
  }

  // MARK: Embedding

  public func embed(_ tokens_T: Span<Int32>, from table_VC: Memory, into x_TC: Memory, C: Int) {
    let T = tokens_T.count
    log.timed(.embedding, "embedding \(T) x \(C)") {
      engine.embed(tokens_T, from: table_VC, into: x_TC, C: C)
    }
  }

  public func embedBackward(
    _ tokens_T: Span<Int32>, _ dx_TC: Memory, into dtable_VC: Memory, C: Int
  ) {
    let T = tokens_T.count
    log.timed(.embedding, "embedding, backward \(T) x \(C)") {
      engine.embedBackward(tokens_T, dx_TC, into: dtable_VC, C: C)
    }
  }

  // MARK: Norms

  public func rmsNorm(
    _ x_TC: Memory, gain gain_C: Memory, into y_TC: Memory, inverse inverse_T: Memory,
    epsilon: Double
  ) {
    log.timed(.norm, "norm \(rows(x_TC, gain_C))") {
      engine.rmsNorm(x_TC, gain: gain_C, into: y_TC, inverse: inverse_T, epsilon: epsilon)
    }
  }

  public func rmsNormAgain(
    _ x_TC: Memory, gain gain_C: Memory, inverse inverse_T: Memory, into y_TC: Memory
  ) {
    log.timed(.norm, "norm, again \(rows(x_TC, gain_C))") {
      engine.rmsNormAgain(x_TC, gain: gain_C, inverse: inverse_T, into: y_TC)
    }
  }

  public func rmsNormBackward(
    _ dy_TC: Memory, _ x_TC: Memory, gain gain_C: Memory, inverse inverse_T: Memory,
    into dx_TC: Memory, gain dgain_C: Memory, scratch scratch_BC: Memory
  ) {
    log.timed(.norm, "norm, backward \(rows(x_TC, gain_C))") {
      engine.rmsNormBackward(
        dy_TC, x_TC, gain: gain_C, inverse: inverse_T, into: dx_TC, gain: dgain_C,
        scratch: scratch_BC)
    }
  }

  private func rows(_ x_TC: Memory, _ gain_C: Memory) -> String {
    "\(x_TC.count / gain_C.count) x \(gain_C.count)"
  }

  // MARK: Attention

  public func rotate(
    _ x_TR: Memory, T: Int, R: Int, heads: Int, table: Angles, length: Int, start: Int,
    backward: Bool
  ) {
    log.timed(.rotary, "rotary\(backward ? ", backward" : "") \(T) x \(heads) heads") {
      engine.rotate(
        x_TR, T: T, R: R, heads: heads, table: table, length: length, start: start,
        backward: backward)
    }
  }

  public func attend(
    _ q: Memory, _ k: Memory, _ v: Memory, into y_BQND: Memory, logSum logSum_BNQ: Memory,
    _ shape: AttentionShape
  ) {
    log.timed(.attention, "attention \(sizes(shape))") {
      engine.attend(q, k, v, into: y_BQND, logSum: logSum_BNQ, shape)
    }
  }

  public func attendBackward(
    _ dy_BQND: Memory, _ q: Memory, _ k: Memory, _ v: Memory, _ y_BQND: Memory,
    logSum logSum_BNQ: Memory, into dq: Memory, _ dk: Memory, _ dv: Memory,
    _ shape: AttentionShape
  ) {
    log.timed(.attention, "attention, backward \(sizes(shape))") {
      engine.attendBackward(
        dy_BQND, q, k, v, y_BQND, logSum: logSum_BNQ, into: dq, dk, dv, shape)
    }
  }

  private func sizes(_ shape: AttentionShape) -> String {
    "\(shape.B) x \(shape.Q) x \(shape.N) heads of \(shape.D)"
  }

  // MARK: Feed-forward part

  public func swiGLU(_ gateUp_T2H: Memory, into y_TH: Memory, T: Int, H: Int) {
    log.timed(.activation, "SwiGLU \(T) x \(H)") {
      engine.swiGLU(gateUp_T2H, into: y_TH, T: T, H: H)
    }
  }

  public func swiGLUBackward(
    _ dy_TH: Memory, _ gateUp_T2H: Memory, again y_TH: Memory, T: Int, H: Int
  ) {
    log.timed(.activation, "SwiGLU, backward \(T) x \(H)") {
      engine.swiGLUBackward(dy_TH, gateUp_T2H, again: y_TH, T: T, H: H)
    }
  }

  // MARK: Loss

  public func crossEntropy(
    _ logits_TV: Memory, targets targets_T: Span<Int32>, losses losses_T: View<Double>, V: Int,
    scale: Double, wantsGradient: Bool
  ) {
    let T = targets_T.count
    log.timed(.loss, "cross-entropy \(T) x \(V)") {
      engine.crossEntropy(
        logits_TV, targets: targets_T, losses: losses_T, V: V, scale: scale,
        wantsGradient: wantsGradient)
    }
  }

  public func softmaxShard(
    _ logits_TV: Memory, columns columns_T: Span<Int32>, V: Int, into parts_T: Memory
  ) {
    let T = columns_T.count
    log.timed(.loss, "softmax of a share \(T) x \(V)") {
      engine.softmaxShard(logits_TV, columns: columns_T, V: V, into: parts_T)
    }
  }

  public func joinSoftmaxShards(
    _ shares_TV: Memory, parts parts_KT: Memory, rank: Int, targets targets_T: Span<Int32>,
    columns columns_T: Span<Int32>, losses losses_T: View<Double>, V: Int, scale: Double,
    wantsGradient: Bool
  ) {
    let T = targets_T.count
    log.timed(.loss, "softmax of shares joined \(T) x \(V)") {
      engine.joinSoftmaxShards(
        shares_TV, parts: parts_KT, rank: rank, targets: targets_T, columns: columns_T,
        losses: losses_T, V: V, scale: scale, wantsGradient: wantsGradient)
    }
  }
}
