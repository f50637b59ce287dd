internal import CKernels

// Shape suffixes: T tokens, V vocabulary. Row-major; the last letter varies fastest.

extension Processor {
  /// The cross-entropy of each row of logits, in nats, with the gradient in the logits' place.
  ///
  /// - Parameters:
  ///   - logits_TV: Logits; afterwards `scale · (softmax - one-hot)`, or spoilt without gradient.
  ///   - targets_T: The token that should come; a negative one costs nothing and has gradient 0.
  ///   - losses_T: Receives `log(Σ e^logit) - logit[target]`.
  ///   - V: Vocabulary.
  ///   - scale: What the sum of losses counts in the objective.
  ///   - wantsGradient: False leaves the logits spoilt.
  /// - Complexity: O(T · V), no allocation. Call it for chunks of rows: a batch's logits need not be
  ///   stored at a time.
  public func crossEntropy(
    _ logits_TV: View<Scalar>, targets targets_T: Span<Int32>, losses losses_T: View<Double>,
    V: Int, scale: Double, wantsGradient: Bool
  ) {
    let T = targets_T.count
    precondition(logits_TV.count == T * V && losses_T.count == T, "\(T) rows of \(V)")
    for t in targets_T.indices {
      precondition(targets_T[t] < V, "target \(targets_T[t]) of a vocabulary of \(V)")
    }
    unsafe targets_T.withUnsafeBufferPointer { targets in
      guard let targets = targets.baseAddress else { return }
      forBlocks(of: T, by: 16) { first, count in
        unsafe kernels.pointee.cross_entropy(
          logits_TV.start + first * V, targets + first, count, V, scale, wantsGradient ? 1 : 0,
          losses_T.start + first)
      }
    }
  }
}
