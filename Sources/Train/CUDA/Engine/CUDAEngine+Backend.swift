public import Compute

// Shape suffixes as with `Processor`'s operations, which these are. Rows of bf16 are read eight
// numbers at a time: channels, hidden channels and the vocabulary must be multiples of 8.

extension CUDAEngine: Backend {
  public typealias Memory = CUDAMemory

  /// Sums are f32, which are two places of bf16.
  public static var sumPlaces: Int { 2 }

  /// 128 MiB of bf16: products of some 2,000 rows, which keep every multiprocessor busy.
  public static var logitCount: Int { 1 << 26 }

  /// New memory of bf16, all zeros.
  public func allocate(_ count: Int) -> CUDAMemory {
    carryOut { () throws(CUDAError) in try allocate(count, .bf16) }
  }

  /// New memory of f32, all zeros.
  public func allocateWide(_ count: Int) -> CUDAMemory {
    carryOut { () throws(CUDAError) in try allocate(count, .f32) }
  }

  // MARK: Products

  public func multiply(
    _ x_TI: CUDAMemory, transposed w_OI: CUDAMemory, into y_TO: CUDAMemory, T: Int, I: Int, O: Int,
    adding: Bool
  ) {
    check(x_TI, T * I, w_OI, O * I, y_TO, T * O)
    multiply(
      .layer(T: T, I: I, O: O, isWide: y_TO.format == .f32, adding: adding), w_OI, x_TI, y_TO)
  }

  public func multiply(
    _ dy_TO: CUDAMemory, by w_OI: CUDAMemory, into dx_TI: CUDAMemory, T: Int, I: Int, O: Int,
    adding: Bool
  ) {
    check(dy_TO, T * O, w_OI, O * I, dx_TI, T * I)
    multiply(
      .inputGradient(T: T, I: I, O: O, isWide: dx_TI.format == .f32, adding: adding), w_OI, dy_TO,
      dx_TI)
  }

  public func addProduct(
    transposed dy_TO: CUDAMemory, _ x_TI: CUDAMemory, to dw_OI: CUDAMemory, T: Int, I: Int, O: Int
  ) {
    check(dy_TO, T * O, x_TI, T * I, dw_OI, O * I)
    multiply(
      .weightGradient(T: T, I: I, O: O, isWide: dw_OI.format == .f32), x_TI, dy_TO, dw_OI)
  }

  private func multiply(
    _ product: Product, _ a: CUDAMemory, _ b: CUDAMemory, _ d: CUDAMemory
  ) {
    precondition(a.format == .bf16 && b.format == .bf16, "products read bf16")
    carryOut { () throws(CUDAError) in
      try multiplier.multiply(product, a: a.address, b: b.address, d: d.address)
    }
  }

  private func check(
    _ a: CUDAMemory, _ aCount: Int, _ b: CUDAMemory, _ bCount: Int, _ c: CUDAMemory, _ cCount: Int
  ) {
    precondition(
      a.count == aCount && b.count == bCount && c.count == cCount,
      "memory of \(a.count), \(b.count), \(c.count); need \(aCount), \(bCount), \(cCount)")
  }

  // MARK: Norms

  /// Rows whose share of the gain's gradient one block sums.
  private static var normRows: Int { 32 }

  public static func rmsNormScratch(T: Int, C: Int) -> Int {
    (T + normRows - 1) / normRows * C * sumPlaces
  }

  public func rmsNorm(
    _ x_TC: CUDAMemory, gain gain_C: CUDAMemory, into y_TC: CUDAMemory,
    inverse inverse_T: CUDAMemory,
    epsilon: Double
  ) {
    let C = gain_C.count, T = x_TC.count / C
    checkNorm(x_TC, y_TC, inverse_T, T, C)
    launch(
      .rmsNorm, (T, 1), threads: 256,
      [
        .address(y_TC.address), .address(inverse_T.address), .address(x_TC.address),
        .address(gain_C.address), .int(C / 8), .float(epsilon),
      ])
  }

  public func rmsNormAgain(
    _ x_TC: CUDAMemory, gain gain_C: CUDAMemory, inverse inverse_T: CUDAMemory,
    into y_TC: CUDAMemory
  ) {
    let C = gain_C.count, T = x_TC.count / C
    checkNorm(x_TC, y_TC, inverse_T, T, C)
    launch(
      .rmsNormAgain, (T, 1), threads: 256,
      [
        .address(y_TC.address), .address(inverse_T.address), .address(x_TC.address),
        .address(gain_C.address), .int(C / 8),
      ])
  }

  public func rmsNormBackward(
    _ dy_TC: CUDAMemory, _ x_TC: CUDAMemory, gain gain_C: CUDAMemory,
    inverse inverse_T: CUDAMemory, into dx_TC: CUDAMemory, gain dgain_C: CUDAMemory,
    scratch scratch_BC: CUDAMemory
  ) {
    let C = gain_C.count, T = x_TC.count / C
    checkNorm(x_TC, dy_TC, inverse_T, T, C)
    precondition(dx_TC.count == T * C && dgain_C.count == C && dgain_C.format == .f32)
    precondition(C <= 8192, "rows of \(C) channels; the kernel keeps 8192 at most")
    precondition(scratch_BC.count >= Self.rmsNormScratch(T: T, C: C))
    let blocks = (T + Self.normRows - 1) / Self.normRows
    launch(
      C <= 2048 ? .rmsNormBackward1 : C <= 4096 ? .rmsNormBackward2 : .rmsNormBackward4,
      (blocks, 1), threads: 256,
      [
        .address(dx_TC.address), .address(scratch_BC.address), .address(dy_TC.address),
        .address(x_TC.address), .address(gain_C.address), .address(inverse_T.address), .int(T),
        .int(C / 8), .int(Self.normRows),
      ])
    launch(
      .addSums, ((C + 31) / 32, 1), threads: 256,
      [.address(dgain_C.address), .address(scratch_BC.address), .int(C), .int(blocks)])
  }

  private func checkNorm(
    _ x: CUDAMemory, _ y: CUDAMemory, _ inverse: CUDAMemory, _ T: Int, _ C: Int
  ) {
    precondition(C % 8 == 0, "\(C) channels; the kernels want a multiple of 8")
    precondition(
      x.count == T * C && y.count == T * C && inverse.count == T * Self.sumPlaces,
      "rows of \(C) for \(T) tokens")
  }

  // MARK: Feed-forward part

  public func swiGLU(_ gateUp_T2H: CUDAMemory, into y_TH: CUDAMemory, T: Int, H: Int) {
    precondition(gateUp_T2H.count == 2 * T * H && y_TH.count == T * H && H % 8 == 0)
    launch(
      .swiGLU, (T, (H / 8 + 255) / 256), threads: 256,
      [.address(y_TH.address), .address(gateUp_T2H.address), .int(H / 8)])
  }

  public func swiGLUBackward(
    _ dy_TH: CUDAMemory, _ gateUp_T2H: CUDAMemory, again y_TH: CUDAMemory, T: Int, H: Int
  ) {
    precondition(gateUp_T2H.count == 2 * T * H && y_TH.count == T * H && H % 8 == 0)
    precondition(dy_TH.count == T * H, "\(T) rows of \(H)")
    launch(
      .swiGLUBackward, (T, (H / 8 + 255) / 256), threads: 256,
      [
        .address(y_TH.address), .address(gateUp_T2H.address), .address(dy_TH.address), .int(H / 8),
      ])
  }
}
