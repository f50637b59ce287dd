import Compute
import Testing

@Suite struct MatmulTests {
  /// Odd sizes around the edges of tiles, panels and blocks of every table.
  static let shapes = [
    (1, 1, 1), (1, 37, 65), (5, 16, 32), (6, 17, 33), (7, 3, 31), (13, 256, 15), (14, 257, 32),
    (29, 65, 63), (64, 64, 64), (169, 300, 33), (70, 513, 515), (2050, 9, 40), (3, 70, 4100),
    (17, 40, 4130), (4100, 5, 520), (7, 3, 66_000),
  ]

  /// Sums of up to 513 products of numbers below 1, in f32: 1e-5 of the largest is 80 roundings.
  static let tolerance = 1e-5

  @Test(arguments: shapes, instructionSets)
  func products(shape: (T: Int, I: Int, O: Int), instructions: InstructionSet) {
    let (T, I, O) = shape
    let processor = Processor<Float>(
      workers: WorkerPool(threads: 2), instructions: instructions)
    var noise = Noise(UInt64(T &* 1_000_003 &+ I &* 1009 &+ O))
    let x = noise.view(T * I, as: Float.self), w = noise.view(O * I, as: Float.self)
    let dy = noise.view(T * O, as: Float.self)
    let y = empty(T * O, as: Float.self), dx = empty(T * I, as: Float.self)
    let dw = noise.view(O * I, as: Float.self)
    var yRight = [Double](repeating: 0, count: T * O)
    var dxRight = [Double](repeating: 0, count: T * I)
    var dwRight = dw.array.map { Double($0) }
    let (xs, ws, dys) = (x.array, w.array, dy.array)
    for t in 0..<T {
      for o in 0..<O {
        var sum = 0.0
        let d = Double(dys[t * O + o])
        for i in 0..<I {
          sum += Double(xs[t * I + i]) * Double(ws[o * I + i])
          dxRight[t * I + i] += d * Double(ws[o * I + i])
          dwRight[o * I + i] += d * Double(xs[t * I + i])
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
    processor.multiply(x, transposed: w, into: y, T: T, I: I, O: O, adding: true)
    #expect(worst(y, against: yRight.map { 2 * $0 }) < Self.tolerance)
  }

  /// Some elements of products that take several rounds of panels, in every direction.
  @Test(arguments: Products.allCases.filter(\.isHere))
  func largeProducts(products: Products) {
    let (T, I, O) = (4100, 560, 1300)
    let processor = Processor<Float>(workers: WorkerPool(threads: 2), products: products)
    var noise = Noise(77)
    let x = noise.view(T * I, as: Float.self), w = noise.view(O * I, as: Float.self)
    let dy = noise.view(T * O, as: Float.self), y = empty(T * O, as: Float.self)
    let dx = empty(T * I, as: Float.self), dw = empty(O * I, as: Float.self)
    processor.multiply(x, transposed: w, into: y, T: T, I: I, O: O)
    processor.multiply(dy, by: w, into: dx, T: T, I: I, O: O)
    processor.addProduct(transposed: dy, x, to: dw, T: T, I: I, O: O)
    func sum(_ count: Int, _ a: (Int) -> Float, _ b: (Int) -> Float) -> Double {
      (0..<count).reduce(0) { $0 + Double(a($1)) * Double(b($1)) }
    }
    // Of sums with deviations of 8 to 22; bf16 is off by 2^-9 in each factor.
    let tolerance = products == .f32 ? 1e-4 : 0.2
    for n in 0..<100 {
      let t = n * 41 + n % 41, i = n * 5 + n % 60, o = n * 13
      let yRight = sum(I, { x[t * I + $0] }, { w[o * I + $0] })
      let dxRight = sum(O, { dy[t * O + $0] }, { w[$0 * I + i] })
      let dwRight = sum(T, { dy[$0 * O + o] }, { x[$0 * I + i] })
      #expect(abs(Double(y[t * O + o]) - yRight) < tolerance)
      #expect(abs(Double(dx[t * I + i]) - dxRight) < tolerance)
      #expect(abs(Double(dw[o * I + i]) - dwRight) < tolerance)
    }
  }

  @Test(arguments: [(7, 300, 700), (200, 530, 100), (2, 64, 1000)])
  func threadsChangeNoBit(shape: (T: Int, I: Int, O: Int)) {
    let (T, I, O) = shape
    var results: [[Float]] = []
    for threads in [1, 2, 4] {
      let processor = Processor<Float>(workers: WorkerPool(threads: threads))
      var noise = Noise(5)
      let x = noise.view(T * I, as: Float.self), w = noise.view(O * I, as: Float.self)
      let y = empty(T * O, as: Float.self), dw = empty(O * I, as: Float.self)
      processor.multiply(x, transposed: w, into: y, T: T, I: I, O: O)
      processor.addProduct(transposed: y, x, to: dw, T: T, I: I, O: O)
      results.append(y.array + dw.array)
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }

  @Test func gradientsOfALinearLayer() {
    let (T, I, O) = (7, 5, 9)
    let processor = Processor<Double>(workers: WorkerPool(threads: 2))
    var noise = Noise(1)
    let x = noise.view(T * I, as: Double.self), w = noise.view(O * I, as: Double.self)
    let dy = noise.view(T * O, as: Double.self), y = empty(T * O, as: Double.self)
    let dx = empty(T * I, as: Double.self), dw = empty(O * I, as: Double.self)
    processor.multiply(dy, by: w, into: dx, T: T, I: I, O: O)
    processor.addProduct(transposed: dy, x, to: dw, T: T, I: I, O: O)
    func objective() -> Double {
      processor.multiply(x, transposed: w, into: y, T: T, I: I, O: O)
      return dot(y, dy)
    }
    #expect(gradientError(of: x, dx, objective: objective) < gradientTolerance)
    #expect(gradientError(of: w, dw, objective: objective) < gradientTolerance)
  }
}
