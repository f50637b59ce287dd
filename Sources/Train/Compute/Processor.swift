internal import CKernels

/// The threads and the scratch memory that operations run on.
///
/// Every operation is a method in a file of its own. Scratch is allocated here, once, so that a step
/// allocates nothing; one operation runs at a time.
@safe public final class Processor<Scalar: Real>: @unchecked Sendable {
  public let workers: WorkerPool
  public let instructions: InstructionSet
  let kernels: UnsafePointer<quipu_kernels>
  /// Panels of A and B of the product at hand.
  let panels_A: Arena<Scalar>
  let panels_B: Arena<Scalar>
  /// One part for each worker, for what its own task needs.
  private let own: Arena<Scalar>
  private let ownCount: Int

  /// - Parameters:
  ///   - workers: The threads to run on.
  ///   - ownCount: Elements of scratch for each thread; see `AttentionShape.scratchCount`.
  ///   - instructions: Of the f32 kernels; f64 has plain ones only.
  public init(workers: WorkerPool, ownCount: Int = 0, instructions: InstructionSet = .widest) {
    self.workers = workers
    self.instructions = instructions
    unsafe kernels = Compute.kernels(Scalar.self, instructions)
    let depth = unsafe kernels.pointee.kc
    panels_A = Arena(count: (Blocking.rows + 64) * depth)
    panels_B = Arena(count: (Blocking.columns + 64) * depth)
    self.ownCount = (ownCount + 15) / 16 * 16
    own = Arena(count: workers.threads * self.ownCount)
  }

  /// Bytes of scratch.
  public var bytes: Int { panels_A.bytes + panels_B.bytes + own.bytes }

  /// The scratch of one worker.
  func scratch(of worker: Int, _ count: Int) -> UnsafeMutablePointer<Scalar> {
    precondition(count <= ownCount, "\(count) elements of scratch; there are \(ownCount)")
    return unsafe own.view(worker * ownCount, count).start
  }

  /// Calls `body` with blocks of at most `block` rows, in parallel.
  func forBlocks(of rows: Int, by block: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    workers.run((rows + block - 1) / block) { task, _ in
      body(task * block, min(block, rows - task * block))
    }
  }
}
