public import Compute

// Shape suffixes: T tokens, V vocabulary, C channels. Row-major; the last letter varies fastest.

extension CUDAEngine {
  public func embed(
    _ tokens_T: Span<Int32>, from table_VC: CUDAMemory, into x_TC: CUDAMemory, C: Int
  ) {
    precondition(x_TC.count == tokens_T.count * C && C % 8 == 0, "\(tokens_T.count) rows of \(C)")
    checkTokens(tokens_T, table_VC.count / C)
    carryOut { () throws(CUDAError) in
      let tokens = try inputs.upload(tokens_T)
      try kernels.launch(
        .embed, (tokens_T.count, 1), threads: 256,
        [
          .address(x_TC.address), .address(table_VC.address), .address(tokens), .int(C / 8),
        ])
    }
  }

  /// As `Processor`'s; the rows of a token are added in their order, whatever the device does first.
  public func embedBackward(
    _ tokens_T: Span<Int32>, _ dx_TC: CUDAMemory, into dtable_VC: CUDAMemory, C: Int
  ) {
    precondition(dx_TC.count == tokens_T.count * C && C % 8 == 0, "\(tokens_T.count) rows of \(C)")
    precondition(dtable_VC.format == .f32, "gradients are f32")
    let rows = TokenRows(tokens_T, vocabulary: dtable_VC.count / C)
    carryOut { () throws(CUDAError) in
      let numbers = try inputs.upload(rows.numbers.span)
      try kernels.launch(
        .embedBackward, (rows.most, (C / 8 + 127) / 128), threads: 128,
        [
          .address(dtable_VC.address), .address(dx_TC.address), .address(numbers), .int(rows.most),
          .int(C / 8),
        ])
    }
  }

  public func crossEntropy(
    _ logits_TV: CUDAMemory, targets targets_T: Span<Int32>, losses losses_T: View<Double>, V: Int,
    scale: Double, wantsGradient: Bool
  ) {
    let T = targets_T.count
    checkLogits(logits_TV, T, V)
    precondition(losses_T.count == T, "\(T) losses")
    checkTokens(targets_T, V)
    carryOut { () throws(CUDAError) in
      let targets = try inputs.upload(targets_T)
      let losses = try inputs.room(8 * T)
      try kernels.launch(
        .crossEntropy, (T, 1), threads: 512,
        [
          .address(logits_TV.address), .address(losses), .address(targets), .int(V / 8),
          .float(scale), .int(wantsGradient ? 1 : 0),
        ])
      try arrivals.expect(losses_T, from: losses)
    }
  }

  public func settle() {
    carryOut { () throws(CUDAError) in try arrivals.settle() }
  }

  public static func softmaxParts(T: Int) -> Int { 2 * T * 8 / CUDAFormat.bf16.bytes }

  public func softmaxShard(
    _ logits_TV: CUDAMemory, columns columns_T: Span<Int32>, V: Int, into parts_T: CUDAMemory
  ) {
    let T = columns_T.count
    checkLogits(logits_TV, T, V)
    checkTokens(columns_T, V)
    precondition(parts_T.count == Self.softmaxParts(T: T), "\(T) parts")
    carryOut { () throws(CUDAError) in
      let columns = try inputs.upload(columns_T)
      try kernels.launch(
        .softmaxShard, (T, 1), threads: 512,
        [
          .address(logits_TV.address), .address(parts_T.address), .address(columns), .int(V / 8),
        ])
    }
  }

  public func joinSoftmaxShards(
    _ shares_TV: CUDAMemory, parts parts_KT: CUDAMemory, rank: Int,
    targets targets_T: Span<Int32>, columns columns_T: Span<Int32>,
    losses losses_T: View<Double>, V: Int, scale: Double, wantsGradient: Bool
  ) {
    let T = targets_T.count, ranks = parts_KT.count / max(1, Self.softmaxParts(T: T))
    checkLogits(shares_TV, T, V)
    precondition(losses_T.count == T && rank < ranks, "\(T) losses, rank \(rank) of \(ranks)")
    carryOut { () throws(CUDAError) in
      let targets = try inputs.upload(targets_T), columns = try inputs.upload(columns_T)
      let losses = try inputs.room(8 * T), factors = try inputs.room(8 * T)
      try kernels.launch(
        .joinSoftmax, ((T + 127) / 128, 1), threads: 128,
        [
          .address(losses), .address(factors), .address(parts_KT.address), .address(targets),
          .int(T), .int(ranks), .int(rank),
        ])
      try arrivals.expect(losses_T, from: losses)
      guard wantsGradient else { return }
      try kernels.launch(
        .softmaxShardGradient, (T, 1), threads: 512,
        [
          .address(shares_TV.address), .address(columns), .address(factors), .int(V / 8),
          .float(scale),
        ])
    }
  }

  private func checkLogits(_ logits: CUDAMemory, _ T: Int, _ V: Int) {
    precondition(logits.count == T * V && V % 8 == 0, "\(T) rows of \(V)")
  }

  private func checkTokens(_ tokens: Span<Int32>, _ V: Int) {
    for t in tokens.indices {
      precondition(tokens[t] < V, "token \(tokens[t]) of a vocabulary of \(V)")
    }
  }
}

/// The rows of each token that a batch has, as many numbers for every batch of as many tokens.
///
/// `numbers` are the count of different tokens, the tokens, where each one's rows start, and the rows:
/// those of token u are `order[starts[u]..<starts[u + 1]]`, in their order.
struct TokenRows {
  /// Different tokens that there can be.
  let most: Int
  private(set) var numbers: [Int32]

  /// Leaves out negative tokens.
  ///
  /// - Complexity: O(T + V).
  init(_ tokens_T: Span<Int32>, vocabulary V: Int) {
    let most = min(tokens_T.count, V)
    self.most = most
    let starts = 1 + most, order = starts + most + 1
    numbers = [Int32](repeating: 0, count: order + tokens_T.count)
    var next_V = [Int32](repeating: 0, count: V)
    for t in tokens_T.indices where tokens_T[t] >= 0 { next_V[Int(tokens_T[t])] += 1 }
    var distinct = 0, sum: Int32 = 0
    for v in 0..<V where next_V[v] > 0 {
      numbers[1 + distinct] = Int32(v)
      numbers[starts + distinct] = sum
      distinct += 1
      (next_V[v], sum) = (sum, sum + next_V[v])
    }
    numbers[0] = Int32(distinct)
    numbers[starts + distinct] = sum
    for t in tokens_T.indices where tokens_T[t] >= 0 {
      let v = Int(tokens_T[t])
      numbers[order + Int(next_V[v])] = Int32(t)
      next_V[v] += 1
    }
  }
}
