internal import CKernels

// Shape suffixes: T tokens, C channels, B fixed blocks of tokens. Row-major; the last letter varies fastest.

/// Rows that one task works on; also the blocks in which gradients of gains are summed.
let rowBlock = 64

extension Processor {
  /// Scales each row to unit root-mean-square, then by a learned gain: `y = x / rms(x) · gain`.
  ///
  /// - Parameters:
  ///   - x_TC: Activations.
  ///   - gain_C: Learned gains, initialised to 1.
  ///   - y_TC: Receives the normalised rows; may be `x_TC`.
  ///   - inverse_T: Receives `1 / sqrt(mean(x²) + epsilon)` for the backward pass.
  ///   - epsilon: Keeps rows of zeros finite; 1e-6 in LLaMA-1's checkpoints.
  /// - Complexity: O(T · C), no allocation.
  /// - SeeAlso: arXiv:1910.07467, equation 4; LLaMA, section 2.2 (arXiv:2302.13971).
  public func rmsNorm(
    _ x_TC: View<Scalar>, gain gain_C: View<Scalar>, into y_TC: View<Scalar>,
    inverse inverse_T: View<Scalar>, epsilon: Double
  ) {
    let (T, C) = (inverse_T.count, gain_C.count)
    precondition(x_TC.count == T * C && y_TC.count == T * C, "rows of \(C) for \(T) tokens")
    forBlocks(of: T, by: rowBlock) { first, count in
      unsafe kernels.pointee.rms_norm(
        x_TC.start + first * C, gain_C.start, y_TC.start + first * C, inverse_T.start + first,
        count, C, epsilon)
    }
  }

  /// The same rows again from the `inverse_T` of the forward pass, instead of storing them.
  public func rmsNormAgain(
    _ x_TC: View<Scalar>, gain gain_C: View<Scalar>, inverse inverse_T: View<Scalar>,
    into y_TC: View<Scalar>
  ) {
    let (T, C) = (inverse_T.count, gain_C.count)
    precondition(x_TC.count == T * C && y_TC.count == T * C, "rows of \(C) for \(T) tokens")
    forBlocks(of: T, by: rowBlock) { first, count in
      unsafe kernels.pointee.rms_norm_again(
        x_TC.start + first * C, gain_C.start, inverse_T.start + first, y_TC.start + first * C,
        count, C)
    }
  }

  /// Elements of scratch that `rmsNormBackward` needs.
  public static func rmsNormScratch(T: Int, C: Int) -> Int { (T + rowBlock - 1) / rowBlock * C }

  /// Adds the gradients of `rmsNorm`.
  ///
  /// - Parameters:
  ///   - dy_TC: Gradient of the output.
  ///   - x_TC: Activations of the forward pass.
  ///   - gain_C: Gains of the forward pass.
  ///   - inverse_T: As the forward pass left them.
  ///   - dx_TC: Has the gradient of the input added, as the residual stream wants it.
  ///   - dgain_C: Has the gradient of the gains added.
  ///   - scratch_BC: `rmsNormScratch(T:C:)` elements: a sum for each block of 64 tokens, which are
  ///     then added in their order.
  /// - Complexity: O(T · C), no allocation.
  public func rmsNormBackward(
    _ dy_TC: View<Scalar>, _ x_TC: View<Scalar>, gain gain_C: View<Scalar>,
    inverse inverse_T: View<Scalar>, into dx_TC: View<Scalar>, gain dgain_C: View<Scalar>,
    scratch scratch_BC: View<Scalar>
  ) {
    let (T, C) = (inverse_T.count, gain_C.count)
    precondition(
      dy_TC.count == T * C && x_TC.count == T * C && dx_TC.count == T * C && dgain_C.count == C,
      "rows of \(C) for \(T) tokens")
    let blocks = (T + rowBlock - 1) / rowBlock
    precondition(scratch_BC.count >= blocks * C, "\(scratch_BC.count) elements of scratch")
    forBlocks(of: T, by: rowBlock) { first, count in
      let sum_C = scratch_BC.part(first / rowBlock * C, C)
      sum_C.set(0)
      unsafe kernels.pointee.rms_norm_backward(
        dy_TC.start + first * C, x_TC.start + first * C, gain_C.start, inverse_T.start + first,
        dx_TC.start + first * C, sum_C.start, count, C)
    }
    forBlocks(of: C, by: 256) { first, count in
      for block in 0..<blocks {
        unsafe kernels.pointee.accumulate(
          dgain_C.start + first, scratch_BC.start + block * C + first, count)
      }
    }
  }
}
