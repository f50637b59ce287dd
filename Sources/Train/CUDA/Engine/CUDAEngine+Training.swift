public import Compute

extension CUDAEngine: TrainingBackend {
  public static var roundsParameters: Bool { true }
  public static var elementBytes: Int { 2 }

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

extension CUDAEngine {
  public static func scratchBytes(_ shape: AttentionShape, positions: Int) -> Int {
    scratchBytes(shape, positions: positions, isDeterministic: false)
  }

  /// Bytes of a device that an engine takes besides the memory it is asked for, at most.
  ///
  /// - Parameters:
  ///   - shape: Of the largest attention.
  ///   - positions: Of the angles.
  ///   - isDeterministic: As for `init`.
  /// - Returns: Staging, the libraries' rooms, attention's room, and what the driver and the libraries
  ///   themselves take, which is known by experience alone.
  public static func scratchBytes(
    _ shape: AttentionShape, positions: Int, isDeterministic: Bool
  ) -> Int {
    let rows = shape.B * shape.N * shape.Q
    let wide = isDeterministic ? 0 : 4 * rows * shape.D
    let ordered = isDeterministic ? 2 * rows * shape.K : 0
    // Heads that share keys have their gradients stored before they are summed.
    let perHead = shape.N == shape.M ? 0 : 4 * shape.B * shape.N * shape.K * shape.D
    return stagingBytes + PassInputs.bytes + 8 * mostSums + Multiplier.workspaceBytes
      + 4 * positions * shape.D + 4 * rows + wide + ordered + perHead + driverBytes
  }

  /// Contexts, modules and handles of the driver, cuBLASLt and cuDNN, and NCCL's buffers: chosen.
  package static let driverBytes = 2 << 30
}
