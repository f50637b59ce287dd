import Compute
import Testing

/// Every operation's backward pass against central differences in f64.
@Suite struct OperationGradientTests {
  let processor = Processor<Double>(
    workers: WorkerPool(threads: 2), ownCount: AttentionShape.scratchCount(K: 256, D: 64))

  @Test(arguments: [(1, 1), (3, 8), (70, 13), (130, 33)])
  func rmsNorm(shape: (T: Int, C: Int)) {
    let (T, C) = shape
    var noise = Noise(2)
    let x = noise.view(T * C, as: Double.self), gain = noise.view(C, as: Double.self)
    let dy = noise.view(T * C, as: Double.self), y = empty(T * C, as: Double.self)
    let inverse = empty(T, as: Double.self)
    let dx = empty(T * C, as: Double.self), dgain = empty(C, as: Double.self)
    func objective() -> Double {
      processor.rmsNorm(x, gain: gain, into: y, inverse: inverse, epsilon: 1e-2)
      return dot(y, dy)
    }
    _ = objective()
    let scratch = empty(Processor<Double>.rmsNormScratch(T: T, C: C), as: Double.self)
    processor.rmsNormBackward(
      dy, x, gain: gain, inverse: inverse, into: dx, gain: dgain, scratch: scratch)
    #expect(gradientError(of: x, dx, objective: objective) < gradientTolerance)
    #expect(gradientError(of: gain, dgain, objective: objective) < gradientTolerance)
    _ = objective()
    let again = empty(T * C, as: Double.self)
    processor.rmsNormAgain(x, gain: gain, inverse: inverse, into: again)
    #expect(again.array == y.array)
  }

  @Test func rmsNormIsItsFormula() {
    let x = empty(4, as: Double.self), gain = empty(4, as: Double.self)
    x.copy(from: [1, -2, 3, 4])
    gain.copy(from: [1, 1, 2, 0.5])
    let y = empty(4, as: Double.self), inverse = empty(1, as: Double.self)
    processor.rmsNorm(x, gain: gain, into: y, inverse: inverse, epsilon: 0.5)
    let root = (30.0 / 4 + 0.5).squareRoot()
    #expect(worst(y, against: [1 / root, -2 / root, 6 / root, 2 / root]) < 1e-15)
  }

  @Test(arguments: [(2, 2), (9, 6), (70, 40)])
  func rotary(shape: (length: Int, headDim: Int)) {
    let (length, headDim) = shape
    let heads = 3, T = 2 * length, R = heads * headDim + 5
    var noise = Noise(3)
    let x = noise.view(T * R, as: Double.self), dy = noise.view(T * R, as: Double.self)
    let table = RotaryTable<Double>(positions: length + 2, headDim: headDim, theta: 100)
    let original = x.array
    func objective() -> Double {
      let y = empty(T * R, as: Double.self)
      y.copy(from: x)
      processor.rotate(y, T: T, R: R, heads: heads, table: table, length: length, start: 2)
      return dot(y, dy)
    }
    let dx = empty(T * R, as: Double.self)
    dx.copy(from: dy)
    processor.rotate(
      dx, T: T, R: R, heads: heads, table: table, length: length, start: 2, backward: true)
    #expect(gradientError(of: x, dx, objective: objective) < gradientTolerance)
    processor.rotate(x, T: T, R: R, heads: heads, table: table, length: length)
    #expect(x[0] == original[0], "position 0 is not turned")
    #expect(x[R - 1] == original[R - 1], "what follows the heads is left alone")
    processor.rotate(x, T: T, R: R, heads: heads, table: table, length: length, backward: true)
    #expect(worst(x, against: original) < 1e-14)
  }

  @Test(arguments: [(1, 1), (3, 8), (65, 21)])
  func swiGLU(shape: (T: Int, H: Int)) {
    let (T, H) = shape
    var noise = Noise(4)
    let x = noise.view(2 * T * H, as: Double.self), dy = noise.view(T * H, as: Double.self)
    let y = empty(T * H, as: Double.self), again = empty(T * H, as: Double.self)
    func objective() -> Double {
      processor.swiGLU(x, into: y, T: T, H: H)
      return dot(y, dy)
    }
    _ = objective()
    let dx = empty(2 * T * H, as: Double.self)
    dx.copy(from: x)
    processor.swiGLUBackward(dy, dx, again: again, T: T, H: H)
    #expect(gradientError(of: x, dx, objective: objective) < gradientTolerance)
    _ = objective()
    #expect(worst(again, against: y.array) < 1e-15)
  }

  @Test func embedding() {
    let tokens: [Int32] = [3, 0, 3, 4, 3], C = 70
    var noise = Noise(6)
    let table = noise.view(5 * C, as: Double.self), dx = noise.view(5 * C, as: Double.self)
    let x = empty(5 * C, as: Double.self), dtable = empty(5 * C, as: Double.self)
    func objective() -> Double {
      processor.embed(tokens.span, from: table, into: x, C: C)
      return dot(x, dx)
    }
    processor.embedBackward(tokens.span, dx, into: dtable, C: C)
    #expect(gradientError(of: table, dtable, objective: objective) < gradientTolerance)
  }

  @Test(arguments: [1, 2, 37, 600])
  func crossEntropy(V: Int) {
    let targets: [Int32] = [0, -1, Int32(V - 1), Int32(V / 2)]
    var noise = Noise(7)
    let logits = noise.view(4 * V, as: Double.self), spoilt = empty(4 * V, as: Double.self)
    let losses = empty(4, as: Double.self)
    func objective() -> Double {
      spoilt.copy(from: logits)
      processor.crossEntropy(
        spoilt, targets: targets.span, losses: losses, V: V, scale: 0.3, wantsGradient: false)
      return 0.3 * losses.array.reduce(0, +)
    }
    let d = empty(4 * V, as: Double.self)
    d.copy(from: logits)
    processor.crossEntropy(
      d, targets: targets.span, losses: losses, V: V, scale: 0.3, wantsGradient: true)
    #expect(losses[1] == 0, "a negative target costs nothing")
    #expect(d.part(V, V).array.allSatisfy { $0 == 0 })
    #expect(V == 1 || gradientError(of: logits, d, objective: objective) < gradientTolerance)
  }

  @Test func crossEntropyOfEvenLogitsIsTheLogarithmOfTheirNumber() {
    let logits = empty(10, as: Double.self), losses = empty(1, as: Double.self)
    let targets: [Int32] = [3]
    logits.set(1000)
    processor.crossEntropy(
      logits, targets: targets.span, losses: losses, V: 10, scale: 1, wantsGradient: true)
    #expect(abs(losses[0] - 2.302585092994046) < 1e-12)
  }
}
