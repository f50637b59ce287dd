/// A training backend that is measured: it says when operations were carried out.
public protocol TimedBackend: TrainingBackend {
  /// A point between two operations.
  associatedtype Mark: Sendable

  /// The point behind all operations so far; waits for none of them.
  func mark() -> Mark

  /// The time between two points; waits until the later is reached.
  func seconds(from earlier: Mark, to later: Mark) -> Double

  /// Random numbers of mean 0, made where the memory lies: the same on every run.
  ///
  /// - Parameters:
  ///   - memory: Receives them.
  ///   - deviation: Of the numbers.
  ///   - seed: Of them all.
  ///   - stream: Of this memory: those of a seed are independent.
  func setNoise(_ memory: Memory, deviation: Double, seed: UInt64, stream: UInt64)
}

extension Processor: TimedBackend where Scalar == Float {
  public typealias Mark = ContinuousClock.Instant

  public func mark() -> ContinuousClock.Instant { .now }

  public func seconds(
    from earlier: ContinuousClock.Instant, to later: ContinuousClock.Instant
  ) -> Double { (later - earlier) / .seconds(1) }

  /// Normal, as `Gaussian` has them.
  public func setNoise(_ memory: View<Float>, deviation: Double, seed: UInt64, stream: UInt64) {
    let gaussian = Gaussian(seed: seed, stream: stream)
    forBlocks(of: memory.count, by: 1 << 16) { first, count in
      for index in first..<first + count { memory[index] = Float(gaussian[index] * deviation) }
    }
  }
}
