/// A backend whose operations are noted, one by one, while its log is on.
///
/// It computes what the engine computes, in the engine's own memory. While the log is on, passes are
/// carried out operation by operation: a recording of a pass would be one operation.
///
/// On a device, an operation lasts from when the device comes to it to when it is done with it: where
/// the host is late with the operation itself, that counts as the operation's time, and where it is
/// late between operations, as a gap. Marks take time as well, which counts as gaps.
public struct Profiled<Engine: TimedBackend>: TimedBackend {
  public typealias Memory = Engine.Memory
  public typealias Angles = Engine.Angles
  public typealias Mark = Engine.Mark

  public let engine: Engine
  public let log: ProfileLog<Engine>

  public init(_ log: ProfileLog<Engine>) {
    engine = log.engine
    self.log = log
  }

  public static var sumPlaces: Int { Engine.sumPlaces }
  public static var logitCount: Int { Engine.logitCount }
  public static var roundsParameters: Bool { Engine.roundsParameters }
  public static var elementBytes: Int { Engine.elementBytes }

  public static func scratchBytes(_ shape: AttentionShape, positions: Int) -> Int {
    Engine.scratchBytes(shape, positions: positions)
  }

  public static func softmaxParts(T: Int) -> Int { Engine.softmaxParts(T: T) }

  public static func rmsNormScratch(T: Int, C: Int) -> Int { Engine.rmsNormScratch(T: T, C: C) }

  public func perform<Failure: Error>(
    _ name: PassName?, _ pass: () throws(Failure) -> Void
  ) throws(Failure) {
    if log.isOn { try pass() } else { try engine.perform(name, pass) }
  }

  // MARK: What is not noted

  public func allocate(_ count: Int) -> Memory { engine.allocate(count) }
  public func allocateWide(_ count: Int) -> Memory { engine.allocateWide(count) }

  public func angles(positions: Int, headDim: Int, theta: Double) -> Angles {
    engine.angles(positions: positions, headDim: headDim, theta: theta)
  }

  public func settle() { engine.settle() }
  public func synchronise() { engine.synchronise() }
  public func host(_ memory: Memory) -> View<Float>? { engine.host(memory) }
  public var memoryTaken: Int { engine.memoryTaken }

  /// Not noted: another thread may call it.
  public func store(_ memory: Memory, into values: View<Float>) {
    engine.store(memory, into: values)
  }

  public func mark() -> Mark { engine.mark() }

  public func seconds(from earlier: Mark, to later: Mark) -> Double {
    engine.seconds(from: earlier, to: later)
  }

  public func setNoise(_ memory: Memory, deviation: Double, seed: UInt64, stream: UInt64) {
    engine.setNoise(memory, deviation: deviation, seed: seed, stream: stream)
  }
}
