import Compute
import Testing

/// Operations on flat buffers, initial numbers, threads.
@Suite struct FlatTests {
  @Test func adamWIsItsFormula() {
    let workers = WorkerPool(threads: 1)
    let p = empty(1, as: Double.self), g = empty(1, as: Double.self)
    let m = empty(1, as: Double.self), v = empty(1, as: Double.self)
    p[0] = 2
    g[0] = 4
    let settings = AdamW(
      learningRate: 0.1, beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1)
    adamW(
      p, gradients: g, firstMoments: m, secondMoments: v, settings: settings, step: 1,
      gradientScale: 0.5, workers: workers)
    // Step 1: both corrected moments are the gradient's own, so the step is its sign.
    #expect(abs(p[0] - (2 * 0.99 - 0.1)) < 1e-9)
    #expect(abs(m[0] - 0.2) < 1e-15)
    #expect(abs(v[0] - 0.2) < 1e-15)
    g[0] = -1
    adamW(
      p, gradients: g, firstMoments: m, secondMoments: v, settings: settings, step: 2,
      workers: workers)
    let first = 0.9 * 0.2 - 0.1, second = 0.95 * 0.2 + 0.05
    let corrected = (second / (1 - 0.95 * 0.95)).squareRoot()
    #expect(abs(p[0] - (1.88 * 0.99 - 0.1 * first / (1 - 0.81) / (corrected + 1e-8))) < 1e-9)
  }

  @Test func normsDependOnNoThread() {
    var noise = Noise(12)
    let values = noise.view(200_001, as: Float.self)
    let norms = [1, 2, 3].map { squaredNorm(values, workers: WorkerPool(threads: $0)) }
    #expect(norms[0] == norms[1])
    #expect(norms[0] == norms[2])
    let right = values.array.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(norms[0] - right) < 1e-9 * right)
    values[150_000] = .infinity
    #expect(squaredNorm(values, workers: WorkerPool(threads: 2)) == .infinity)
  }

  @Test func clipping() {
    #expect(clippingScale(norm: 0.5, limit: 1) == 1)
    #expect(abs(clippingScale(norm: 4, limit: 1) - 0.25) < 1e-6)
  }

  @Test func sums() {
    let sum = empty(100_000, as: Float.self), other = empty(100_000, as: Float.self)
    sum.set(1)
    other.set(2)
    add(other, to: sum, workers: WorkerPool(threads: 2))
    #expect(sum.array.allSatisfy { $0 == 3 })
  }

  /// Bits checked against an independent computation in Python, which agrees to 1e-15.
  @Test func gaussianNumbersAreTheSameEverywhere() {
    let gaussian = Gaussian(seed: 42, stream: 7)
    let known: [UInt64] = [
      13_833_810_902_191_905_782, 4_607_334_035_667_530_653, 13_827_476_822_115_106_758,
      4_600_295_496_847_696_706,
    ]
    #expect([0, 1, 2, 1_000_003].map { gaussian[$0].bitPattern } == known)
  }

  @Test func gaussianNumbersAreNormal() {
    let gaussian = Gaussian(seed: 1, stream: 0)
    let numbers = (0..<100_000).map { gaussian[$0] }
    func moment(_ power: Int) -> Double {
      numbers.reduce(0) { sum, x in sum + (0..<power).reduce(1) { y, _ in y * x } } / 100_000
    }
    // Deviations of the estimates are √(1, 2, 15, 96 / 100,000); four of them are allowed.
    #expect(abs(moment(1)) < 0.0127)
    #expect(abs(moment(2) - 1) < 0.0179)
    #expect(abs(moment(3)) < 0.049)
    #expect(abs(moment(4) - 3) < 0.124)
    let neighbours = (1..<100_000).reduce(0) { $0 + numbers[$1] * numbers[$1 - 1] } / 99_999
    #expect(abs(neighbours) < 0.0127)
  }

  @Test(arguments: [1, 2, 5])
  func everyTaskRunsOnce(threads: Int) {
    let pool = WorkerPool(threads: threads)
    for round in 0..<200 {
      let counts = empty(round, as: Double.self)
      pool.run(round) { task, worker in counts[task] += worker < threads ? 1 : 100 }
      #expect(counts.array.allSatisfy { $0 == 1 })
    }
  }

  @Test func arenasAreAligned() {
    let view = Arena<Float>(count: 3).all
    unsafe view.withElements { elements in
      let address = UInt(bitPattern: elements.baseAddress)
      #expect(address % 64 == 0)
    }
  }
}
