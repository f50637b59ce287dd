internal import Ground

/// A backend that models are trained on: memory that keeps f32, and copies from and to the host.
public protocol TrainingBackend: Backend {
  /// True where parameters are rounded for the passes, so that AdamW keeps them in f32 as well.
  static var roundsParameters: Bool { get }

  /// Bytes of an element of `allocate`.
  static var elementBytes: Int { get }

  /// Bytes that an engine takes besides the memory it is asked for, at most.
  ///
  /// - Parameters:
  ///   - shape: Of the largest attention.
  ///   - positions: Of the angles.
  /// - Returns: Bytes of a device or, on the CPU, of one thread.
  static func scratchBytes(_ shape: AttentionShape, positions: Int) -> Int

  /// Copies from the host, rounded to what the memory keeps; done when it returns.
  func load(_ values: View<Float>, into memory: Memory)

  /// Copies to the host, widened to f32; done when it returns.
  ///
  /// Another thread may call it, one at a time, while passes go on that do not write the memory.
  func store(_ memory: Memory, into values: View<Float>)

  /// The memory itself, where it is the host's; nil on a device.
  func host(_ memory: Memory) -> View<Float>?

  /// Copies f32 into memory of the passes, rounded to the nearest.
  func round(_ wide: Memory, into memory: Memory)

  /// Bytes that are taken where it computes: the most that the process had, or what is taken of the
  /// device now.
  var memoryTaken: Int { get }

  /// Waits until all operations are done.
  func synchronise()
}

extension Processor: TrainingBackend where Scalar == Float {
  public static var roundsParameters: Bool { false }
  public static var elementBytes: Int { 4 }

  public static func scratchBytes(_ shape: AttentionShape, positions: Int) -> Int {
    let count = AttentionShape.scratchCount(K: shape.K, D: shape.D)
    return Processor(workers: WorkerPool(threads: 1), ownCount: count).bytes
      + 4 * positions * shape.D
  }

  public func load(_ values: View<Float>, into memory: View<Float>) { copy(values, to: memory) }

  public func store(_ memory: View<Float>, into values: View<Float>) { copy(memory, to: values) }

  public func host(_ memory: View<Float>) -> View<Float>? { memory }

  public func round(_ wide: View<Float>, into memory: View<Float>) { copy(wide, to: memory) }

  public var memoryTaken: Int { mostResidentMemory() }

  public func synchronise() {}
}
