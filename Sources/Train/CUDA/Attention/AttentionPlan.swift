internal import CCUDA
internal import Compute

/// A graph of attention that cuDNN has found a fused kernel for.
@safe final class AttentionPlan: @unchecked Sendable {
  private let cudnn: CuDNN
  private let plan: Descriptor
  /// What the plan was made from, which it may refer to.
  private let kept: [Descriptor]
  private let bound: [(name: AttentionOperand, uid: Int64)]
  private let uids: [Int64]
  /// The numbers that the graph reads, which must stay where they are.
  private let constants: UnsafeMutablePointer<Float>
  private let constantCount: Int
  /// Bytes of room that the kernel needs.
  let workspace: Int
  /// Configurations that cuDNN proposed, and which of them could be planned.
  let proposals: Int
  let chosen: Int

  /// - Parameters:
  ///   - graph: All its operations are there.
  ///   - device: A description of the device, where the plan is for one that is not here.
  /// - Throws: cuDNN's last refusal where it has no kernel for the graph.
  init(_ graph: AttentionGraph, device: Descriptor? = nil) throws(CUDAError) {
    cudnn = graph.cudnn
    let whole = try cudnn.make(.graph)
    try whole.set(801, to: graph.operations)
    if let handle = unsafe cudnn.handle { unsafe try whole.set(800, .handle, [handle]) }
    try whole.finalise("of \(graph.operations.count) operations")
    let heuristics = try cudnn.make(.heuristics)
    try heuristics.set(201, to: [whole])
    try heuristics.set(200, .heuristicMode, [CInt(3)])  // mode A
    if let device { try heuristics.set(204, to: [device]) }
    try heuristics.finalise()
    let configurations = try heuristics.descriptors(202, .engineConfiguration)
    var found: (Descriptor, Int)?
    var refusal = CUDAError("cudnnBackendFinalize", "cuDNN proposes no kernel for the graph")
    for (index, configuration) in configurations.enumerated() where found == nil {
      do {
        let plan = try cudnn.make(.plan)
        try plan.set(401, to: [configuration])
        if let device {
          try plan.set(407, to: [device])
        } else if let handle = unsafe cudnn.handle {
          unsafe try plan.set(400, .handle, [handle])
        }
        try plan.finalise()
        found = (plan, index)
      } catch { refusal = error }
    }
    guard let (plan, chosen) = found else { throw refusal }
    self.plan = plan
    kept = graph.made + [whole, heuristics] + configurations
    self.chosen = chosen
    proposals = configurations.count
    workspace = try plan.number(402)
    bound = graph.bound
    uids = graph.bound.map(\.uid) + graph.constants.map(\.uid)
    constantCount = graph.constants.count
    unsafe constants = .allocate(capacity: max(constantCount, 1))
    for (index, constant) in graph.constants.enumerated() {
      unsafe constants[index] = constant.value
    }
  }

  deinit { unsafe constants.deallocate() }

  /// Gives the kernel to cuDNN's stream.
  ///
  /// - Parameters:
  ///   - room: `workspace` bytes.
  ///   - address: Where each operand lies.
  /// - Throws: Where cuDNN does not take it.
  func run(
    workspace room: UInt64, _ address: (AttentionOperand) -> UInt64
  ) throws(CUDAError) {
    let pack = try cudnn.make(.variantPack)
    var pointers = bound.map { UInt(address($0.name)) }
    for index in 0..<constantCount { unsafe pointers.append(UInt(bitPattern: constants + index)) }
    try pack.set(1000, .int64, uids)
    try pack.set(1001, .pointer, pointers)
    try pack.set(1003, .pointer, [UInt(room)])
    try pack.finalise()
    try unsafe cudnn.check(
      "cudnnBackendExecute", cudnn.table.execute?(cudnn.handle, plan.handle, pack.handle))
  }
}
