public import Compute

/// The parameters that training begins with, each by its place: any rank can set its own.
///
/// Gains are 1; matrices are normal with `deviation`, divided by √(2 · layers) for the two that write
/// to the residual stream. The paper says nothing of it; this is GPT-2's choice (Radford et al. 2019,
/// section 2.3) and keeps the stream's variance independent of depth.
public struct InitialValues: Sendable {
  private let seed: UInt64
  private let deviation: Double
  private let layers: Int

  public init(_ config: LlamaConfig, seed: UInt64, deviation: Double) {
    self.seed = seed
    self.deviation = deviation
    layers = config.layers
  }

  /// Sets elements of a tensor.
  ///
  /// - Parameters:
  ///   - target: Receives them.
  ///   - elements: Which, row-major within the tensor's block.
  ///   - tensor: The tensor, or a block of it.
  ///   - number: Its place among the model's tensors.
  ///   - workers: The threads to run on.
  /// - Complexity: O(elements), the same bits on every machine and for any number of threads.
  public func set<Scalar: Real>(
    _ target: View<Scalar>, to elements: Range<Int>, of tensor: NamedTensor, number: Int,
    workers: WorkerPool
  ) {
    precondition(target.count == elements.count && elements.upperBound <= tensor.count)
    guard tensor.decays else { return target.set(1) }
    let scale = deviation(of: tensor)
    let gaussian = Gaussian(seed: seed, stream: UInt64(number))
    let width = tensor.columns.count
    let block = 1 << 16
    workers.run((elements.count + block - 1) / block) { task, _ in
      for index in task * block..<min((task + 1) * block, elements.count) {
        let (row, column) = (elements.lowerBound + index).quotientAndRemainder(dividingBy: width)
        let place =
          (tensor.rows.lowerBound + row) * tensor.shape[1]
          + tensor.columns.lowerBound + column
        target[index] = Scalar(gaussian[place] * scale)
      }
    }
  }

  /// The deviation of a matrix.
  public func deviation(of tensor: NamedTensor) -> Double {
    let writesToStream =
      tensor.name.hasSuffix("o_proj.weight") || tensor.name.hasSuffix("down_proj.weight")
    return writesToStream ? deviation / Double(2 * layers).squareRoot() : deviation
  }
}
