public import CUDA
internal import Compute

// Shape suffixes as with `AttentionShape`.

/// The checks of attention, fused and not: against the CPU in f64, against each other, and speed.
public enum AttentionChecks {
  public static func run(
    _ bench: CheckBench, isFused: Bool, isTimed: Bool = true
  ) throws(CUDAError) {
    let name = isFused ? "attention" : "attention unfused"
    let small =
      isTimed
      ? [(2, 128, 4, 4, 64), (2, 256, 4, 2, 128), (1, 200, 2, 2, 128)]
      : [(2, 40, 2, 2, 32), (1, 56, 4, 2, 64)]
    for (B, S, N, M, D) in small {
      try compare(bench, name, B, S, N, M, D, isFused: isFused)
    }
    let sizes =
      isFused
      ? [(8, 2048, 32, 32, 128), (4, 4096, 32, 32, 128), (4, 4096, 32, 8, 128)]
      : [(1, 2048, 32, 32, 128)]
    for (B, S, N, M, D) in sizes where isTimed { try time(bench, name, B, S, N, M, D) }
    for refusal in bench.engine.attentionRefusals {
      bench.report(
        CheckRow(
          name: "\(name) refused: \(refusal.error)", sizes: "\(refusal.shape)",
          error: isFused ? 1 : 0, limit: 0))
    }
  }

  private static func compare(
    _ bench: CheckBench, _ name: String, _ B: Int, _ S: Int, _ N: Int, _ M: Int, _ D: Int,
    isFused: Bool
  ) throws(CUDAError) {
    let engine = bench.engine, cpu = bench.reference, X = (N + 2 * M) * D, T = B * S
    let shape = AttentionShape(
      B: B, Q: S, K: S, N: N, M: M, D: D, queryStride: X, keyStride: X)
    let mixed = bench.noise(T * X), dy = bench.noise(T * N * D)
    let host = bench.host(mixed), y = bench.empty(T * N * D), logSum = bench.empty(T * N)
    let dmixed = bench.empty(T * X)
    let keys = N * D..<T * X, values = (N + M) * D..<T * X
    cpu.attend(host, host.part(keys), host.part(values), into: y, logSum: logSum, shape)
    cpu.attendBackward(
      bench.host(dy), host, host.part(keys), host.part(values), y, logSum: logSum, into: dmixed,
      dmixed.part(keys), dmixed.part(values), shape)
    let mixed_TX = try bench.device(mixed), y_TA = try bench.poisoned(T * N * D)
    let logSum_TN = try bench.poisoned(2 * T * N), dmixed_TX = try bench.poisoned(T * X)
    engine.attend(
      mixed_TX, mixed_TX.part(keys), mixed_TX.part(values), into: y_TA, logSum: logSum_TN, shape)
    engine.attendBackward(
      try bench.device(dy), mixed_TX, mixed_TX.part(keys), mixed_TX.part(values), y_TA,
      logSum: logSum_TN, into: dmixed_TX, dmixed_TX.part(keys), dmixed_TX.part(values), shape)
    let sizes = "B\(B) S\(S) N\(N) M\(M) D\(D)"
    bench.compare("\(name) y", sizes, y_TA, y, limit: 8e-3)
    bench.report(
      CheckRow(
        name: "\(name) logsum", sizes: sizes,
        error: bench.error(engine.downloadSums(logSum_TN), logSum), limit: 1e-4))
    let ours = engine.download(dmixed_TX).map(Double.init), theirs = dmixed.array
    func part(_ numbers: [Double], _ columns: Range<Int>) -> [Double] {
      (0..<T).flatMap { numbers[$0 * X + columns.lowerBound..<$0 * X + columns.upperBound] }
    }
    for (letter, columns) in [
      ("dq", 0..<N * D), ("dk", N * D..<(N + M) * D), ("dv", (N + M) * D..<X),
    ] {
      bench.report(
        CheckRow(
          name: "\(name) \(letter)", sizes: sizes,
          error: distance(part(ours, columns), part(theirs, columns)), limit: 1e-2))
    }
  }

  private static func time(
    _ bench: CheckBench, _ name: String, _ B: Int, _ S: Int, _ N: Int, _ M: Int, _ D: Int
  ) throws(CUDAError) {
    let engine = bench.engine, X = (N + 2 * M) * D, T = B * S
    let shape = AttentionShape(
      B: B, Q: S, K: S, N: N, M: M, D: D, queryStride: X, keyStride: X)
    let mixed_TX = try engine.allocate(T * X, .bf16), dmixed_TX = try engine.allocate(T * X, .bf16)
    let y_TA = try engine.allocate(T * N * D, .bf16), dy_TA = try engine.allocate(T * N * D, .bf16)
    let logSum_TN = try engine.allocate(2 * T * N, .bf16)
    engine.setNoise(mixed_TX, deviation: 1, seed: 1)
    engine.setNoise(dy_TA, deviation: 1, seed: 2)
    let keys = N * D..<T * X, values = (N + M) * D..<T * X
    // Two products, of which causality leaves half: 2 · B · N · S² · D; backward, five of them.
    let operations = 2 * Double(B * N) * Double(S) * Double(S) * Double(D)
    let sizes = "B\(B) S\(S) N\(N) M\(M) D\(D)"
    try bench.timeOperations("\(name) forward", sizes, operations: operations) {
      engine.attend(
        mixed_TX, mixed_TX.part(keys), mixed_TX.part(values), into: y_TA, logSum: logSum_TN, shape)
    }
    try bench.timeOperations("\(name) backward", sizes, operations: 2.5 * operations) {
      engine.attendBackward(
        dy_TA, mixed_TX, mixed_TX.part(keys), mixed_TX.part(values), y_TA, logSum: logSum_TN,
        into: dmixed_TX, dmixed_TX.part(keys), dmixed_TX.part(values), shape)
    }
  }
}
