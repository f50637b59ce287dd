internal import Compute

/// The gradients that attention's backward pass reads and writes.
struct AttentionGradients {
  let dy, dq, dk, dv: CUDAMemory
}

/// Causal attention on a device: cuDNN's fused kernels where it has one for the shape, else without
/// fusion.
///
/// Each shape is planned at its first use, which must not be recorded in a graph.
final class Attention: @unchecked Sendable {
  private let stream: CUDAStream
  private let cudnn: CuDNN?
  private let isDeterministic: Bool
  private let unfused: UnfusedAttention
  private var plans: [(shape: AttentionShape, forward: AttentionPlan, backward: AttentionPlan)] = []
  /// Shapes that cuDNN has no kernel for, and its words.
  private(set) var refusals: [(shape: AttentionShape, error: CUDAError)] = []
  /// Room of the fused kernels: their workspace, a dot for every row, dq in f32.
  private let room: GrowingRoom

  init(
    _ stream: CUDAStream, _ kernels: KernelSet, _ multiplier: Multiplier, cudnn: CuDNN?,
    isDeterministic: Bool
  ) {
    self.stream = stream
    self.cudnn = cudnn
    self.isDeterministic = isDeterministic
    room = GrowingRoom(stream.device)
    unfused = UnfusedAttention(stream, kernels, multiplier)
  }

  func forward(
    _ q: CUDAMemory, _ k: CUDAMemory, _ v: CUDAMemory, into y: CUDAMemory, logSum: CUDAMemory,
    _ shape: AttentionShape
  ) throws(CUDAError) {
    if stream.isMuted { return }
    guard let (plan, _) = plan(shape) else {
      return try unfused.forward(q, k, v, into: y, logSum: logSum, shape)
    }
    let room = try room.take(plan.workspace)
    try plan.run(workspace: room) { operand in
      switch operand {
      case .q: q.address
      case .k: k.address
      case .v: v.address
      case .y: y.address
      case .logSum: logSum.address
      case .dy, .dq, .dk, .dv, .dots, .wideQueries: 0
      }
    }
  }

  func backward(
    _ gradients: AttentionGradients, _ q: CUDAMemory, _ k: CUDAMemory, _ v: CUDAMemory,
    _ y: CUDAMemory, logSum: CUDAMemory, _ shape: AttentionShape
  ) throws(CUDAError) {
    if stream.isMuted { return }
    guard let (_, plan) = plan(shape) else {
      return try unfused.backward(gradients, q, k, v, y, logSum: logSum, shape)
    }
    let rows = shape.B * shape.N * shape.Q
    let dotsBytes = (4 * rows + 255) / 256 * 256
    let wideBytes = isDeterministic ? 0 : 4 * rows * shape.D
    let room = try room.take(dotsBytes + wideBytes + plan.workspace)
    // The kernel adds to dq in f32.
    try stream.fill(wideBytes, at: room + UInt64(dotsBytes), with: 0)
    try plan.run(workspace: room + UInt64(dotsBytes + wideBytes)) { operand in
      switch operand {
      case .q: q.address
      case .k: k.address
      case .v: v.address
      case .y: y.address
      case .logSum: logSum.address
      case .dy: gradients.dy.address
      case .dq: gradients.dq.address
      case .dk: gradients.dk.address
      case .dv: gradients.dv.address
      case .dots: room
      case .wideQueries: room + UInt64(dotsBytes)
      }
    }
  }

  private func plan(_ shape: AttentionShape) -> (AttentionPlan, AttentionPlan)? {
    if let found = plans.first(where: { $0.shape == shape }) {
      return (found.forward, found.backward)
    }
    guard let cudnn, !refusals.contains(where: { $0.shape == shape }) else { return nil }
    do {
      let forward = AttentionGraph(cudnn, shape), backward = AttentionGraph(cudnn, shape)
      try forward.addForward()
      try backward.addBackward(isDeterministic: isDeterministic)
      let plan = (shape, try AttentionPlan(forward), try AttentionPlan(backward))
      plans.append(plan)
      return (plan.1, plan.2)
    } catch {
      refusals.append((shape, error))
      return nil
    }
  }
}
