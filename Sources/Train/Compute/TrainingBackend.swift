/// A backend that models are trained on: memory that keeps f32, and copies from and to the host.
public protocol TrainingBackend: Backend {
  /// True where parameters are rounded for the passes, so that AdamW keeps them in f32 as well.
  static var roundsParameters: Bool { get }

  /// Bytes of an element of `allocate`.
  static var elementBytes: Int { get }

  /// Copies from the host, rounded to what the memory keeps; done when it returns.
  func load(_ values: View<Float>, into memory: Memory)

  /// Copies to the host, widened to f32; done when it returns.
  func store(_ memory: Memory, into values: View<Float>)
}

extension Processor: TrainingBackend where Scalar == Float {
  public static var roundsParameters: Bool { false }
  public static var elementBytes: Int { 4 }

  public func load(_ values: View<Float>, into memory: View<Float>) { copy(values, to: memory) }

  public func store(_ memory: View<Float>, into values: View<Float>) { copy(memory, to: values) }
}
