public import CUDA
internal import Compute
import Glibc

// Shape suffixes as with `Processor`'s operations.

/// The check of each operation: right against the CPU in f64 on the same numbers, then its speed on
/// sizes of a 7B model.
public enum OperationChecks {
  /// Largest relative error of a result that was rounded to bf16 once: half a unit is 2^-9.
  static let onceRounded = 3e-3

  public static let all:
    [(name: String, run: @Sendable (CheckBench, _ isTimed: Bool) throws(CUDAError) -> Void)] = [
      ("norm", norm), ("rotate", rotate), ("swiglu", swiGLU), ("embedding", embedding),
      ("loss", loss), ("adamw", adamW), ("flat", flat), ("products", products),
    ]

  static func norm(_ bench: CheckBench, isTimed: Bool) throws(CUDAError) {
    let engine = bench.engine, cpu = bench.reference
    for (T, C) in [(67, 256), (9, 2048), (5, 4096), (3, 6656), (33, 8192)] {
      let x = bench.noise(T * C), gain = bench.noise(C), dy = bench.noise(T * C)
      let old = bench.noise(T * C), oldGain = bench.noise(C)
      let y = bench.empty(T * C), inverse = bench.empty(T), dx = bench.host(old)
      let dgain = bench.host(oldGain)
      cpu.rmsNorm(bench.host(x), gain: bench.host(gain), into: y, inverse: inverse, epsilon: 1e-6)
      cpu.rmsNormBackward(
        bench.host(dy), bench.host(x), gain: bench.host(gain), inverse: inverse, into: dx,
        gain: dgain, scratch: bench.empty(Processor<Double>.rmsNormScratch(T: T, C: C)))
      let x_TC = try bench.device(x), gain_C = try bench.device(gain)
      let y_TC = try bench.poisoned(T * C), inverse_T = try bench.poisoned(2 * T)
      engine.rmsNorm(x_TC, gain: gain_C, into: y_TC, inverse: inverse_T, epsilon: 1e-6)
      let sizes = "T\(T) C\(C)"
      bench.compare("norm", sizes, y_TC, y, limit: onceRounded)
      bench.report(
        CheckRow(
          name: "norm inverse", sizes: sizes,
          error: bench.error(engine.downloadSums(inverse_T), inverse), limit: 1e-6))
      let again_TC = try bench.poisoned(T * C)
      engine.rmsNormAgain(x_TC, gain: gain_C, inverse: inverse_T, into: again_TC)
      bench.compare("norm again", sizes, again_TC, y, limit: onceRounded)
      let dx_TC = try bench.device(old), dgain_C = try bench.device(oldGain, .f32)
      engine.rmsNormBackward(
        try bench.device(dy), x_TC, gain: gain_C, inverse: inverse_T, into: dx_TC, gain: dgain_C,
        scratch: try bench.poisoned(CUDAEngine.rmsNormScratch(T: T, C: C)))
      bench.compare("norm backward", sizes, dx_TC, dx, limit: onceRounded)
      bench.compare("norm gain", sizes, dgain_C, dgain, limit: 1e-5)
    }
    guard isTimed else { return }
    for (T, C) in [(65_536, 2048), (32_768, 4096), (16_384, 8192)] {
      let x_TC = try engine.allocate(T * C, .bf16), y_TC = try engine.allocate(T * C, .bf16)
      let gain_C = try engine.allocate(C, .bf16), inverse_T = try engine.allocate(2 * T, .bf16)
      let dx_TC = try engine.allocate(T * C, .bf16), dgain_C = try engine.allocate(C, .f32)
      let scratch = try engine.allocate(CUDAEngine.rmsNormScratch(T: T, C: C), .bf16)
      engine.setNoise(x_TC, deviation: 1, seed: 1)
      engine.setNoise(gain_C, deviation: 1, seed: 2)
      try bench.timeBytes("norm", "T\(T) C\(C)", bytes: 4 * T * C) {
        engine.rmsNorm(x_TC, gain: gain_C, into: y_TC, inverse: inverse_T, epsilon: 1e-6)
      }
      try bench.timeBytes("norm backward", "T\(T) C\(C)", bytes: 8 * T * C) {
        engine.rmsNormBackward(
          y_TC, x_TC, gain: gain_C, inverse: inverse_T, into: dx_TC, gain: dgain_C,
          scratch: scratch)
      }
    }
  }

  static func rotate(_ bench: CheckBench, isTimed: Bool) throws(CUDAError) {
    let engine = bench.engine
    for (B, length, heads, rest, D) in [(2, 50, 3, 1, 32), (3, 64, 4, 2, 128), (2, 33, 8, 0, 64)] {
      let T = B * length, R = (heads + rest) * D, x = bench.noise(T * R)
      let angles = engine.angles(positions: 64, headDim: D, theta: 10_000)
      let table = RotaryTable<Double>(positions: 64, headDim: D, theta: 10_000)
      for backward in [false, true] {
        let reference = bench.host(x), ours = try bench.device(x)
        bench.reference.rotate(
          reference, T: T, R: R, heads: heads, table: table, length: length, backward: backward)
        engine.rotate(
          ours, T: T, R: R, heads: heads, table: angles, length: length, start: 0,
          backward: backward)
        bench.compare(
          backward ? "rotate back" : "rotate", "T\(T) heads \(heads) D\(D)", ours, reference,
          limit: onceRounded)
      }
    }
    guard isTimed else { return }
    let (T, N, D) = (32_768, 32, 128)
    let x = try engine.allocate(T * 3 * N * D, .bf16)
    engine.setNoise(x, deviation: 1, seed: 3)
    let angles = engine.angles(positions: 2048, headDim: D, theta: 10_000)
    try bench.timeBytes("rotate", "T\(T) heads \(2 * N) D\(D)", bytes: 8 * T * N * D) {
      engine.rotate(
        x, T: T, R: 3 * N * D, heads: 2 * N, table: angles, length: 2048, start: 0, backward: false)
    }
  }

  static func swiGLU(_ bench: CheckBench, isTimed: Bool) throws(CUDAError) {
    let engine = bench.engine
    for (T, H) in [(37, 64), (20, 11_008)] {
      let gateUp = bench.noise(2 * T * H, deviation: 2), dy = bench.noise(T * H)
      let reference = bench.host(gateUp), y = bench.empty(T * H)
      bench.reference.swiGLU(reference, into: y, T: T, H: H)
      let gateUp_T2H = try bench.device(gateUp), y_TH = try bench.poisoned(T * H)
      engine.swiGLU(gateUp_T2H, into: y_TH, T: T, H: H)
      bench.compare("swiglu", "T\(T) H\(H)", y_TH, y, limit: onceRounded)
      bench.reference.swiGLUBackward(bench.host(dy), reference, again: y, T: T, H: H)
      let again_TH = try bench.poisoned(T * H)
      engine.swiGLUBackward(try bench.device(dy), gateUp_T2H, again: again_TH, T: T, H: H)
      bench.compare("swiglu again", "T\(T) H\(H)", again_TH, y, limit: onceRounded)
      bench.compare("swiglu backward", "T\(T) H\(H)", gateUp_T2H, reference, limit: onceRounded)
    }
    guard isTimed else { return }
    let (T, H) = (16_384, 11_008)
    let gateUp_T2H = try engine.allocate(2 * T * H, .bf16)
    let y_TH = try engine.allocate(T * H, .bf16), dy_TH = try engine.allocate(T * H, .bf16)
    engine.setNoise(gateUp_T2H, deviation: 1, seed: 4)
    engine.setNoise(dy_TH, deviation: 1, seed: 5)
    try bench.timeBytes("swiglu", "T\(T) H\(H)", bytes: 6 * T * H) {
      engine.swiGLU(gateUp_T2H, into: y_TH, T: T, H: H)
    }
    try bench.timeBytes("swiglu backward", "T\(T) H\(H)", bytes: 12 * T * H) {
      engine.swiGLUBackward(dy_TH, gateUp_T2H, again: y_TH, T: T, H: H)
    }
  }

  static func embedding(_ bench: CheckBench, isTimed: Bool) throws(CUDAError) {
    let engine = bench.engine
    let (T, V, C) = (500, 96, 264)
    let tokens = (0..<T).map { Int32($0 * $0 * 7 % (V + 1) - 1) }
    let table = bench.noise(V * C), dx = bench.noise(T * C), old = bench.noise(V * C)
    let x = bench.empty(T * C), dtable = bench.host(old)
    bench.reference.embed(tokens.span, from: bench.host(table), into: x, C: C)
    bench.reference.embedBackward(tokens.span, bench.host(dx), into: dtable, C: C)
    let x_TC = try bench.poisoned(T * C), dtable_VC = try bench.device(old, .f32)
    engine.embed(tokens.span, from: try bench.device(table), into: x_TC, C: C)
    engine.embedBackward(tokens.span, try bench.device(dx), into: dtable_VC, C: C)
    bench.compare("embed", "T\(T) V\(V) C\(C)", x_TC, x, limit: 0)
    bench.compare("embed backward", "T\(T) V\(V) C\(C)", dtable_VC, dtable, limit: 1e-6)
    guard isTimed else { return }
    let (bigT, bigV, bigC) = (32_768, 32_000, 4096)
    // Ranks as in text: token v comes 1 / (v + 2) as often as the most frequent would.
    let text = (0..<bigT).map { t -> Int32 in
      let u = Double((t * 2_654_435_761) % 1_000_003) / 1_000_003
      return Int32(pow(Double(bigV), u)) % Int32(bigV)
    }
    let bigTable = try engine.allocate(bigV * bigC, .bf16),
      bigX = try engine.allocate(bigT * bigC, .bf16)
    let gradient = try engine.allocate(bigV * bigC, .f32)
    engine.setNoise(bigTable, deviation: 1, seed: 6)
    let distinct = Set(text).count
    try bench.timeBytes("embed", "T\(bigT) V\(bigV) C\(bigC)", bytes: 4 * bigT * bigC) {
      engine.embed(text.span, from: bigTable, into: bigX, C: bigC)
    }
    try bench.timeBytes(
      "embed backward", "T\(bigT) V\(bigV) C\(bigC)",
      bytes: 2 * bigT * bigC + 8 * distinct * bigC
    ) { engine.embedBackward(text.span, bigX, into: gradient, C: bigC) }
  }
}
