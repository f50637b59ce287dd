import Ground

/// In which order a trainer sees its sequences: pass after pass, each in a shuffle of its own.
///
/// The only state of a run is one number, the global sample index; it does not know how many ranks
/// share the work, so any number of them sees the same sequences.
public struct SequenceOrder: Hashable, Sendable {
  /// Sequences in one pass over the data.
  public let count: Int
  public let seed: UInt64

  /// - Precondition: `count` is positive.
  public init(count: Int, seed: UInt64) {
    precondition(count > 0, "an order of \(count) sequences")
    self.count = count
    self.seed = seed
  }

  /// Which pass over the data a sample belongs to, from 0.
  public func pass(ofSample sample: Int) -> Int { sample / count }

  /// The number of the sequence that sample `sample` is.
  ///
  /// - Precondition: `sample` is not negative.
  /// - Complexity: O(1).
  public subscript(sample: Int) -> Int {
    precondition(sample >= 0, "sample \(sample)")
    let pass = UInt64(sample / count)
    return Permutation(count: count, key: scatter(seed ^ scatter(pass &+ 1)))[sample % count]
  }
}
