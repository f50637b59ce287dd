internal import CKernels

// Shape suffixes: T tokens, H hidden channels. Row-major; the last letter varies fastest.

extension Processor {
  /// The gated activation `y = silu(gate) · up`, where `silu(g) = g / (1 + e^-g)`.
  ///
  /// - Parameters:
  ///   - gateUp_T2H: Each row has H gates, then H ups.
  ///   - y_TH: Receives the products.
  ///   - T: Tokens.
  ///   - H: Hidden channels.
  /// - Complexity: O(T · H), no allocation.
  /// - SeeAlso: arXiv:2002.05202, equation 6.
  public func swiGLU(_ gateUp_T2H: View<Scalar>, into y_TH: View<Scalar>, T: Int, H: Int) {
    precondition(gateUp_T2H.count == 2 * T * H && y_TH.count == T * H, "\(T) rows of \(H)")
    forBlocks(of: T, by: rowBlock) { first, count in
      unsafe kernels.pointee.swiglu(
        gateUp_T2H.start + first * 2 * H, y_TH.start + first * H, count, H)
    }
  }

  /// Puts the gradients of gate and up in their place, and the activation once more into `y_TH`.
  ///
  /// - Complexity: O(T · H), no allocation.
  public func swiGLUBackward(
    _ dy_TH: View<Scalar>, _ gateUp_T2H: View<Scalar>, again y_TH: View<Scalar>, T: Int, H: Int
  ) {
    precondition(
      gateUp_T2H.count == 2 * T * H && y_TH.count == T * H && dy_TH.count == T * H,
      "\(T) rows of \(H)")
    forBlocks(of: T, by: rowBlock) { first, count in
      unsafe kernels.pointee.swiglu_backward(
        dy_TH.start + first * H, gateUp_T2H.start + first * 2 * H, y_TH.start + first * H, count, H)
    }
  }
}
