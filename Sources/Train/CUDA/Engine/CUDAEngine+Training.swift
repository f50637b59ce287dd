public import Compute

extension CUDAEngine: TrainingBackend {
  public static var roundsParameters: Bool { true }
  public static var elementBytes: Int { 2 }

  public func allocateWide(_ count: Int) -> CUDAMemory {
    carryOut { () throws(CUDAError) in try allocate(count, .f32) }
  }

  public func load(_ values: View<Float>, into memory: CUDAMemory) {
    unsafe values.withElements { elements in
      upload(unsafe Span(_unsafeElements: UnsafeBufferPointer(elements)), to: memory)
    }
  }

  /// By a stream of its own, which waits for nothing: what is stored must not be under way.
  public func store(_ memory: CUDAMemory, into values: View<Float>) {
    precondition(memory.count == values.count, "\(memory.count) numbers into \(values.count)")
    carryOut { () throws(CUDAError) in try takeaway.fetch(memory, into: values) }
  }

  public func host(_ memory: CUDAMemory) -> View<Float>? { nil }

  public var memoryTaken: Int { device.memory - device.freeMemory }

  public func round(_ wide: CUDAMemory, into memory: CUDAMemory) {
    precondition(
      wide.format == .f32 && memory.format == .bf16 && wide.count == memory.count,
      "\(wide.count) numbers into \(memory.count)")
    carryOut { () throws(CUDAError) in try round(wide.address, to: memory) }
  }
}
