internal import CCUDA
package import Compute

/// Plans attention for a device that is described and need not be here.
package struct AttentionPlanner {
  private let cudnn: CuDNN
  private let device: Descriptor

  /// - Parameters:
  ///   - libraries: With cuDNN among them.
  ///   - json: The device as cuDNN serialises its properties.
  /// - Throws: Where cuDNN is missing, or does not read the description.
  package init(_ libraries: CUDALibraries, device json: String) throws(CUDAError) {
    cudnn = try CuDNN(libraries, stream: nil)
    device = try cudnn.make(.device)
    try device.set(2702, .char, Array(json.utf8))
    try device.finalise()
  }

  /// A plan's facts.
  package struct Facts: Equatable, Sendable {
    package var operations: Int
    package var workspace: Int
  }

  /// Plans the forward or backward pass; throws where cuDNN has no fused kernel for it.
  package func plan(
    _ shape: AttentionShape, backward: Bool, isDeterministic: Bool = false
  ) throws(CUDAError) -> Facts {
    let graph = AttentionGraph(cudnn, shape)
    if backward {
      try graph.addBackward(isDeterministic: isDeterministic)
    } else {
      try graph.addForward()
    }
    let plan = try AttentionPlan(graph, device: device)
    return Facts(operations: graph.operations.count, workspace: plan.workspace)
  }
}
