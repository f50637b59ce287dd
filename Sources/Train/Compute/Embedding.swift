internal import CKernels

// Shape suffixes: T tokens, V vocabulary, C channels. Row-major; the last letter varies fastest.

extension Processor {
  /// Copies the row of each token; a negative one, whose row another rank has, gets zeros.
  ///
  /// - Precondition: Every token is below V.
  /// - Complexity: O(T · C), no allocation.
  public func embed(
    _ tokens_T: Span<Int32>, from table_VC: View<Scalar>, into x_TC: View<Scalar>, C: Int
  ) {
    precondition(x_TC.count == tokens_T.count * C, "\(tokens_T.count) rows of \(C)")
    let V = table_VC.count / C
    for t in tokens_T.indices {
      let token = Int(tokens_T[t])
      precondition(token < V, "token \(token) of a vocabulary of \(V)")
      if token < 0 {
        x_TC.part(t * C, C).set(0)
      } else {
        x_TC.part(t * C, C).copy(from: table_VC.part(token * C, C))
      }
    }
  }

  /// Adds each row of the gradient to the row of its token, if that is not negative.
  ///
  /// Threads share out channels, not tokens, so that every sum has the order of the tokens.
  ///
  /// - Complexity: O(T · C), no allocation.
  public func embedBackward(
    _ tokens_T: Span<Int32>, _ dx_TC: View<Scalar>, into dtable_VC: View<Scalar>, C: Int
  ) {
    precondition(dx_TC.count == tokens_T.count * C, "\(tokens_T.count) rows of \(C)")
    let V = dtable_VC.count / C
    unsafe tokens_T.withUnsafeBufferPointer { tokens in
      forBlocks(of: C, by: 64) { first, count in
        for t in tokens.indices where unsafe tokens[t] >= 0 {
          let token = unsafe Int(tokens[t])
          precondition(token < V, "token \(token) of a vocabulary of \(V)")
          unsafe kernels.pointee.accumulate(
            dtable_VC.start + token * C + first, dx_TC.start + t * C + first, count)
        }
      }
    }
  }
}
