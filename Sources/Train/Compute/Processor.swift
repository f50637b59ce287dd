internal import CKernels

/// The threads and the scratch memory that operations run on.
///
/// Every operation is a method in a file of its own. Scratch is allocated here, once, so that a step
/// allocates nothing; one operation runs at a time.
@safe public final class Processor<Scalar: Real>: @unchecked Sendable {
  public let workers: WorkerPool
  public let instructions: InstructionSet
  public let products: Products
  let kernels: UnsafePointer<quipu_kernels>
  let panels: UnsafePointer<quipu_products>
  /// Packed panels of the product at hand that all threads read, and a part for each worker's own.
  let shared: Arena<Scalar>
  private let slabs: Arena<Scalar>
  /// One part for each worker, for what its own task needs.
  private let own: Arena<Scalar>
  private let ownCount: Int
  private let slabCount: Int

  /// - Parameters:
  ///   - workers: The threads to run on.
  ///   - ownCount: Elements of scratch for each thread; see `AttentionShape.scratchCount`.
  ///   - instructions: Of the f32 kernels; f64 has plain ones only.
  ///   - products: Of matrices; f64 products are never rounded.
  /// - Precondition: Instructions and products are here.
  public init(
    workers: WorkerPool, ownCount: Int = 0, instructions: InstructionSet = .widest,
    products: Products = .f32
  ) {
    self.workers = workers
    self.instructions = instructions
    self.products = products
    unsafe kernels = Compute.kernels(Scalar.self, instructions)
    unsafe panels = Compute.products(Scalar.self, instructions, products)
    let margin = 64  // no panel of any table is wider
    let depth = unsafe panels.pointee.kc / panels.pointee.pairs
    slabCount = (Blocking.columns + margin) * depth
    shared = Arena(count: Blocking.shared + margin * depth)
    slabs = Arena(count: workers.threads * slabCount)
    self.ownCount = (ownCount + 15) / 16 * 16
    own = Arena(count: workers.threads * self.ownCount)
  }

  /// Bytes of scratch.
  public var bytes: Int { shared.bytes + slabs.bytes + own.bytes }

  /// The scratch of one worker.
  func scratch(of worker: Int, _ count: Int) -> UnsafeMutablePointer<Scalar> {
    precondition(count <= ownCount, "\(count) elements of scratch; there are \(ownCount)")
    return unsafe own.view(worker * ownCount, count).start
  }

  /// Where a worker packs its share of a product.
  func slab(of worker: Int) -> UnsafeMutablePointer<Scalar> {
    unsafe slabs.view(worker * slabCount, slabCount).start
  }

  /// Places of a packed panel for a depth of so many elements.
  func places(_ depth: Int) -> Int {
    let pairs = unsafe panels.pointee.pairs, step = unsafe panels.pointee.step
    return wholes((depth + pairs - 1) / pairs, step)
  }

  /// The next multiple of `unit`.
  func wholes(_ count: Int, _ unit: Int) -> Int { (count + unit - 1) / unit * unit }

  /// Calls `body` with blocks of at most `block` rows, in parallel.
  func forBlocks(of rows: Int, by block: Int, _ body: (_ first: Int, _ count: Int) -> Void) {
    workers.run((rows + block - 1) / block) { task, _ in
      body(task * block, min(block, rows - task * block))
    }
  }
}
