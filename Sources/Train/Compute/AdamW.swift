internal import CKernels
import Glibc

/// The settings of one AdamW step.
///
/// LLaMA, section 2.3 (arXiv:2302.13971): β1 0.9, β2 0.95, decay 0.1. The paper gives no ε; 1e-8 is
/// Adam's own (arXiv:1412.6980, algorithm 1).
public struct AdamW: Equatable, Sendable {
  public var learningRate: Double
  public var beta1: Double
  public var beta2: Double
  public var epsilon: Double
  public var weightDecay: Double

  public init(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.95, epsilon: Double = 1e-8,
    weightDecay: Double = 0.1
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }
}

/// Elements that one task of a flat operation works on.
private let flatBlock = 1 << 16

/// Takes one step of AdamW: `p ← p - rate · (m̂ / (√v̂ + ε) + decay · p)`.
///
/// - Parameters:
///   - parameters: Changed in place; call it for ranges that share a decay.
///   - gradients: Left as they are.
///   - firstMoments: Mean of gradients, zero before step 1.
///   - secondMoments: Mean of their squares, zero before step 1.
///   - settings: Of this step, its learning rate included.
///   - step: Counted from 1.
///   - gradientScale: Multiplies the gradients, as clipping wants.
///   - workers: The threads to run on.
/// - Complexity: O(n), no allocation. Bitwise the same for any number of threads.
/// - SeeAlso: arXiv:1711.05101, algorithm 2, in the form of torch.optim.AdamW.
public func adamW<Scalar: Real>(
  _ parameters: View<Scalar>, gradients: View<Scalar>, firstMoments: View<Scalar>,
  secondMoments: View<Scalar>, settings: AdamW, step: Int, gradientScale: Double = 1,
  workers: WorkerPool
) {
  let count = parameters.count
  precondition(
    gradients.count == count && firstMoments.count == count && secondMoments.count == count,
    "views of \(count), \(gradients.count), \(firstMoments.count), \(secondMoments.count)")
  precondition(step > 0, "step \(step); they count from 1")
  let kernels = unsafe kernels(Scalar.self, .widest)
  let stepSize = settings.learningRate / (1 - pow(settings.beta1, Double(step)))
  let rootCorrection = 1 / (1 - pow(settings.beta2, Double(step))).squareRoot()
  workers.run((count + flatBlock - 1) / flatBlock) { task, _ in
    let first = task * flatBlock
    unsafe kernels.pointee.adamw(
      parameters.start + first, gradients.start + first, firstMoments.start + first,
      secondMoments.start + first, min(flatBlock, count - first), gradientScale,
      settings.beta1, settings.beta2, stepSize, rootCorrection, settings.epsilon,
      1 - settings.learningRate * settings.weightDecay)
  }
}

/// The sum of squares, in f64: blocks of 65,536 elements, added in their order.
///
/// NaN or infinite where an element is: one look finds a broken gradient. Bitwise the same for any
/// number of threads; a caller that splits a buffer at multiples of 65,536 can add the parts itself.
///
/// - Complexity: O(n).
public func squaredNorm<Scalar: Real>(_ values: View<Scalar>, workers: WorkerPool) -> Double {
  let kernels = unsafe kernels(Scalar.self, .widest)
  let blocks = (values.count + flatBlock - 1) / flatBlock
  let sums = Arena<Double>(count: blocks)
  workers.run(blocks) { task, _ in
    let first = task * flatBlock
    sums.all[task] = unsafe kernels.pointee.sum_of_squares(
      values.start + first, min(flatBlock, values.count - first))
  }
  return (0..<blocks).reduce(0) { $0 + sums.all[$1] }
}

/// What gradients of norm `norm` are multiplied by so that it is at most `limit`: 1 below the limit.
///
/// - SeeAlso: torch.nn.utils.clip_grad_norm_, with its 1e-6.
public func clippingScale(norm: Double, limit: Double) -> Double { min(1, limit / (norm + 1e-6)) }

/// Adds `other` to `sum`, element by element.
public func add<Scalar: Real>(
  _ other: View<Scalar>, to sum: View<Scalar>, workers: WorkerPool
) {
  precondition(sum.count == other.count, "\(other.count) elements to \(sum.count)")
  let kernels = unsafe kernels(Scalar.self, .widest)
  workers.run((sum.count + flatBlock - 1) / flatBlock) { task, _ in
    let first = task * flatBlock
    unsafe kernels.pointee.accumulate(
      sum.start + first, other.start + first, min(flatBlock, sum.count - first))
  }
}
