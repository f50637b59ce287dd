internal import CCUDA

/// Carries out products with cuBLASLt: each shape is planned once, with the fastest of the proposals.
@safe final class Multiplier: @unchecked Sendable {
  private let table: quipu_product
  private let handle: UnsafeMutableRawPointer
  private let stream: CUDAStream
  private let workspace: CUDABlock
  private let measures: Bool
  private var plans: [Product: ProductPlan] = [:]

  /// Bytes of the library's own room: what cuBLAS takes on Hopper.
  static let workspaceBytes = 32 << 20
  private static let candidates = 8

  /// - Parameters:
  ///   - stream: Where products are given to.
  ///   - measures: Times proposals; false takes the first, the same on every run.
  /// - Throws: Where cuBLASLt is missing or does not start.
  init(_ stream: CUDAStream, measures: Bool) throws(CUDAError) {
    guard let table = stream.device.libraries.product else {
      throw stream.device.libraries.refusal(of: .product)
    }
    self.table = table
    self.stream = stream
    self.measures = measures
    var handle: UnsafeMutableRawPointer?
    try unsafe table.check("cublasLtCreate", table.create?(&handle))
    guard let handle = unsafe handle else { throw CUDAError("cublasLtCreate", "gave no handle") }
    unsafe self.handle = unsafe handle
    workspace = try CUDABlock(stream.device, count: Self.workspaceBytes / 4, format: .f32)
  }

  deinit { unsafe _ = table.destroy?(handle) }

  /// `D = A · B` or `D += A · B`, of matrices at addresses.
  ///
  /// The first product of a shape measures, with D elsewhere; it must not be recorded in a graph.
  func multiply(_ product: Product, a: UInt64, b: UInt64, d: UInt64) throws(CUDAError) {
    if stream.isMuted { return }
    var product = product
    product.alignment = 1 << min(8, (a | b | d).trailingZeroBitCount)
    let plan = try plan(product, a, b)
    try unsafe plan.run(
      handle, a: a, b: b, d: d, with: plan.algorithm, workspace: workspace.address,
      bytes: plan.workspace, on: stream)
  }

  private func plan(_ product: Product, _ a: UInt64, _ b: UInt64) throws(CUDAError) -> ProductPlan {
    if let plan = plans[product] { return plan }
    let plan = try ProductPlan(table, product)
    let proposals = unsafe try plan.proposals(
      handle, most: Self.candidates, workspace: Self.workspaceBytes)
    guard let first = proposals.first else {
      throw CUDAError("cublasLtMatmulAlgoGetHeuristic", "proposes nothing for \(product)")
    }
    let chosen = measures ? fastest(of: proposals, plan, a, b) ?? first : first
    plan.algorithm = chosen.algorithm
    plan.workspace = chosen.workspace
    plans[product] = plan
    return plan
  }

  /// Times each proposal; nil where there is no memory for another result.
  private func fastest(
    of proposals: [quipu_proposal], _ plan: ProductPlan, _ a: UInt64, _ b: UInt64
  ) -> quipu_proposal? {
    let product = plan.product
    let count = max(product.strideD * product.n, product.stepD * product.batch)
    guard
      let other = try? CUDABlock(
        stream.device, count: count, format: product.isWide ? .f32 : .bf16)
    else { return nil }
    func time(_ proposal: quipu_proposal, rounds: Int) -> Double? {
      try? stream.milliseconds { () throws(CUDAError) in
        for _ in 0..<rounds {
          try unsafe plan.run(
            handle, a: a, b: b, d: other.address, with: proposal.algorithm,
            workspace: workspace.address, bytes: proposal.workspace, on: stream)
        }
      }
    }
    var best: (quipu_proposal, Double)?
    for proposal in proposals {
      guard time(proposal, rounds: 1) != nil, let spent = time(proposal, rounds: 3) else {
        continue
      }
      if best.map({ spent < $0.1 }) ?? true { best = (proposal, spent) }
    }
    return best?.0
  }
}
