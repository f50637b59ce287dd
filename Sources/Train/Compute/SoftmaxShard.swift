import Glibc

// Shape suffixes: T tokens, V vocabulary, or this rank's part of it.

/// What one rank knows of the softmax over a row of logits of which it has a part.
public struct SoftmaxPart: Equatable, Sendable {
  /// `log Σ e^logit` over the part.
  public var logSum: Double
  /// The logit of the target; 0 where another rank has it.
  public var targetLogit: Double

  public init(logSum: Double, targetLogit: Double) {
    self.logSum = logSum
    self.targetLogit = targetLogit
  }
}

extension Processor {
  /// Turns each row of logits into the softmax over this part of the vocabulary.
  ///
  /// Ranks that share the vocabulary exchange the parts that this gives; `softmaxShardGradient` does
  /// the rest. Without a gradient in mind, the parts are all there is to know.
  ///
  /// - Parameters:
  ///   - logits_TV: Logits; afterwards `e^(logit - logSum)`.
  ///   - targets_T: The column of the target; negative where another rank has it or none counts.
  ///   - V: Columns.
  /// - Returns: A part for each row.
  /// - Complexity: O(T · V).
  /// - SeeAlso: Megatron-LM, arXiv:1909.08053, section 3, the parallel cross-entropy.
  public func softmaxShard(
    _ logits_TV: View<Scalar>, targets targets_T: Span<Int32>, V: Int
  ) -> [SoftmaxPart] {
    let T = targets_T.count
    precondition(logits_TV.count == T * V, "\(T) rows of \(V)")
    var parts = targets_T.indices.map { t in
      let target = Int(targets_T[t])
      return SoftmaxPart(
        logSum: Double(logits_TV[t * V]),
        targetLogit: target < 0 ? 0 : Double(logits_TV[t * V + target]))
    }
    // The cross-entropy of column 0 has all that is wanted, but for that column's own share.
    let losses_T = Arena<Double>(count: T).all
    let zeros = [Int32](repeating: 0, count: T)
    crossEntropy(
      logits_TV, targets: zeros.span, losses: losses_T, V: V, scale: 1, wantsGradient: true)
    for t in 0..<T {
      parts[t].logSum += losses_T[t]
      logits_TV[t * V] = Scalar(exp(-losses_T[t]))
    }
    return parts
  }

  /// Turns shares of the part into the gradient: `scale · (share · factor - one-hot)`.
  ///
  /// - Parameters:
  ///   - shares_TV: As `softmaxShard` left them.
  ///   - targets_T: As for `softmaxShard`.
  ///   - factors: `e^(logSum - log Σ over all ranks)` for each row; 0 where its target does not count.
  ///   - V: Columns.
  ///   - scale: What the sum of losses counts in the objective.
  /// - Complexity: O(T · V), no allocation.
  public func softmaxShardGradient(
    _ shares_TV: View<Scalar>, targets targets_T: Span<Int32>, factors: [Double], V: Int,
    scale: Double
  ) {
    let T = targets_T.count
    precondition(shares_TV.count == T * V && factors.count == T, "\(T) rows of \(V)")
    forBlocks(of: T, by: 16) { first, count in
      for t in first..<first + count {
        let factor = Scalar(factors[t] * scale)
        unsafe shares_TV.part(t * V, V).withElements { row in
          for v in row.indices { unsafe row[v] *= factor }
        }
      }
    }
    for t in targets_T.indices where targets_T[t] >= 0 {
      shares_TV[t * V + Int(targets_T[t])] -= Scalar(scale)
    }
  }
}
