internal import CUDA
internal import Compute
import Glibc

// Shape suffixes as with `Processor`'s operations.

extension OperationChecks {
  static func loss(_ bench: CheckBench, isTimed: Bool) throws(CUDAError) {
    let engine = bench.engine
    for (T, V) in [(40, 64), (24, 32_000)] {
      let logits = bench.noise(T * V, deviation: 3)
      let targets = (0..<T).map { Int32($0 % 5 == 4 ? -1 : $0 * 7919 % V) }
      let reference = bench.host(logits), losses = bench.empty(T), ours = bench.empty(T)
      bench.reference.crossEntropy(
        reference, targets: targets.span, losses: losses, V: V, scale: 0.25, wantsGradient: true)
      let logits_TV = try bench.device(logits)
      engine.crossEntropy(
        logits_TV, targets: targets.span, losses: ours, V: V, scale: 0.25, wantsGradient: true)
      engine.settle()
      bench.report(
        CheckRow(
          name: "loss", sizes: "T\(T) V\(V)", error: distance(ours.array, losses.array),
          limit: 1e-6))
      bench.compare("loss gradient", "T\(T) V\(V)", logits_TV, reference, limit: onceRounded)
      try shards(bench, logits, targets, T, V)
    }
    guard isTimed else { return }
    let (T, V) = (8192, 32_000)
    let logits_TV = try engine.allocate(T * V, .bf16)
    engine.setNoise(logits_TV, deviation: 1, seed: 7)
    let targets = (0..<T).map { Int32($0 * 7919 % V) }, losses = bench.empty(T)
    try bench.timeBytes("loss gradient", "T\(T) V\(V)", bytes: 4 * T * V) {
      engine.crossEntropy(
        logits_TV, targets: targets.span, losses: losses, V: V, scale: 1, wantsGradient: true)
    }
  }

  /// The same rows as if two ranks had them, each half of the vocabulary: against one rank's.
  private static func shards(
    _ bench: CheckBench, _ logits: [Float], _ targets: [Int32], _ T: Int, _ V: Int
  ) throws(CUDAError) {
    let engine = bench.engine, half = V / 2, own = CUDAEngine.softmaxParts(T: T)
    let sizes = "T\(T) V\(V), of 2 ranks"
    let reference = bench.host(logits), losses = bench.empty(T)
    bench.reference.crossEntropy(
      reference, targets: targets.span, losses: losses, V: V, scale: 0.5, wantsGradient: true)
    func columns(_ rank: Int) -> [Int32] {
      let first = Int32(rank * half), end = Int32((rank + 1) * half)
      return targets.map { (target: Int32) -> Int32 in
        target >= first && target < end ? target - first : -1
      }
    }
    func part<Number>(_ numbers: [Number], _ rank: Int) -> [Number] {
      var part: [Number] = []
      for t in 0..<T {
        let first = t * V + rank * half
        part += numbers[first..<first + half]
      }
      return part
    }
    let parts = try bench.poisoned(2 * own)
    var shares: [CUDAMemory] = []
    for rank in 0..<2 {
      shares.append(try bench.device(part(logits, rank)))
      engine.softmaxShard(
        shares[rank], columns: columns(rank).span, V: half, into: parts.part(rank * own, own))
    }
    for rank in 0..<2 {
      let ours = bench.empty(T)
      engine.joinSoftmaxShards(
        shares[rank], parts: parts, rank: rank, targets: targets.span,
        columns: columns(rank).span, losses: ours, V: half, scale: 0.5, wantsGradient: true)
      engine.settle()
      bench.report(
        CheckRow(
          name: "shard loss", sizes: sizes, error: distance(ours.array, losses.array), limit: 1e-6))
      bench.report(
        CheckRow(
          name: "shard gradient", sizes: sizes,
          error: distance(
            engine.download(shares[rank]).map(Double.init), part(reference.array, rank)),
          limit: 2 * onceRounded))
    }
  }

  static func adamW(_ bench: CheckBench, isTimed: Bool) throws(CUDAError) {
    let engine = bench.engine, count = 100_004
    let p = bench.noise(count), g = bench.noise(count, deviation: 0.1)
    let reference = bench.host(p), gradients = bench.host(g)
    let first = bench.empty(count), second = bench.empty(count)
    let weights = try bench.device(p), master = try bench.device(p, .f32)
    let g_P = try bench.device(g, .f32)
    let alone = try bench.device(p)
    let m_P = try engine.allocate(count, .f32), v_P = try engine.allocate(count, .f32)
    let m2_P = try engine.allocate(count, .f32), v2_P = try engine.allocate(count, .f32)
    let settings = AdamW(learningRate: 1e-2)
    for step in 1...5 {
      bench.reference.adamW(
        reference, master: nil, gradients: gradients, firstMoments: first, secondMoments: second,
        settings: settings, step: step, gradientScale: 0.5)
      engine.adamW(
        weights, master: master, gradients: g_P, firstMoments: m_P, secondMoments: v_P,
        settings: settings, step: step, gradientScale: 0.5)
      engine.adamW(
        alone, master: nil, gradients: g_P, firstMoments: m2_P, secondMoments: v2_P,
        settings: settings, step: step, gradientScale: 0.5)
    }
    let sizes = "\(count), 5 steps"
    bench.compare("adamw master", sizes, master, reference, limit: 1e-6)
    bench.compare("adamw weights", sizes, weights, reference, limit: onceRounded)
    bench.compare("adamw moments", sizes, v_P, second, limit: 1e-5)
    bench.compare("adamw by chance", sizes, alone, reference, limit: 2e-2)
    guard isTimed else { return }
    let big = 1 << 28
    let bigWeights = try engine.allocate(big, .bf16), bigG = try engine.allocate(big, .f32)
    let bigMaster = try engine.allocate(big, .f32)
    let bigM = try engine.allocate(big, .f32), bigV = try engine.allocate(big, .f32)
    engine.setNoise(bigMaster, deviation: 0.02, seed: 8)
    engine.setNoise(bigG, deviation: 1e-3, seed: 9)
    try bench.timeBytes("adamw", "\(big)", bytes: 30 * big) {
      engine.adamW(
        bigWeights, master: bigMaster, gradients: bigG, firstMoments: bigM, secondMoments: bigV,
        settings: settings, step: 1, gradientScale: 1)
    }
    try bench.timeBytes("adamw by chance", "\(big)", bytes: 24 * big) {
      engine.adamW(
        bigWeights, master: nil, gradients: bigG, firstMoments: bigM, secondMoments: bigV,
        settings: settings, step: 1, gradientScale: 1)
    }
  }

  static func flat(_ bench: CheckBench, isTimed: Bool) throws(CUDAError) {
    let engine = bench.engine, count = 300_001
    let x = bench.noise(count), y = bench.noise(count)
    let ours = try bench.device(x, .f32), sum = bench.host(x)
    let norm = bench.reference.squaredNorm(bench.host(x))
    bench.report(
      CheckRow(
        name: "squared norm", sizes: "\(count)",
        error: abs(engine.squaredNorm(ours) - norm) / norm, limit: 1e-12))
    bench.reference.add(bench.host(y), to: sum)
    engine.add(try bench.device(y, .f32), to: ours)
    bench.compare("add f32", "\(count)", ours, sum, limit: 1e-6)
    let half = try bench.device(x)
    engine.add(try bench.device(y), to: half)
    bench.compare("add bf16", "\(count)", half, sum, limit: onceRounded)
    var broken = x
    broken[299_000] = .infinity
    broken[123_457] = .nan
    let found = engine.firstBroken(try bench.device(broken, .f32))
    let none = engine.firstBroken(ours)
    bench.report(
      CheckRow(
        name: "first broken", sizes: "\(count)", error: found == 123_457 && none == nil ? 0 : 1,
        limit: 0))
    guard isTimed else { return }
    let big = try engine.allocate(1 << 29, .f32)
    engine.setNoise(big, deviation: 1, seed: 10)
    try bench.timeBytes("squared norm", "\(big.count)", bytes: big.bytes) {
      _ = engine.squaredNorm(big)
    }
    try bench.timeBytes("first broken", "\(big.count)", bytes: big.bytes) {
      _ = engine.firstBroken(big)
    }
    bench.report(
      CheckRow(name: "copy", sizes: "2 GiB", rate: bench.copyRate, unit: "GB/s", share: 1))
  }

  static func products(_ bench: CheckBench, isTimed: Bool) throws(CUDAError) {
    let engine = bench.engine, cpu = bench.reference
    let (T, I, O) = (200, 136, 328)
    let x = bench.noise(T * I), w = bench.noise(O * I), dy = bench.noise(T * O)
    let y = bench.host(dy), dx = bench.empty(T * I), dw = bench.host(w)
    cpu.multiply(bench.host(x), transposed: bench.host(w), into: y, T: T, I: I, O: O, adding: true)
    cpu.multiply(bench.host(dy), by: bench.host(w), into: dx, T: T, I: I, O: O)
    cpu.addProduct(transposed: bench.host(dy), bench.host(x), to: dw, T: T, I: I, O: O)
    let x_TI = try bench.device(x), w_OI = try bench.device(w), dy_TO = try bench.device(dy)
    let y_TO = try bench.device(dy), dx_TI = try bench.poisoned(T * I)
    let dw_OI = try bench.device(w, .f32), sizes = "T\(T) I\(I) O\(O)"
    engine.multiply(x_TI, transposed: w_OI, into: y_TO, T: T, I: I, O: O, adding: true)
    engine.multiply(dy_TO, by: w_OI, into: dx_TI, T: T, I: I, O: O, adding: false)
    engine.addProduct(transposed: dy_TO, x_TI, to: dw_OI, T: T, I: I, O: O)
    bench.compare("product y", sizes, y_TO, y, limit: onceRounded)
    bench.compare("product dx", sizes, dx_TI, dx, limit: onceRounded)
    bench.compare("product dw f32", sizes, dw_OI, dw, limit: 1e-5)
    guard isTimed else { return }
    for (T, I, O) in [
      (8192, 8192, 8192), (16_384, 2048, 6144), (16_384, 2048, 11_264), (8192, 4096, 12_288),
      (8192, 4096, 4096), (8192, 4096, 22_016), (8192, 11_008, 4096), (512, 4096, 32_000),
      (2048, 4096, 32_000),
    ] {
      let x_TI = try engine.allocate(T * I, .bf16), w_OI = try engine.allocate(O * I, .bf16)
      let y_TO = try engine.allocate(T * O, .bf16), dw_OI = try engine.allocate(O * I, .f32)
      engine.setNoise(x_TI, deviation: 1, seed: 11)
      engine.setNoise(w_OI, deviation: 0.02, seed: 12)
      engine.setNoise(y_TO, deviation: 1, seed: 13)
      let operations = 2 * Double(T) * Double(I) * Double(O), sizes = "T\(T) I\(I) O\(O)"
      try bench.timeOperations("product y", sizes, operations: operations) {
        engine.multiply(x_TI, transposed: w_OI, into: y_TO, T: T, I: I, O: O, adding: false)
      }
      try bench.timeOperations("product dx", sizes, operations: operations) {
        engine.multiply(y_TO, by: w_OI, into: x_TI, T: T, I: I, O: O, adding: false)
      }
      try bench.timeOperations("product dw f32", sizes, operations: operations) {
        engine.addProduct(transposed: y_TO, x_TI, to: dw_OI, T: T, I: I, O: O)
      }
    }
  }
}
