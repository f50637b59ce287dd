import Glibc

// Shape suffixes: T tokens, V vocabulary, or this rank's part of it, K ranks.

extension Processor {
  public static func softmaxParts(T: Int) -> Int {
    2 * T * MemoryLayout<Double>.size / MemoryLayout<Scalar>.size
  }

  /// Turns each row of logits into the softmax over this part of the vocabulary.
  ///
  /// Ranks that share the vocabulary gather the parts that this gives; `joinSoftmaxShards` does the
  /// rest.
  ///
  /// - Parameters:
  ///   - logits_TV: Logits; afterwards `e^(logit - logSum)`.
  ///   - columns_T: The column of the target; negative where another rank has it or none counts.
  ///   - V: Columns.
  ///   - parts_T: Receives, in f64 whatever the elements are, `log Σ e^logit` over the part and the
  ///     target's logit, 0 where another rank has it.
  /// - Complexity: O(T · V).
  /// - SeeAlso: Megatron-LM, arXiv:1909.08053, section 3, the parallel cross-entropy.
  public func softmaxShard(
    _ logits_TV: View<Scalar>, columns columns_T: Span<Int32>, V: Int,
    into parts_T: View<Scalar>
  ) {
    let T = columns_T.count
    precondition(
      logits_TV.count == T * V && parts_T.count == Self.softmaxParts(T: T), "\(T) rows of \(V)")
    let firsts = (0..<T).map { Double(logits_TV[$0 * V]) }
    let wanted = columns_T.indices.map { t in
      columns_T[t] < 0 ? 0 : Double(logits_TV[t * V + Int(columns_T[t])])
    }
    // The cross-entropy of column 0 has all that is wanted, but for that column's own share.
    let losses_T = Arena<Double>(count: T).all
    let zeros = [Int32](repeating: 0, count: T)
    crossEntropy(
      logits_TV, targets: zeros.span, losses: losses_T, V: V, scale: 1, wantsGradient: true)
    let parts = SoftmaxParts(parts_T)
    for t in 0..<T {
      parts[2 * t] = firsts[t] + losses_T[t]
      parts[2 * t + 1] = wanted[t]
      logits_TV[t * V] = Scalar(exp(-losses_T[t]))
    }
  }

  /// The losses of rows whose parts all ranks have gathered; and turns this rank's shares into the
  /// gradient, `scale · (share · factor - one-hot)`.
  ///
  /// - Parameters:
  ///   - shares_TV: As `softmaxShard` left them.
  ///   - parts_KT: The parts of every rank, in their order.
  ///   - rank: This one.
  ///   - targets_T: Targets of the whole vocabulary; negative ones are ignored.
  ///   - columns_T: As for `softmaxShard`.
  ///   - losses_T: Receives the losses, the same on all ranks.
  ///   - V: Columns.
  ///   - scale: What the sum of losses counts in the objective.
  ///   - wantsGradient: Without it, the shares are left as they are.
  /// - Complexity: O(T · (V + K)).
  public func joinSoftmaxShards(
    _ shares_TV: View<Scalar>, parts parts_KT: View<Scalar>, rank: Int,
    targets targets_T: Span<Int32>, columns columns_T: Span<Int32>,
    losses losses_T: View<Double>, V: Int, scale: Double, wantsGradient: Bool
  ) {
    let T = targets_T.count, ranks = parts_KT.count / max(1, Self.softmaxParts(T: T))
    precondition(shares_TV.count == T * V && losses_T.count == T, "\(T) rows of \(V)")
    let parts = SoftmaxParts(parts_KT)
    var factors_T = [Double](repeating: 0, count: T)
    for t in 0..<T {
      losses_T[t] = 0
      guard targets_T[t] >= 0 else { continue }
      // The largest first: then no sum of exponentials overflows.
      let most = (0..<ranks).map { parts[2 * ($0 * T + t)] }.reduce(-.infinity, max)
      let sum = (0..<ranks).reduce(0) { $0 + exp(parts[2 * ($1 * T + t)] - most) }
      let wanted = (0..<ranks).reduce(0) { $0 + parts[2 * ($1 * T + t) + 1] }
      let logSum = most + log(sum)
      losses_T[t] = logSum - wanted
      factors_T[t] = exp(parts[2 * (rank * T + t)] - logSum)
    }
    guard wantsGradient else { return }
    forBlocks(of: T, by: 16) { [factors_T] first, count in
      for t in first..<first + count {
        let factor = Scalar(factors_T[t] * scale)
        unsafe shares_TV.part(t * V, V).withElements { row in
          for v in row.indices { unsafe row[v] *= factor }
        }
      }
    }
    for t in columns_T.indices where columns_T[t] >= 0 {
      shares_TV[t * V + Int(columns_T[t])] -= Scalar(scale)
    }
  }
}

/// Numbers of f64 in memory of another precision.
@safe private struct SoftmaxParts {
  private let start: UnsafeMutableRawPointer
  private let memory: Any
  private let count: Int

  init<Scalar: Real>(_ memory: View<Scalar>) {
    self.memory = memory
    unsafe start = UnsafeMutableRawPointer(memory.start)
    count = memory.count * MemoryLayout<Scalar>.size / MemoryLayout<Double>.size
  }

  subscript(index: Int) -> Double {
    get {
      precondition(index >= 0 && index < count, "part \(index) of \(count)")
      return unsafe start.loadUnaligned(fromByteOffset: 8 * index, as: Double.self)
    }
    nonmutating set {
      precondition(index >= 0 && index < count, "part \(index) of \(count)")
      unsafe start.storeBytes(of: newValue, toByteOffset: 8 * index, as: Double.self)
    }
  }
}
