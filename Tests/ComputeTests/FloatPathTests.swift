import Compute
import Glibc
import Testing

func exponential(_ x: Double) -> Double { exp(x) }

/// The f32 kernels of every instruction set against the f64 ones.
@Suite struct FloatPathTests {
  /// Some ten roundings of f32, at 6e-8 each, on sums of up to 130 elements.
  static let tolerance = 5e-6

  /// What an operation gave.
  struct Outcome {
    let name: String
    let values: [Double]

    init<Scalar: Real>(_ name: String, _ view: View<Scalar>) {
      self.name = name
      values = view.array.map { Double($0) }
    }
  }

  /// Numbers rounded to f32, so that both precisions begin with the same.
  static func input<Scalar: Real>(
    _ count: Int, seed: UInt64, times scale: Double = 1
  ) -> View<Scalar> {
    var noise = Noise(seed)
    let view = empty(count, as: Scalar.self)
    view.copy(from: noise.numbers(count).map { Scalar(Float($0 * scale)) })
    return view
  }

  /// Runs all operations on one set of inputs.
  static func run<Scalar: Real>(_ type: Scalar.Type, _ instructions: InstructionSet) -> [Outcome] {
    let (T, C, V) = (67, 45, 133)
    let attention = AttentionShape(
      B: 1, Q: T, K: T, N: 3, M: 1, D: 15, queryStride: C, keyStride: 15)
    let processor = Processor<Scalar>(
      workers: WorkerPool(threads: 2), ownCount: AttentionShape.scratchCount(K: T, D: 15),
      instructions: instructions)
    func output(_ count: Int) -> View<Scalar> { empty(count, as: Scalar.self) }
    var results: [Outcome] = []

    let x: View<Scalar> = input(T * C, seed: 1), gain: View<Scalar> = input(C, seed: 2)
    let dy: View<Scalar> = input(T * C, seed: 3)
    let normed = output(T * C), inverse = output(T), dx = output(T * C), dgain = output(C)
    processor.rmsNorm(x, gain: gain, into: normed, inverse: inverse, epsilon: 1e-6)
    processor.rmsNormBackward(
      dy, x, gain: gain, inverse: inverse, into: dx, gain: dgain,
      scratch: output(Processor<Scalar>.rmsNormScratch(T: T, C: C)))
    results.append(Outcome("norm", normed))
    results.append(Outcome("norm dx", dx))
    results.append(Outcome("norm dgain", dgain))

    let turned = output(T * C)
    turned.copy(from: x)
    processor.rotate(
      turned, T: T, R: C, heads: 4, table: RotaryTable(positions: T, headDim: 10, theta: 10_000),
      length: T)
    results.append(Outcome("rotation", turned))

    let k: View<Scalar> = input(T * 15, seed: 4), v: View<Scalar> = input(T * 15, seed: 5)
    let y = output(T * C), logSum = output(3 * T)
    let dq = output(T * C), dk = output(T * 15), dv = output(T * 15)
    processor.attend(x, k, v, into: y, logSum: logSum, attention)
    processor.attendBackward(dy, x, k, v, y, logSum: logSum, into: dq, dk, dv, attention)
    results.append(Outcome("attention", y))
    results.append(Outcome("dq", dq))
    results.append(Outcome("dk", dk))
    results.append(Outcome("dv", dv))
    results.append(Outcome("log sum", logSum))

    let gateUp: View<Scalar> = input(2 * T * C, seed: 6, times: 20)
    let active = output(T * C), again = output(T * C)
    processor.swiGLU(gateUp, into: active, T: T, H: C)
    processor.swiGLUBackward(dy, gateUp, again: again, T: T, H: C)
    results.append(Outcome("swiglu", active))
    results.append(Outcome("swiglu again", again))
    results.append(Outcome("swiglu d", gateUp))

    let logits: View<Scalar> = input(T * V, seed: 7, times: 30)
    let losses = Arena<Double>(count: T).all
    let targets = (0..<Int32(T)).map { $0 % 7 - 1 }
    processor.crossEntropy(
      logits, targets: targets.span, losses: losses, V: V, scale: 1,
      wantsGradient: true)
    let rounded = output(T)
    rounded.copy(from: losses.array.map { Scalar($0) })
    results.append(Outcome("logits", logits))
    results.append(Outcome("losses", rounded))

    let p: View<Scalar> = input(T, seed: 8)
    let m = output(T), squares = output(T)
    for step in 1...3 {
      adamW(
        p, gradients: dy.part(0, T), firstMoments: m, secondMoments: squares,
        settings: AdamW(learningRate: 1e-2), step: step, gradientScale: 0.7,
        workers: processor.workers)
    }
    results.append(Outcome("adamw", p))
    results.append(Outcome("first moment", m))
    results.append(Outcome("second moment", squares))
    return results
  }

  @Test(arguments: instructionSets)
  func agreesWithF64(instructions: InstructionSet) {
    let right = Self.run(Double.self, .plain), found = Self.run(Float.self, instructions)
    #expect(right.count == found.count)
    for (right, found) in zip(right, found) {
      let scale = right.values.reduce(0) { max($0, abs($1)) }
      let difference = zip(right.values, found.values).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(difference < Self.tolerance * scale, "\(right.name)")
    }
  }

  @Test(arguments: instructionSets)
  func aBrokenNumberIsNotHidden(instructions: InstructionSet) {
    let processor = Processor<Float>(
      workers: WorkerPool(threads: 1), instructions: instructions)
    let losses = empty(1, as: Double.self), targets: [Int32] = [3]
    for index in [0, 7, 39] {
      let logits = empty(40, as: Float.self)
      logits[index] = .nan
      processor.crossEntropy(
        logits, targets: targets.span, losses: losses, V: 40, scale: 1, wantsGradient: false)
      #expect(losses[0].isNaN)
    }
    let gateUp = empty(40, as: Float.self), y = empty(20, as: Float.self)
    gateUp.set(1)
    gateUp[5] = .nan
    processor.swiGLU(gateUp, into: y, T: 1, H: 20)
    #expect(y[5].isNaN)
  }
}
