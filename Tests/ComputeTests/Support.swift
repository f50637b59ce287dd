import Compute
import TestSupport

/// Seeded numbers between -1 and 1.
struct Noise {
  private var generator: SeededGenerator
  init(_ seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func numbers(_ count: Int) -> [Double] {
    (0..<count).map { _ in Double.random(in: -1...1, using: &generator) }
  }

  mutating func view<Scalar: Real>(_ count: Int, as type: Scalar.Type) -> View<Scalar> {
    let view = Arena<Scalar>(count: count).all
    view.copy(from: numbers(count).map { Scalar($0) })
    return view
  }
}

func empty<Scalar: Real>(_ count: Int, as type: Scalar.Type) -> View<Scalar> {
  Arena<Scalar>(count: count).all
}

/// The largest difference, in units of the largest magnitude of `reference`.
func worst<Scalar: Real>(_ view: View<Scalar>, against reference: [Double]) -> Double {
  let scale = max(reference.reduce(0) { max($0, abs($1)) }, 1e-30)
  return zip(view.array, reference).reduce(0) { max($0, abs(Double($1.0) - $1.1)) } / scale
}

/// The largest difference between a gradient and central differences of an objective.
///
/// In units of the gradient's largest element; looks at some 60 elements.
func gradientError(
  of x: View<Double>, _ gradient: View<Double>, objective: () -> Double
) -> Double {
  let scale = gradient.array.reduce(1e-30) { max($0, abs($1)) }
  var worst = 0.0
  for index in stride(from: 0, to: x.count, by: max(1, x.count / 61)) {
    let (kept, step) = (x[index], 1e-5)
    x[index] = kept + step
    let above = objective()
    x[index] = kept - step
    let below = objective()
    x[index] = kept
    worst = max(worst, abs((above - below) / (2 * step) - gradient[index]) / scale)
  }
  return worst
}

/// Central differences are off by `step² · f‴ / 6` and by rounding over `step`: both near 1e-10 here.
let gradientTolerance = 1e-7

func dot(_ left: View<Double>, _ right: View<Double>) -> Double {
  zip(left.array, right.array).reduce(0) { $0 + $1.0 * $1.1 }
}

/// The instruction sets of this machine.
let instructionSets = InstructionSet.allCases.filter(\.isHere)
