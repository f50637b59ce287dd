import Compute
import Testing

@Suite struct AttentionTests {
  struct Case: CustomTestStringConvertible {
    let B, Q, K, N, M, D: Int
    var testDescription: String { "B\(B) Q\(Q) K\(K) N\(N) M\(M) D\(D)" }
    var shape: AttentionShape {
      AttentionShape(
        B: B, Q: Q, K: K, N: N, M: M, D: D, queryStride: N * D + 3, keyStride: M * D + 1)
    }
    var queryCount: Int { B * Q * shape.queryStride }
    var keyCount: Int { B * K * shape.keyStride }
  }

  static let cases = [
    Case(B: 1, Q: 1, K: 1, N: 1, M: 1, D: 2), Case(B: 2, Q: 5, K: 5, N: 4, M: 2, D: 6),
    Case(B: 1, Q: 66, K: 66, N: 2, M: 2, D: 5), Case(B: 2, Q: 3, K: 71, N: 6, M: 2, D: 8),
    Case(B: 1, Q: 130, K: 300, N: 2, M: 1, D: 40), Case(B: 1, Q: 1, K: 40, N: 3, M: 3, D: 16),
  ]

  /// The formula, one query at a time.
  static func naive(_ q: [Double], _ k: [Double], _ v: [Double], _ test: Case) -> [Double] {
    let s = test.shape
    var y = [Double](repeating: 0, count: s.B * s.Q * s.N * s.D)
    for b in 0..<s.B {
      for i in 0..<s.Q {
        for n in 0..<s.N {
          let m = n / (s.N / s.M)
          let scores = (0..<s.K - s.Q + i + 1).map { j in
            (0..<s.D).reduce(0.0) {
              $0 + q[(b * s.Q + i) * s.queryStride + n * s.D + $1]
                * k[(b * s.K + j) * s.keyStride + m * s.D + $1]
            } / Double(s.D).squareRoot()
          }
          let sum = scores.reduce(0) { $0 + exponential($1) }
          for (j, score) in scores.enumerated() {
            for d in 0..<s.D {
              y[(b * s.Q + i) * s.N * s.D + n * s.D + d] +=
                exponential(score) / sum * v[(b * s.K + j) * s.keyStride + m * s.D + d]
            }
          }
        }
      }
    }
    return y
  }

  @Test(arguments: cases)
  func isItsFormula(test: Case) {
    let shape = test.shape
    let processor = Processor<Double>(
      workers: WorkerPool(threads: 2), ownCount: AttentionShape.scratchCount(K: test.K, D: test.D))
    var noise = Noise(8)
    let q = noise.view(test.queryCount, as: Double.self)
    let k = noise.view(test.keyCount, as: Double.self)
    let v = noise.view(test.keyCount, as: Double.self)
    let y = empty(test.B * test.Q * test.N * test.D, as: Double.self)
    let logSum = empty(test.B * test.N * test.Q, as: Double.self)
    processor.attend(q, k, v, into: y, logSum: logSum, shape)
    #expect(worst(y, against: Self.naive(q.array, k.array, v.array, test)) < 1e-13)
  }

  @Test(arguments: cases)
  func gradients(test: Case) {
    let shape = test.shape
    let processor = Processor<Double>(
      workers: WorkerPool(threads: 2), ownCount: AttentionShape.scratchCount(K: test.K, D: test.D))
    var noise = Noise(9)
    let q = noise.view(test.queryCount, as: Double.self)
    let k = noise.view(test.keyCount, as: Double.self)
    let v = noise.view(test.keyCount, as: Double.self)
    let y = empty(test.B * test.Q * test.N * test.D, as: Double.self)
    let dy = noise.view(y.count, as: Double.self)
    let logSum = empty(test.B * test.N * test.Q, as: Double.self)
    func objective() -> Double {
      processor.attend(q, k, v, into: y, logSum: logSum, shape)
      return dot(y, dy)
    }
    _ = objective()
    let dq = empty(q.count, as: Double.self), dk = empty(k.count, as: Double.self)
    let dv = empty(v.count, as: Double.self)
    dk.set(7)  // gaps between rows are nobody's
    processor.attendBackward(dy, q, k, v, y, logSum: logSum, into: dq, dk, dv, shape)
    for row in 0..<test.B * test.K {
      #expect(dk[row * shape.keyStride + test.M * test.D] == 7)
      dk[row * shape.keyStride + test.M * test.D] = 0
    }
    #expect(gradientError(of: q, dq, objective: objective) < gradientTolerance)
    #expect(gradientError(of: k, dk, objective: objective) < gradientTolerance)
    #expect(gradientError(of: v, dv, objective: objective) < gradientTolerance)
  }

  @Test func threadsChangeNoBit() {
    let test = Case(B: 2, Q: 130, K: 130, N: 4, M: 2, D: 16)
    var results: [[Float]] = []
    for threads in [1, 2, 3] {
      let processor = Processor<Float>(
        workers: WorkerPool(threads: threads),
        ownCount: AttentionShape.scratchCount(K: test.K, D: test.D))
      var noise = Noise(10)
      let q = noise.view(test.queryCount, as: Float.self)
      let k = noise.view(test.keyCount, as: Float.self)
      let v = noise.view(test.keyCount, as: Float.self)
      let y = empty(test.B * test.Q * test.N * test.D, as: Float.self)
      let logSum = empty(test.B * test.N * test.Q, as: Float.self)
      let dq = empty(q.count, as: Float.self), dk = empty(k.count, as: Float.self)
      let dv = empty(v.count, as: Float.self)
      processor.attend(q, k, v, into: y, logSum: logSum, test.shape)
      processor.attendBackward(y, q, k, v, y, logSum: logSum, into: dq, dk, dv, test.shape)
      results.append(y.array + dq.array + dk.array + dv.array)
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }
}
