import Compute
import Testing

/// Products of matrices that are rounded to bf16, where the processor has them.
@Suite(.enabled(if: Products.bf16.isHere))
struct ProductsTests {
  /// Sums of up to 1100 exact products in f32, some dozens of roundings of 6e-8.
  static let tolerance = 2e-6

  /// The nearest bf16, ties to even, by the bits.
  static func rounded(_ x: Float) -> Double {
    let bits = x.bitPattern
    return Double(Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000))
  }

  /// Vectors and tiles, whatever is here.
  static let sets = instructionSets.filter { Products.bf16.isHere(on: $0) }

  static func processor(
    _ instructions: InstructionSet, threads: Int = 2, ownCount: Int = 0
  ) -> Processor<Float> {
    Processor(
      workers: WorkerPool(threads: threads), ownCount: ownCount, instructions: instructions,
      products: .bf16)
  }

  @Test(arguments: MatmulTests.shapes + [(8, 1100, 48), (31, 511, 33), (33, 1025, 14)], Self.sets)
  func roundTheirInputsAlone(shape: (T: Int, I: Int, O: Int), instructions: InstructionSet) {
    let (T, I, O) = shape
    let processor = Self.processor(instructions)
    var noise = Noise(UInt64(T &* 1_000_003 &+ I &* 1009 &+ O))
    let x = noise.view(T * I, as: Float.self), w = noise.view(O * I, as: Float.self)
    let dy = noise.view(T * O, as: Float.self)
    let y = empty(T * O, as: Float.self), dx = empty(T * I, as: Float.self)
    let dw = noise.view(O * I, as: Float.self)
    var yRight = [Double](repeating: 0, count: T * O)
    var dxRight = [Double](repeating: 0, count: T * I)
    var dwRight = dw.array.map { Double($0) }
    let xs = x.array.map(Self.rounded), ws = w.array.map(Self.rounded)
    let dys = dy.array.map(Self.rounded)
    // A few rows are not rounded.
    let xy = T < 6 ? x.array.map { Double($0) } : xs, wy = T < 6 ? w.array.map { Double($0) } : ws
    for t in 0..<T {
      for o in 0..<O {
        var sum = 0.0
        let d = dys[t * O + o]
        for i in 0..<I {
          sum += xy[t * I + i] * wy[o * I + i]
          dxRight[t * I + i] += d * ws[o * I + i]
          dwRight[o * I + i] += d * xs[t * I + i]
        }
        yRight[t * O + o] = sum
      }
    }
    y.set(.nan)
    dx.set(.nan)
    processor.multiply(x, transposed: w, into: y, T: T, I: I, O: O)
    processor.multiply(dy, by: w, into: dx, T: T, I: I, O: O)
    processor.addProduct(transposed: dy, x, to: dw, T: T, I: I, O: O)
    #expect(worst(y, against: yRight) < Self.tolerance)
    #expect(worst(dx, against: dxRight) < Self.tolerance)
    #expect(worst(dw, against: dwRight) < Self.tolerance)
  }

  @Test(arguments: Self.sets) func tiesGoToEvenAndBrokenNumbersStay(instructions: InstructionSet) {
    let (T, I, O) = (8, 3, 1)
    let half: Float = 1 + 1 / 256, above = half.nextUp, odd: Float = 1 + 3 / 256
    let inputs: [Float] = [half, above, odd, -half, .nan, .infinity, -.infinity, 3.4e38]
    let x = empty(T * I, as: Float.self), w = empty(O * I, as: Float.self)
    let y = empty(T * O, as: Float.self)
    w.set(1)
    for (t, input) in inputs.enumerated() { x[t * I + 1] = input }
    Self.processor(instructions).multiply(x, transposed: w, into: y, T: T, I: I, O: O)
    let right: [Float] = [1, 1.0078125, 1.015625, -1, .nan, .infinity, -.infinity, .infinity]
    for (found, right) in zip(y.array, right) {
      #expect(found == right || found.isNaN && right.isNaN)
    }
  }

  @Test(arguments: Self.sets) func threadsChangeNoBit(instructions: InstructionSet) {
    let (T, I, O) = (200, 1030, 530)
    let results = [1, 2, 4].map { threads in
      var noise = Noise(5)
      let x = noise.view(T * I, as: Float.self), w = noise.view(O * I, as: Float.self)
      let y = empty(T * O, as: Float.self), dw = empty(O * I, as: Float.self)
      let processor = Self.processor(instructions, threads: threads)
      processor.multiply(x, transposed: w, into: y, T: T, I: I, O: O)
      processor.addProduct(transposed: y, x, to: dw, T: T, I: I, O: O)
      return y.array + dw.array
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  /// Attention in bf16 products is attention, to bf16's 8 bits.
  @Test(arguments: Self.sets) func attention(instructions: InstructionSet) {
    let test = AttentionTests.Case(B: 2, Q: 130, K: 300, N: 4, M: 2, D: 17)
    func outcome(_ processor: Processor<Float>) -> [View<Float>] {
      var noise = Noise(10)
      let q = noise.view(test.queryCount, as: Float.self)
      let k = noise.view(test.keyCount, as: Float.self)
      let v = noise.view(test.keyCount, as: Float.self)
      let y = empty(test.B * test.Q * test.N * test.D, as: Float.self)
      let dy = noise.view(y.count, as: Float.self)
      let logSum = empty(test.B * test.N * test.Q, as: Float.self)
      let dq = empty(q.count, as: Float.self), dk = empty(k.count, as: Float.self)
      let dv = empty(v.count, as: Float.self)
      processor.attend(q, k, v, into: y, logSum: logSum, test.shape)
      processor.attendBackward(dy, q, k, v, y, logSum: logSum, into: dq, dk, dv, test.shape)
      return [y, logSum, dq, dk, dv]
    }
    let count = AttentionShape.scratchCount(K: test.K, D: test.D)
    let right = outcome(Processor(workers: WorkerPool(threads: 1), ownCount: count))
    let one = outcome(Self.processor(instructions, threads: 1, ownCount: count))
    let four = outcome(Self.processor(instructions, threads: 4, ownCount: count))
    for ((right, one), four) in zip(zip(right, one), four) {
      #expect(worst(one, against: right.array.map { Double($0) }) < 0.02)
      #expect(one.array == four.array)
    }
  }
}
