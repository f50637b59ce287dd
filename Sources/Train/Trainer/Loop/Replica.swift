import Compute
import Ground
import Llama

/// One rank's copy of the model with its optimizer.
///
/// Every rank sees the same summed gradient and so takes the same step; the copies stay equal.
final class Replica {
  let model: LlamaModel
  let firstMoments: View<Float>
  let secondMoments: View<Float>
  /// Neighbouring tensors that share a decay, as ranges of the flat buffers.
  private let runs: [(range: Range<Int>, decays: Bool)]

  init(config: LlamaConfig, maximumTokens: Int, workers: WorkerPool) {
    model = LlamaModel(config: config, maximumTokens: maximumTokens, workers: workers)
    firstMoments = Arena<Float>(count: model.parameters.count).all
    secondMoments = Arena<Float>(count: model.parameters.count).all
    var runs: [(range: Range<Int>, decays: Bool)] = []
    for tensor in model.tensors {
      if let last = runs.last, last.decays == tensor.decays,
        last.range.upperBound == tensor.offset
      {
        runs[runs.count - 1].range = last.range.lowerBound..<tensor.range.upperBound
      } else {
        runs.append((tensor.range, tensor.decays))
      }
    }
    self.runs = runs
  }

  /// The norm of the gradient of all parameters together; not finite where one number is not.
  func gradientNorm() -> Double {
    squaredNorm(model.gradients, workers: model.workers).squareRoot()
  }

  /// Takes one step of AdamW with the gradient clipped to the settings' norm.
  ///
  /// - Parameters:
  ///   - settings: Betas, epsilon, decay and clip.
  ///   - rate: The learning rate.
  ///   - update: Which step of AdamW this is, from 1.
  ///   - norm: What `gradientNorm` gave.
  func update(_ settings: TrainingSettings, rate: Double, update: Int, norm: Double) {
    let scale = clippingScale(norm: norm, limit: settings.clip)
    for run in runs {
      adamW(
        model.parameters.part(run.range), gradients: model.gradients.part(run.range),
        firstMoments: firstMoments.part(run.range), secondMoments: secondMoments.part(run.range),
        settings: AdamW(
          learningRate: rate, beta1: settings.beta1, beta2: settings.beta2,
          epsilon: settings.epsilon, weightDecay: run.decays ? settings.weightDecay : 0),
        step: update, gradientScale: scale, workers: model.workers)
    }
  }
}
